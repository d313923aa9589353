import { expect, test } from 'vitest';
import { createEvaluate, type EvaluationContext } from '../../src/engine/evaluate.ts';
import { createTally } from '../../src/engine/summary.ts';
import type { Waiver } from '../../src/model/host.ts';
import type { HostResult } from '../../src/model/run.ts';
import { rules } from '../../src/rules/index.ts';
import { type HostParts, type Inside, outputWith } from '../collect/namespace-output.ts';
import { came, host } from './planned.ts';

const context: EvaluationContext = {
  profile: 'audit',
  nat: [],
  waivers: [],
  today: '2026-11-22',
  matchesHost: () => true,
  earlierRunOf: () => null,
};

function resultOf(parts: HostParts, change: Partial<EvaluationContext> = {}, rules = {}): HostResult {
  const visited = { host: { ...host('web1'), rules }, address: 'web1', visit: came(outputWith(parts)) };
  return createEvaluate({ ...context, ...change })(visited).result;
}

const overflowing = [
  { ListenOverflows: 10, ListenDrops: 10, PAWSPassive: 0 },
  { ListenOverflows: 16, ListenDrops: 16, PAWSPassive: 0 },
] as const;

const still = [
  { ListenOverflows: 0, ListenDrops: 0, PAWSPassive: 0 },
  { ListenOverflows: 0, ListenDrops: 0, PAWSPassive: 0 },
] as const;

const nginx: Inside = {
  id: '4026532281',
  pid: 4711,
  name: 'nginx',
  cgroup: `0::/docker/${'0a1b2c3d4e5f'.padEnd(64, '0')}`,
  counters: overflowing,
  settings: { 'net/core/somaxconn': '128' },
  sockets: ['L 00000000 01BB 00000081', 'S 129 128 0.0.0.0:443'],
};

const found = (result: HostResult, rule: string) =>
  result.namespaces.flatMap(({ findings }) => findings).filter(finding => finding.rule === rule);

test('what happens in a container is judged there, and leads where the host itself has nothing', () => {
  const result = resultOf({ inside: [nginx], counters: still, settings: { 'net/core/somaxconn': '4096' } });
  expect(result).toMatchObject({ primary: 'accept-queue-overflow', findings: [], notes: [] });
  const [finding] = found(result, 'accept-queue-overflow');
  expect(finding).toMatchObject({ state: 'active', severity: 'high', waived: null });
  expect(finding?.because).toContain('Full now: :443 (129 connections, limit 128).');
  expect(finding?.because).toMatch(/Seen in the network namespace of nginx\[4711\], container 0a1b2c3d4e5f\.$/);
  // a host's counters begin at boot, a container's with the container
  expect(finding?.because).toContain('16 since the namespace began');
  expect(finding?.because).not.toContain('since boot');
  expect(result.namespaces[0]).toMatchObject({
    id: '4026532281',
    owner: 'nginx[4711]',
    container: '0a1b2c3d4e5f',
    verdicts: { 'accept-queue-overflow': 'fail' },
  });
  // its own rates, and those of the host
  const fields = [result.namespaces[0]?.rates, result.rates].map(rates => rates?.['TcpExt.ListenOverflows']);
  expect(fields).toEqual([expect.closeTo(3, 1), 0]);
  // nothing is quiet where a container drops SYNs
  expect(result.quiet).toBeNull();
});

test('the remedy says where a setting of a container is made, and leaves what is to be set alone', () => {
  const [finding] = found(resultOf({ inside: [nginx], counters: still }), 'accept-queue-overflow');
  expect(finding?.remedy?.set).toEqual({ 'net.core.somaxconn': '4096' });
  expect(finding?.remedy?.summary).toContain('docker run --sysctl');
  const mounted = { ...nginx, pid: null, name: 'blue' };
  const [inside] = found(resultOf({ inside: [mounted], counters: still }), 'accept-queue-overflow');
  expect(inside?.remedy?.summary).toContain('ip netns exec blue sysctl -w');
  expect(inside?.because).toContain('Seen in the network namespace of netns blue.');
});

test('the host leads with its own cause, whatever its containers have', () => {
  const recycling = { 'net/ipv4/tcp_tw_recycle': '1', 'net/ipv4/tcp_timestamps': '1' };
  const firing = [
    { PAWSPassive: 5, ListenDrops: 5, ListenOverflows: 0 },
    { PAWSPassive: 9, ListenDrops: 9, ListenOverflows: 0 },
  ] as const;
  expect(resultOf({ inside: [nginx], counters: firing, settings: recycling }).primary).toBe('tw-recycle');
});

