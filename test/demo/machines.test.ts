import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collectorScript } from '../../src/collect/script.ts';
import { liveTree } from '../../src/demo/live-tree.ts';
import { type MachineName, machines } from '../../src/demo/machines.ts';
import { busyboxShell, findBusybox, runShell, type Shell, systemShell } from '../../src/demo/shell.ts';
import { createEvaluate } from '../../src/engine/evaluate.ts';
import { type Host, type NatRange, namedHost } from '../../src/model/host.ts';
import type { HostResult } from '../../src/model/run.ts';
import type { Visit } from '../../src/model/visit.ts';

/** What each machine is there to show: state and severity per rule that finds something. */
const expected: Record<MachineName, readonly string[]> = {
  firing: ['tw-recycle firing critical'],
  fired: ['tw-recycle fired critical'],
  firingWithoutNat: ['tw-recycle firing critical'],
  exposed: ['tw-recycle exposed critical'],
  latent: ['tw-recycle latent medium'],
  inert: ['tw-recycle inert low', 'timestamps-off hides-recycle low'],
  fixedUntilReboot: ['tw-recycle-persisted at-reboot high'],
  debian12: [],
  overflowing: ['accept-queue-overflow active high'],
  rhel9: [],
  ubuntu2204: [],
  busybox: [],
};

const names = Object.keys(expected).filter((name): name is MachineName => name in machines);
const boundary = '00112233445566778899aabbccddeeff';
const vpcEgress: NatRange = { name: 'vpc-egress', cidrs: ['10.8.0.0/16'], status: 'active' };
// The range is declared, and no group names it: what is shared must come from the sockets.
const host = (name: string): Host => namedHost(name, { file: 'test', line: 1, column: 1 });

const evaluate = createEvaluate({
  profile: 'audit',
  nat: [vpcEgress],
  waivers: [],
  today: '2026-11-22',
  matchesHost: () => false,
  earlierRunOf: () => null,
  boundary,
});

let directory: string;
let busybox: Shell | undefined;
const results = new Map<string, HostResult>();

/** One machine, visited as a session of the demo does it, without the SSH between. */
async function visit(name: MachineName, number: number): Promise<void> {
  const kind = machines[name];
  const began = performance.now();
  const machine = { kind, number, bootId: '6f1c1b52-0d9b-4f0a-9a55-3f2f5a1f0c11', hostname: 'web01' };
  const tree = await liveTree(machine, join(directory, name), () => (performance.now() - began) / 1000);
  const leave = await tree.open();
  const chunks: Buffer[] = [];
  const exitCode = await new Promise<number | null>(resolve => {
    runShell({
      shell: kind.shell === 'busybox' && busybox !== undefined ? busybox : systemShell,
      script: collectorScript({ boundary, intervalSeconds: 1, sockets: 'bounded' }),
      root: tree.root,
      onOutput: chunk => chunks.push(chunk),
      onExit: resolve,
    });
  });
  leave();
  const said: Visit = {
    ok: true,
    output: Buffer.concat(chunks),
    stderr: '',
    exitCode,
    timing: { totalMs: 1 },
    notes: [],
  };
  results.set(name, evaluate({ host: host(name), address: '127.0.0.1', visit: said }).result);
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'synaudit-test-'));
  const found = await findBusybox();
  if (found !== undefined) busybox = await busyboxShell(found, join(directory, 'applets'));
  await Promise.all(names.map(visit));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test('every machine has its expectation', () => {
  expect([...names].sort()).toEqual(Object.keys(machines).sort());
});

test.each(names)('%s is judged as what it is', name => {
  const result = results.get(name);
  expect(result?.unread).toEqual({});
  expect(result?.outcome).toBe('audited');
  expect(result?.kernel).toBe(machines[name].kernel.release);
  expect(result?.os).toBe(machines[name].os.name);
  expect(result?.findings.map(found => `${found.rule} ${found.state ?? '-'} ${found.severity}`)).toEqual(
    expected[name],
  );
});

test('the firing machine names the line that sets the key, the shared address and both samples', () => {
  const result = results.get('firing');
  expect(result?.settings['net.ipv4.tcp_tw_recycle']).toEqual({
    value: '1',
    boot: { value: '1', file: '/etc/sysctl.d/30-tuning.conf', line: 4 },
  });
  expect(result?.clients?.shared.map(({ address, because }) => [address, because.join()])).toContainEqual([
    '10.8.0.5',
    expect.stringContaining('declared:vpc-egress'),
  ]);
  const rise = result?.findings[0]?.evidence.find(({ field }) => field === 'TcpExt.PAWSPassive');
  expect(rise?.perSecond).toBeGreaterThan(20);
});

test('the fix of the database host loses against sysctl.conf', () => {
  const boot = results.get('fixedUntilReboot')?.settings['net.ipv4.tcp_tw_recycle'];
  expect(boot).toEqual({ value: '0', boot: { value: '1', file: '/etc/sysctl.conf', line: 17 } });
});
