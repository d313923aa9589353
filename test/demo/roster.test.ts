import { describe, expect, test } from 'vitest';
import { collectorScript } from '../../src/collect/script.ts';
import { acceptedScript } from '../../src/demo/accepted-script.ts';
import { defaultHosts, roster } from '../../src/demo/roster.ts';
import fc from '../fast-check.ts';

describe('roster', () => {
  test('has as many hosts as asked for, each with a name of its own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.boolean(), fc.boolean(), (hosts, hasBusybox, isFaulty) => {
        const fleet = roster({ hosts, hasBusybox, isFaulty });
        expect(fleet).toHaveLength(hosts);
        expect(new Set(fleet.map(host => host.name)).size).toBe(hosts);
        expect(fleet.map(host => host.number)).toEqual([...fleet.keys()]);
        if (!hasBusybox) expect(fleet.some(host => host.machine === 'busybox')).toBe(false);
        if (!isFaulty) expect(fleet.every(host => host.conduct === 'answers')).toBe(true);
      }),
    );
  });

  test.each([16, defaultHosts, 1000, 10_000])('%i hosts are of every kind, one of each fault', hosts => {
    const fleet = roster({ hosts, hasBusybox: true, isFaulty: true });
    expect(new Set(fleet.map(host => host.machine)).size).toBe(12);
    for (const conduct of ['unreachable', 'changed-key', 'silent']) {
      expect(fleet.filter(host => host.conduct === conduct)).toHaveLength(1);
    }
  });

  test('the default fleet fits a screen', () => {
    expect(defaultHosts).toBeGreaterThanOrEqual(24);
    expect(defaultHosts).toBeLessThanOrEqual(50);
  });
});

describe('acceptedScript', () => {
  const boundary = 'ab'.repeat(16);
  const collector = collectorScript({ boundary: '0'.repeat(32), intervalSeconds: 0, sockets: 'bounded' });

  test.each([
    { boundary, intervalSeconds: 0, sockets: 'bounded' },
    { boundary: boundary.repeat(2), intervalSeconds: 2, sockets: 'all' },
    { boundary, intervalSeconds: 86_400, sockets: 'bounded' },
  ] as const)('reads the options of $intervalSeconds s, $sockets', options => {
    expect(acceptedScript(collectorScript(options), collector)).toEqual(options);
  });

  test('refuses the collector with any one character changed, but for the values of its parameters', () => {
    const at = fc.integer({ min: 0, max: collector.length - 1 });
    fc.assert(
      fc.property(at, fc.string({ minLength: 1, maxLength: 1 }), (index, character) => {
        const text = collector.slice(0, index) + character + collector.slice(index + 1);
        fc.pre(text !== collector);
        const options = acceptedScript(text, collector);
        // Whatever passes is a text that collectorScript writes: with the options that were read it comes out again.
        if (options !== undefined) expect(collectorScript(options)).toBe(text);
      }),
      { numRuns: 3000 },
    );
  });

  test('the line of parameters may not move', () => {
    const [comment = '', parameters = '', ...rest] = collector.split('\n');
    const empty = rest.indexOf('', 1);
    expect(empty).toBeGreaterThan(0);
    const moved = [comment, '', ...rest.slice(0, empty), parameters, ...rest.slice(empty + 1)].join('\n');
    expect(acceptedScript(moved, collector)).toBeUndefined();
  });
});