test('a setting that the kernel has once is one finding of the host, unless it dropped something in the container', () => {
  const settings = { 'net/ipv4/tcp_tw_recycle': '1', 'net/ipv4/tcp_timestamps': '1', 'net/core/somaxconn': '128' };
  const idle: Inside = { ...nginx, counters: still };
  const latent = resultOf({ inside: [idle], counters: still, settings });
  expect(latent.findings.map(({ rule, state }) => `${rule} ${state}`)).toContain('tw-recycle latent');
  expect(found(latent, 'tw-recycle')).toEqual([]);
  expect(latent.namespaces[0]?.verdicts['tw-recycle']).toBe('notapplicable');

  const dropping: Inside = {
    ...idle,
    counters: [
      { ...still[0], PAWSPassive: 5 },
      { ...still[1], PAWSPassive: 9 },
    ],
  };
  const fires = resultOf({ inside: [dropping], counters: still, settings });
  expect(found(fires, 'tw-recycle')).toMatchObject([{ state: 'firing', severity: 'critical' }]);
  expect(found(fires, 'tw-recycle')[0]?.remedy?.summary).toMatch(/the setting only once: it is made on the host\.$/);
  expect(fires.primary).toBe('tw-recycle');
});

test('a setting of its own is judged, however the host is set', () => {
  const own = { 'net/ipv4/tcp_tw_recycle': '1', 'net/ipv4/tcp_timestamps': '1' };
  const result = resultOf({
    inside: [{ ...nginx, counters: still, settings: own }],
    counters: still,
    settings: { 'net/ipv4/tcp_tw_recycle': '0', 'net/ipv4/tcp_timestamps': '1' },
  });
  expect(result.verdicts['tw-recycle']).toBe('pass');
  expect(found(result, 'tw-recycle')).toMatchObject([{ state: 'latent' }]);
});

test('a setting that could not be read is no pass', () => {
  const { settings: _, ...outside } = nginx;
  const result = resultOf({
    inside: [{ ...outside, counters: still }],
    counters: still,
    settings: { 'net/ipv4/tcp_tw_recycle': '1', 'net/ipv4/tcp_timestamps': '1' },
  });
  expect(result.namespaces[0]?.verdicts['tw-recycle']).toBe('notchecked');
  expect(result.namespaces[0]?.notChecked['tw-recycle']).toContain('not permitted');
  expect(result.notes).toEqual([
    'not all was seen of other network namespaces: their settings were not read (that takes root)',
  ]);
});

test('rules about the whole machine are asked once', () => {
  const result = resultOf({ inside: [nginx], counters: still });
  const once = rules.filter(({ wholeMachine }) => wholeMachine).map(({ id }) => id);
  expect(once).toContain('tw-recycle-persisted');
  expect(Object.keys(result.verdicts)).toEqual(rules.map(({ id }) => id));
  expect(Object.keys(result.namespaces[0]?.verdicts ?? {})).toEqual(
    rules.map(({ id }) => id).filter(id => !once.includes(id)),
  );
});

test('waivers and parameters of the host hold in its containers; an expired waiver is told once', () => {
  const waiver = (expires: string): Waiver => ({
    rule: 'accept-queue-overflow',
    hosts: '*',
    reason: 'known',
    expires,
    location: { file: 'inventory.yaml', line: 9, column: 3 },
  });
  const both = { inside: [nginx, { ...nginx, id: '77', pid: 5000 }], counters: still } as const;
  const waived = resultOf(both, { waivers: [waiver('2027-01-01')] });
  expect(found(waived, 'accept-queue-overflow').map(finding => finding.waived?.reason)).toEqual(['known', 'known']);
  expect(waived.primary).toBeNull();
  expect(resultOf(both, { waivers: [waiver('2026-01-01')] }).notes).toHaveLength(1);

  const past: Inside = { ...nginx, counters: [overflowing[1], overflowing[1]] };
  expect(found(resultOf({ inside: [past], counters: still }), 'accept-queue-overflow')).toMatchObject([
    { state: 'past' },
  ]);
  const patient = { 'accept-queue-overflow': { perHour: 10_000 } };
  expect(found(resultOf({ inside: [past], counters: still }, {}, patient), 'accept-queue-overflow')).toEqual([]);
});

test('findings of containers count: in the summary, and for the exit code', () => {
  const tally = createTally();
  tally.add(resultOf({ inside: [nginx], counters: still }));
  const summary = tally.summary(
    { failOn: 'high', allowIncomplete: false },
    { interrupted: false, internalError: false },
  );
  expect(summary.findings.high).toBe(1);
  expect(summary.exitCode).toBe(1);
});

test('of several containers the one that drops SYNs now leads', () => {
  const past: Inside = { ...nginx, id: '1', pid: 100, counters: [{ PAWSPassive: 9 }, { PAWSPassive: 9 }] };
  expect(resultOf({ inside: [past], counters: still }).primary).toBe('tw-recycle');
  expect(resultOf({ inside: [past, nginx], counters: still }).primary).toBe('accept-queue-overflow');
});
