import { describe, expect, test } from 'vitest';
import { createFleet } from '../../src/engine/fleet.ts';
import { type Host, namedHost } from '../../src/model/host.ts';
import { ok } from '../../src/model/reading.ts';
import type { Finding, Severity } from '../../src/model/rule.ts';
import type { HostResult, Profile } from '../../src/model/run.ts';
import type { Destination, Snapshot } from '../../src/model/snapshot.ts';
import { exampleFacts } from '../../src/rules/example.ts';
import { failed, result } from '../report/results.ts';

const at = { file: 'inventory.yaml', line: 1, column: 1 };
const host = (name: string, change: Partial<Host> = {}): Host => ({
  ...namedHost(name, at),
  groups: ['web'],
  ...change,
});
const snapshot = (settings: Record<string, string>, change: Partial<Snapshot> = {}): Snapshot => ({
  ...exampleFacts({ settings, boot: {} }).snapshot,
  ...change,
});
const finding = (rule: string, severity: Severity, state: string, change: Partial<Finding> = {}): Finding => ({
  rule,
  severity,
  state,
  title: rule,
  because: '',
  confidence: 'high',
  evidence: [],
  remedy: null,
  waived: null,
  ...change,
});

interface Answer {
  readonly host: Host;
  readonly result: HostResult;
  readonly snapshot?: Snapshot;
}

interface Circumstances {
  readonly profile?: Profile;
  readonly isWaived?: (rule: string, host: Host) => boolean;
}

function fleetOf(answers: readonly Answer[], { profile = 'audit', isWaived = () => false }: Circumstances = {}) {
  const fleet = createFleet({ hosts: answers.map(answer => answer.host), profile, isWaived });
  for (const answer of answers) fleet.add(answer.result, answer.snapshot ?? null);
  return fleet.result();
}

describe('services', () => {
  const api = { services: [{ name: 'api', port: 8080 }], clients: ['vpc-egress'] };

  test('one host that drops SYNs, or will, makes its service not ready, and is named', () => {
    const { services } = fleetOf([
      { host: host('web1', api), result: result('web1') },
      { host: host('web2', api), result: result('web2', { findings: [finding('tw-recycle', 'high', 'latent')] }) },
      { host: host('web3', api), result: failed('web3', 'unreachable') },
    ]);
    expect(services).toMatchObject([
      { name: 'api', port: 8080, hosts: 3, ready: false, blockers: ['web2'], unknown: ['web3'] },
    ]);
    expect(services[0]?.because).toBe(
      '1 of 3 hosts drop, or will drop, SYNs of clients from vpc-egress: tw-recycle · latent (1). Of 1 it is not known.',
    );
  });

  test.each([
    ['all hosts are fine', result('web1'), true],
    [
      'what is only hygiene does not block',
      result('web1', { findings: [finding('tw-recycle', 'medium', 'latent')] }),
      true,
    ],
    [
      'a waived finding does not block',
      result('web1', {
        findings: [finding('tw-recycle', 'high', 'latent', { waived: { reason: 'x', expires: '2030-01-01' } })],
      }),
      true,
    ],
    ['a host that was not audited is not ready, nor unready', failed('web1', 'timed-out'), null],
    [
      'a host whose recycle could not be judged, too',
      result('web1', { verdicts: { 'tw-recycle': 'notchecked' } }),
      null,
    ],
  ] as const)('%s', (_, answer, ready) => {
    expect(fleetOf([{ host: host('web1', api), result: answer }]).services).toMatchObject([{ ready }]);
  });
});

describe('cohorts', () => {
  test('hosts of equal settings are one, the largest first, the others with what sets them apart', () => {
    const usual = snapshot({ 'net.core.somaxconn': '4096', 'net.ipv4.tcp_timestamps': '1' });
    const odd = snapshot({ 'net.core.somaxconn': '128', 'net.ipv4.tcp_timestamps': '1' });
    const { cohorts } = fleetOf([
      { host: host('a'), result: result('a'), snapshot: odd },
      { host: host('b'), result: result('b'), snapshot: usual },
      { host: host('c'), result: result('c'), snapshot: { ...usual, settings: new Map(usual.settings) } },
    ]);
    expect(cohorts.map(({ hosts }) => hosts)).toEqual([['b', 'c'], ['a']]);
    expect(cohorts[1]).toMatchObject({
      label: 'Debian GNU/Linux 12, no recycle ts=1',
      settings: { 'net.core.somaxconn': '128' },
    });
    expect(cohorts[0]?.id).toMatch(/^c[0-9a-f]{8}$/);
  });
});

