import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rolloutDocumentSchema } from '../../src/report/rollout-schema.ts';
import { cohortOf, writePlan } from '../netns/changeable.ts';
import { call, freshDirectory } from './call.ts';

/** A plan of hosts that this machine is none of: nothing of it can ever be changed here. */
const cohorts = [cohortOf(['localhost'], { 'net.core.somaxconn': ['1', '4711'] })].map(cohort => ({
  ...cohort,
  hosts: cohort.hosts.map(host => ({ ...host, hostname: 'no-such-host' })),
}));

/** A home with a plan that `fix` wrote there. */
async function withPlan(isRecorded = true) {
  const home = freshDirectory();
  const plan = await writePlan({ directory: home }, cohorts, { isRecorded });
  const env = { XDG_STATE_HOME: join(home, 'state') };
  const logs = join(home, 'state/synaudit/rollouts');
  return { plan, logs, run: (...words: readonly string[]) => call(words, { home, env }) };
}

test.each([
  [['--batch', '0%'], '--batch: expected a number of hosts, or a share like 10%'],
  [['--canary', '0'], '--canary: expected a whole number'],
  [['--max-fail', 'all'], '--max-fail: expected'],
  [['--interval', '0'], '--interval: expected a whole number from 1'],
  [['--resume', '--dry-run'], 'either --resume or --dry-run'],
])('%j is bad input', async (words, complaint) => {
  const { plan, run } = await withPlan();
  expect(await run('rollout', plan.path, 'localhost', ...words)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining(complaint),
  });
});

test('nothing was rolled out yet: there is nothing to resume, and the trail says so', async () => {
  const { plan, run } = await withPlan();
  expect(await run('rollout', plan.path, 'localhost', '--resume')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('nothing to resume'),
  });
  expect(await run('rollout', plan.path, '--log')).toMatchObject({
    exitCode: 0,
    stdout: `plan ${plan.id} was never rolled out from here\n`,
  });
});

test('a plan that is not there, and one that nobody reviewed', async () => {
  const { plan, run } = await withPlan(false);
  expect((await run('rollout', `${plan.path}-none`, '--yes')).stderr).toContain('no such file');
  for (const command of ['rollout', 'rollback']) {
    const refused = await run(command, plan.path, 'localhost', '--yes');
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`hint: review it`) });
  }
});

test('hosts that are not in the plan are not changed, and named', async () => {
  const { plan, run } = await withPlan();
  const refused = await run('rollout', plan.path, 'web99', '--yes');
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('web99') });
});

test('without a terminal and --yes nobody can be asked, so nothing is done', async () => {
  const { plan, logs, run } = await withPlan();
  for (const command of ['rollout', 'rollback'])
    expect(await run(command, plan.path, 'localhost')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--yes'),
    });
  expect(readdirSync(logs)).toEqual([]);
});

test('a machine that the plan does not name refuses, and the log tells that nothing was sent', async () => {
  const { plan, logs, run } = await withPlan();
  const dry = await run('rollout', plan.path, 'localhost', '--dry-run');
  expect(dry).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('c1-test: refused') });
  const done = await run('rollout', plan.path, 'localhost', '--yes', '--interval', '1', '-f', 'json');
  expect(done.exitCode).toBe(3);
  const document = rolloutDocumentSchema.parse(JSON.parse(done.stdout));
  expect(document).toMatchObject({
    rollout: { outcome: 'incomplete', digest: plan.digest, by: { user: 'tester' } },
    summary: { total: 1, refused: 1 },
    hosts: [{ standing: 'refused', because: expect.stringContaining('no host of the plan') }],
  });
  const [log = ''] = readdirSync(logs).filter(name => name.endsWith('.ndjson'));
  expect(readFileSync(join(logs, log), 'utf8')).not.toContain('"intent"');
  const trail = await run('rollout', plan.path, '--log', '-f', 'json');
  const [logged] = JSON.parse(trail.stdout);
  expect(rolloutDocumentSchema.parse(logged).trail?.map(({ type }) => type)).toEqual([
    'rollout',
    'batch',
    'health',
    'step',
    'gate',
    'end',
  ]);
});

test('--resume is given as the rollout began, or without its options; another brake is refused', async () => {
  const { plan, run } = await withPlan();
  const typed = ['rollout', plan.path, 'localhost', '--yes', '--interval', '1', '--batch', '50%', '--max-fail', '1'];
  expect(await run(...typed)).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('--resume') });
  expect(await run(...typed, '--resume')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('goes on') });
  expect(await run('rollout', plan.path, 'localhost', '--yes', '--resume')).toMatchObject({ exitCode: 3 });
  for (const other of [['--max-fail', '2'], ['--probe'], ['--batch', '1']])
    expect(await run(...typed.slice(0, 4), '--resume', ...other)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`leave out ${other[0]}`),
    });
});

test('a log that cannot be written is a reason to change nothing', async () => {
  const { plan, logs, run } = await withPlan();
  mkdirSync(join(logs, '..'), { recursive: true });
  writeFileSync(logs, 'a file where the logs should be');
  const failed = await run('rollout', plan.path, 'localhost', '--yes');
  expect(failed).toMatchObject({
    exitCode: 4,
    stdout: '',
    stderr: expect.stringContaining('so nothing more is changed'),
  });
});
