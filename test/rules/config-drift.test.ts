import { describe, expect, test } from 'vitest';
import { configDrift } from '../../src/rules/config-drift.ts';
import type { FleetHost } from '../../src/rules/fleet-rule.ts';
import fc from '../fast-check.ts';

const somaxconn = 'net.core.somaxconn';
const host = (name: string, settings: Record<string, string>, change: Partial<FleetHost> = {}): FleetHost => ({
  name,
  groups: ['web'],
  kernel: '5.14',
  settings: new Map(Object.entries(settings)),
  origins: {},
  ...change,
});
const pool = (count: number, settings: Record<string, string>, change: Partial<FleetHost> = {}): FleetHost[] =>
  Array.from({ length: count }, (_, i) => host(`web${i + 1}`, settings, change));

describe('a host that differs from its group', () => {
  test('is named with its value, that of the others, and where both come from', () => {
    const file = { origins: { [somaxconn]: '/etc/sysctl.d/30-pool.conf:4' } };
    const odd = host('web9', { [somaxconn]: '128' }, { origins: { [somaxconn]: '/etc/sysctl.conf:17' } });
    const [found, ...more] = configDrift.judgeFleet([...pool(8, { [somaxconn]: '4096' }, file), odd]);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ severity: 'low', state: 'minority', hosts: ['web9'] });
    expect(found?.because).toBe(
      'On web9: net.core.somaxconn is 128 (/etc/sysctl.conf:17), 4096 on 8 other hosts of web (/etc/sysctl.d/30-pool.conf:4).',
    );
    expect(found?.evidence).toEqual([
      { source: 'proc/sys/net/core/somaxconn', field: somaxconn, value: '128', host: 'web9' },
    ]);
  });

  test('that differs in two settings is one finding', () => {
    const usual = { [somaxconn]: '4096', 'net.ipv4.tcp_syncookies': '1' };
    const found = configDrift.judgeFleet([
      ...pool(5, usual),
      host('web9', { [somaxconn]: '128', 'net.ipv4.tcp_syncookies': '0' }),
    ]);
    expect(found).toHaveLength(1);
    expect(found[0]?.because).toContain('net.ipv4.tcp_syncookies is 0');
    expect(found[0]?.because).toContain('net.core.somaxconn is 128 (set by no file)');
  });

  test('in several groups drifts once', () => {
    const both = { groups: ['web', 'all'] };
    const found = configDrift.judgeFleet([
      ...pool(5, { [somaxconn]: '4096' }, both),
      host('web9', { [somaxconn]: '128' }, both),
    ]);
    expect(found).toHaveLength(1);
  });

  test.each([
    ['too few hosts', [...pool(2, { [somaxconn]: '4096' }), host('web9', { [somaxconn]: '128' })]],
    ['no majority', [...pool(4, { [somaxconn]: '4096' }), ...pool(3, { [somaxconn]: '128' })]],
    ['another group', [...pool(8, { [somaxconn]: '4096' }), host('db1', { [somaxconn]: '128' }, { groups: ['db'] })]],
    ['a key that its kernel does not have', [...pool(8, { [somaxconn]: '4096' }), host('web9', {})]],
    [
      'another kernel with another default',
      [...pool(8, { [somaxconn]: '4096' }), host('web9', { [somaxconn]: '128' }, { kernel: '3.10' })],
    ],
  ])('is none: %s', (_, hosts) => {
    expect(configDrift.judgeFleet(hosts)).toEqual([]);
  });

  test('of another kernel drifts where a file of its own sets the key', () => {
    const odd = host(
      'web9',
      { [somaxconn]: '128' },
      { kernel: '3.10', origins: { [somaxconn]: '/etc/sysctl.conf:1' } },
    );
    expect(configDrift.judgeFleet([...pool(8, { [somaxconn]: '4096' }), odd])).toHaveLength(1);
  });
});

describe('advice that contradicts itself', () => {
  const recycle = (value: string, timestamps: string) => ({
    'net.ipv4.tcp_tw_recycle': value,
    'net.ipv4.tcp_timestamps': timestamps,
  });

  test('recycle on here, timestamps off there', () => {
    const found = configDrift.judgeFleet([host('a1', recycle('1', '1')), host('b1', recycle('0', '0'))]);
    expect(found).toMatchObject([{ state: 'contradiction', severity: 'medium', hosts: ['a1', 'b1'] }]);
    expect(found[0]?.because).toContain('tcp_tw_recycle=0, tcp_timestamps=1');
  });

  test.each([
    ['both on the same host only', [host('a1', recycle('1', '0')), host('b1', recycle('0', '1'))]],
    ['one of them only', [host('a1', recycle('1', '1')), host('b1', recycle('0', '1'))]],
  ])('is none: %s', (_, hosts) => {
    expect(configDrift.judgeFleet(hosts)).toEqual([]);
  });
});

test('names only hosts that it was given, and never throws', () => {
  const arbitrary = fc.record({
    name: fc.string(),
    groups: fc.array(fc.constantFrom('web', 'db', ''), { maxLength: 2 }),
    kernel: fc.option(fc.constantFrom('3.10', '6.1')),
    settings: fc
      .dictionary(
        fc.constantFrom(somaxconn, 'net.ipv4.tcp_tw_recycle', 'net.ipv4.tcp_timestamps'),
        fc.oneof(fc.constantFrom('0', '1'), fc.string()),
      )
      .map(entries => new Map(Object.entries(entries))),
    origins: fc.dictionary(fc.constantFrom(somaxconn), fc.string()),
  });
  fc.assert(
    fc.property(fc.array(arbitrary, { maxLength: 12 }), hosts => {
      const names = hosts.map(({ name }) => name);
      for (const { hosts: found, evidence, because } of configDrift.judgeFleet(hosts)) {
        expect(found.length).toBeGreaterThan(0);
        for (const name of found) expect(names).toContain(name);
        expect(evidence.length).toBeGreaterThan(0);
        expect(because).not.toMatch(/undefined|NaN/);
      }
    }),
  );
});