test('a host of an earlier part of the run counts by what its result shows', () => {
  const usual = snapshot({ 'net.core.somaxconn': '4096', 'net.ipv4.tcp_syncookies': '1' });
  const visited = [...'abcd'].map(name => ({
    host: host(name),
    result: result(name, { cohort: 'c1' }),
    snapshot: usual,
  }));
  const boot = { value: '128', file: '/etc/sysctl.conf', line: 3 };
  const earlier = result('old', { cohort: 'c00000001', settings: { 'net.core.somaxconn': { value: '128', boot } } });
  const { cohorts, findings } = fleetOf([{ host: host('old'), result: earlier }, ...visited]);
  expect(cohorts.map(({ hosts }) => hosts)).toEqual([['a', 'b', 'c', 'd'], ['old']]);
  expect(findings[0]?.because).toContain('On old: net.core.somaxconn is 128 (/etc/sysctl.conf:3)');
});

describe('findings of the fleet', () => {
  const usual = () => snapshot({ 'net.core.somaxconn': '4096' });
  const answers = [...'abcde'].map(name => ({ host: host(name), result: result(name), snapshot: usual() }));
  const odd = { host: host('odd'), result: result('odd'), snapshot: snapshot({ 'net.core.somaxconn': '128' }) };

  test('name the hosts that drift', () => {
    expect(fleetOf([...answers, odd]).findings).toMatchObject([
      { rule: 'config-drift', hosts: ['odd'], waivedHosts: [] },
    ]);
  });

  test('a waiver takes its hosts out, and they stay visible', () => {
    const isWaived = (rule: string, { name }: Host) => rule === 'config-drift' && name === 'odd';
    expect(fleetOf([...answers, odd], { isWaived }).findings).toMatchObject([{ hosts: [], waivedHosts: ['odd'] }]);
  });
});

describe('source ports behind a NAT gateway', () => {
  const client = (name: string, destinations: readonly Destination[]): Answer => ({
    host: host(name),
    result: result(name),
    snapshot: snapshot(
      { 'net.ipv4.tcp_keepalive_time': '7200' },
      { sockets: ok({ states: {}, listeners: [], halfOpen: [], peers: [], rest: [], destinations }) },
    ),
  });
  const idle = { 240: 30, 350: 20, 1200: 0 };
  const database = { address: '10.2.0.5', port: 5432, connections: 30_000, timeWait: 10_000, idle };
  const local = { address: '127.0.0.1', port: 6379, connections: 60_000, timeWait: 0 };

  test('are summed over the group, per destination, and give the addresses that each gateway needs', () => {
    const fleet = fleetOf([client('web1', [database, local]), client('web2', [database])], { profile: 'readiness' });
    expect(fleet.gateways).toMatchObject([{ group: 'web', hosts: 2, destination: '10.2.0.5:5432', ports: 60_000 }]);
    // AWS: 60,000 of 55,000 each; Azure keeps a closed port for 65 s: 40,000 + 21,667; Google 120 s: 40,000 + 40,000
    expect(fleet.gateways[0]?.gateways.map(({ addresses, atRisk }) => [addresses, atRisk])).toEqual([
      [2, 40],
      [2, 60],
      [2, 0],
    ]);
    expect(fleet.gateways[0]?.because).toContain('net.ipv4.tcp_keepalive_time is up to 7200 s on 2 hosts');
  });

  test('idle connections are unknown as soon as they are of one host', () => {
    const { idle: _, ...unasked } = database;
    const fleet = fleetOf([client('web1', [database]), client('web2', [unasked])], { profile: 'readiness' });
    expect(fleet.gateways[0]?.gateways.map(({ atRisk }) => atRisk)).toEqual([null, null, null]);
  });

  test('are not asked for in profile audit', () => {
    expect(fleetOf([client('web1', [database])]).gateways).toEqual([]);
  });

  test('a group that connects to nothing but itself needs none', () => {
    expect(fleetOf([client('web1', [local])], { profile: 'readiness' }).gateways).toEqual([]);
  });
});
