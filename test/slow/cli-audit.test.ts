import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { collectorScript } from '../../src/collect/script.ts';
import { type Fleet, startFleet } from '../../src/demo/fleet.ts';
import { runDocument } from '../../src/report/run-schema.ts';
import { call, freshDirectory } from '../cli/call.ts';

// Real logins and real shells: seconds on an idle machine, more on a busy one.
vi.setConfig({ testTimeout: 60_000 });

/** One of each kind: real SSH servers on loopback that run the collector over the trees of hosts. */
let fleet: Fleet;
let reach: readonly string[] = [];
beforeAll(async () => {
  fleet = await startFleet({ hosts: 13, collector: collectorScript });
  const files = ['--identity', fleet.identityFile, '--known-hosts', fleet.knownHostsFile, '--ssh-config', 'none'];
  reach = ['-i', join(fleet.directory, 'inventory.yaml'), ...files, '--interval', '1'];
});
afterAll(() => fleet.close());

const outcomes = (json: string): Record<string, string> =>
  Object.fromEntries(
    JSON.parse(json).hosts.map((host: { name: string; outcome: string }) => [host.name, host.outcome]),
  );

test('audits a fleet: results as the schema says, files beside stdout, the run in the store; retry visits the rest', async () => {
  const home = freshDirectory();
  const [document, stream] = [join(home, 'report.json'), join(home, 'stream.ndjson')];
  const first = await call(['audit', ...reach, '--host-timeout', '4', '-o', document, '-o', stream], { home });
  expect(first.exitCode).toBe(1);
  expect(first.stdout).toMatch(/^CRITICAL {4}tw-recycle · firing/m);
  expect(first.stdout).toContain('PAWSPassive');
  expect(first.stdout).toContain('Not audited: 3 of 13');

  const parsed = JSON.parse(readFileSync(document, 'utf8'));
  expect(runDocument.parse(parsed).summary.hosts).toEqual({
    total: 13,
    audited: 10,
    unreachable: 1,
    'timed-out': 1,
    'hostkey-rejected': 1,
  });
  expect(parsed.summary.exitCode).toBe(1);
  expect(statSync(document).mode & 0o777).toBe(0o600);
  expect(readFileSync(stream, 'utf8').trimEnd().split('\n')).toHaveLength(15);
  expect(readdirSync(home).sort()).toEqual(['.local', 'report.json', 'stream.ndjson']);

  const again = await call(['report', '-f', 'json'], { home });
  expect(again.exitCode).toBe(1);
  expect(JSON.parse(again.stdout).hosts).toEqual(parsed.hosts);
  expect((await call(['report', '--fail-on', 'never', '--allow-incomplete'], { home })).exitCode).toBe(0);

  const retry = await call(
    ['audit', ...reach, '--host-timeout', '1', '--interval', '0', '--retry', 'latest', '-f', 'json', '-q'],
    { home },
  );
  expect([retry.exitCode, retry.stderr]).toEqual([3, '']);
  expect(Object.values(outcomes(retry.stdout)).sort()).toEqual(['hostkey-rejected', 'timed-out', 'unreachable']);

  const list = await call(['runs', 'list'], { home });
  expect(list.stdout.trimEnd().split('\n')).toHaveLength(3);
});

describe('exit codes', () => {
  test.each([
    [['-l', 'api*'], 0],
    [['-l', 'web*'], 1],
    [['-l', 'web*', '--fail-on', 'never'], 0],
    [['-l', 'batch*'], 0],
    [['-l', 'batch*', '--fail-on', 'medium'], 1],
    [['-l', 'batch*', '--profile', 'readiness'], 1],
    [['-l', 'api*,gw*'], 3],
    [['-l', 'api*,gw*', '--allow-incomplete'], 0],
    [['-l', 'nosuch'], 2],
  ])('%j: %i', async (flags, code) => {
    expect((await call(['audit', ...reach, '--interval', '0', ...flags])).exitCode).toBe(code);
  });
});

test('Ctrl-C leaves a run that --resume goes on with, under the same id, without visiting anybody twice', async () => {
  const home = freshDirectory();
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 400);
  const limits = ['-l', '!nas*', '--max-open', '3', '-f', 'json'];
  const stopped = await call(['audit', ...reach, ...limits], { home, winding: stop.signal });
  expect(stopped.exitCode).toBe(130);
  const before = outcomes(stopped.stdout);
  expect(Object.values(before)).toContain('skipped');
  expect(Object.values(before)).toContain('audited');

  const resumed = await call(['audit', ...reach, ...limits, '--resume', 'latest'], { home });
  expect(resumed.exitCode).toBe(1);
  expect(Object.values(outcomes(resumed.stdout))).not.toContain('skipped');
  expect(JSON.parse(resumed.stdout).run.id).toBe(JSON.parse(stopped.stdout).run.id);
  const stored = readFileSync(
    join(home, '.local/state/synaudit/runs', `${JSON.parse(stopped.stdout).run.id}.ndjson`),
    'utf8',
  );
  for (const [name, outcome] of Object.entries(before)) {
    const times = stored.split('\n').filter(line => line.startsWith(`{"type":"host","name":"${name}"`)).length;
    expect([name, times]).toEqual([name, outcome === 'skipped' ? 2 : 1]);
  }
});

test('host keys off is loud even with -q, and recorded per host', async () => {
  const { stdout, stderr } = await call([
    'audit',
    ...reach,
    '--interval',
    '0',
    '-l',
    'api*',
    '--host-keys',
    'off',
    '-q',
    '-f',
    'json',
  ]);
  expect(stderr).toContain('WARNING: host keys are not checked');
  const [host] = JSON.parse(stdout).hosts;
  expect(host.outcome).toBe('audited');
  expect(host.notes.join()).toContain('host key');
});

test('an earlier run of the same boot is one more sample', async () => {
  const home = freshDirectory();
  const audit = ['audit', ...reach, '-l', 'web*', '--interval', '0', '-f', 'json'];
  await call(audit, { home });
  await delay(1_100); // ids of runs sort by the second
  const { stdout } = await call(audit, { home });
  const [host] = JSON.parse(stdout).hosts;
  expect(host.findings[0].state).toBe('fired');
  expect(host.findings[0].because).toMatch(/since run 20/);
});

test('an output that cannot be written is told before anything is visited; nothing is left behind', async () => {
  const home = freshDirectory();
  const { exitCode, stdout, stderr } = await call(['audit', ...reach, '-o', join(home, 'no/such/report.json')], {
    home,
  });
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain('cannot be written');
  expect(existsSync(join(home, 'no'))).toBe(false);
});

test('a store that cannot be written is told once, and the audit goes on', async () => {
  const { exitCode, stderr } = await call(['audit', ...reach, '--interval', '0', '-l', 'api*'], {
    env: { XDG_STATE_HOME: '/dev/null' },
  });
  expect(exitCode).toBe(0);
  expect(stderr.match(/this run is not stored/g)).toHaveLength(1);
});

test('progress is redrawn on a terminal and gone when the table comes', async () => {
  const { stdout, stderr } = await call(['audit', ...reach, '-l', 'api*'], { isTerminal: true });
  expect(stderr).toContain('\r\x1b[K0/1 hosts');
  expect(stderr.endsWith('\r\x1b[K')).toBe(true);
  expect(stdout).toContain('\x1b[32mok\x1b[0m');
  const plain = await call(['audit', ...reach, '--interval', '0', '-l', 'api*', '--no-color'], { isTerminal: true });
  expect(plain.stdout).not.toContain('\x1b');
});
