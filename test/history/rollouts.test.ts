import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lockPlan } from '../../src/history/rollout-lock.ts';
import { openRolloutLog, recordsIn, rolloutsOf } from '../../src/history/rollouts.ts';
import { InputError } from '../../src/model/input-error.ts';
import { type RolloutRecord, rolloutSchema } from '../../src/model/rollout.ts';
import { courseOf } from '../../src/remediate/rollout-course.ts';
import { freshDirectory } from '../cli/call.ts';
import fc from '../fast-check.ts';

const plan = '20261122T200000Z-0a0b0c';
const by = { user: 'ops', host: 'admin1' };
const options = { canary: 1, batch: '1', batchSize: 1, maxFail: 0, probe: false, intervalSeconds: 2, waitMs: 1_000 };

const startOf = (id: string, at: string, of = plan): RolloutRecord => ({
  type: 'rollout',
  at,
  schema: rolloutSchema,
  id,
  command: 'rollout',
  plan: of,
  digest: 'sha256:00',
  directory: '/change',
  version: '0',
  by,
  options,
  hosts: [{ name: 'h1', cohort: 'c1', groups: [], serial: null }],
});
const sent: RolloutRecord = {
  type: 'intent',
  at: '2026-11-22T20:00:01.000Z',
  host: 'h1',
  step: 'apply',
  script: 'sha256:11',
};

describe('the log', () => {
  test('is its owner’s alone, is appended to, and a torn line ends nothing', async () => {
    const directory = join(freshDirectory(), 'rollouts');
    const log = await openRolloutLog(directory, 'r1', 'create');
    log.append(startOf('r1', '2026-11-22T20:00:00.000Z'));
    log.append(sent);
    log.close();
    expect([statSync(log.file).mode & 0o777, statSync(directory).mode & 0o777]).toEqual([0o600, 0o700]);
    appendFileSync(log.file, '{"type":"step","at":"2026-11-22T20:00:02.000Z","host":"h1","step":"apply","en'); // power cut
    const again = await openRolloutLog(directory, 'r1', 'append');
    again.append({ type: 'resume', at: '2026-11-22T20:05:00.000Z', by, version: '0' });
    again.close();
    const [stored] = await rolloutsOf(directory, plan);
    expect(stored?.records.map(({ type }) => type)).toEqual(['rollout', 'intent', 'resume']);
    expect(courseOf(stored?.records ?? [])?.hosts.get('h1')?.standing).toBe('asking');
    await expect(openRolloutLog(directory, 'r1', 'create')).rejects.toThrow('EEXIST');
  });

  test('cut anywhere, it tells what was on disk by then', () => {
    const lines = [startOf('r1', '2026-11-22T20:00:00.000Z'), sent].map(record => `${JSON.stringify(record)}\n`);
    const text = lines.join('');
    fc.assert(
      fc.property(fc.nat({ max: text.length }), cut => {
        const whole = lines.filter((_, i) => cut >= lines.slice(0, i + 1).join('').length - 1).length;
        expect(recordsIn(text.slice(0, cut))).toHaveLength(whole);
      }),
    );
  });

  test('whatever else stands in a file, reading it does not throw', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.json())), lines => {
        for (const record of recordsIn(lines.join('\n'))) expect(typeof record.type).toBe('string');
      }),
    );
  });

  test('of a plan alone, the oldest first', async () => {
    const directory = join(freshDirectory(), 'rollouts');
    expect(await rolloutsOf(directory, plan)).toEqual([]);
    mkdirSync(directory);
    const write = (id: string, record: RolloutRecord): void =>
      writeFileSync(join(directory, `${id}.ndjson`), `${JSON.stringify(record)}\n`);
    write('20261122T200000Z-ff', startOf('20261122T200000Z-ff', '2026-11-22T20:00:00.100Z'));
    write('20261122T200000Z-00', startOf('20261122T200000Z-00', '2026-11-22T20:00:00.900Z'));
    write('20261122T190000Z-00', startOf('20261122T190000Z-00', '2026-11-22T19:00:00.000Z', 'another'));
    write('20261122T180000Z-00', sent);
    const found = await rolloutsOf(directory, plan);
    expect(found.map(({ id }) => id)).toEqual(['20261122T200000Z-ff', '20261122T200000Z-00']);
  });
});

describe('the lock of a plan', () => {
  const lockOf = (directory: string): string => join(directory, `.${plan}.lock`);
  const holder = (text: string): { pid: number } => JSON.parse(text);

  /** A process that lives until the test is over, or is ended. */
  function sleeper(): ChildProcess {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  }

  test('is held by one at a time, and given back', async () => {
    const directory = join(freshDirectory(), 'rollouts');
    const release = await lockPlan(directory, plan);
    await expect(lockPlan(directory, plan)).rejects.toThrow(/at work: process \d+, since .*remove /);
    const other = await lockPlan(directory, 'another plan');
    other();
    release();
    const again = await lockPlan(directory, plan);
    again();
    expect(readdirSync(directory)).toEqual([]);
  });

  test('of a process that was killed does not stay', async () => {
    const directory = join(freshDirectory(), 'rollouts');
    mkdirSync(directory);
    const child = sleeper();
    const release = await lockPlan(directory, plan);
    const own = readFileSync(lockOf(directory), 'utf8');
    release();
    // as that process would have written it, were it one of ours
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const held = { ...JSON.parse(own), pid: child.pid, process: `${started} ${boot}` };
    writeFileSync(lockOf(directory), JSON.stringify(held));
    await expect(lockPlan(directory, plan)).rejects.toThrow(`process ${child.pid}`);
    // the number is another process's by now
    writeFileSync(lockOf(directory), JSON.stringify({ ...held, process: `1 ${boot}` }));
    (await lockPlan(directory, plan))();
    writeFileSync(lockOf(directory), JSON.stringify(held));
    const ended = new Promise(resolve => child.on('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    const mine = await lockPlan(directory, plan);
    expect(holder(readFileSync(lockOf(directory), 'utf8')).pid).toBe(process.pid);
    mine();
  });

  test('of another machine is not judged', async () => {
    const directory = join(freshDirectory(), 'rollouts');
    mkdirSync(directory);
    writeFileSync(
      lockOf(directory),
      JSON.stringify({ pid: 1, host: `not-${hostname()}`, process: null, since: 'then' }),
    );
    await expect(lockPlan(directory, plan)).rejects.toThrow(InputError);
    expect(existsSync(lockOf(directory))).toBe(true);
  });

  test('that is no lock of ours is taken over', async () => {
    const directory = join(freshDirectory(), 'rollouts');
    mkdirSync(directory);
    writeFileSync(lockOf(directory), 'torn');
    (await lockPlan(directory, plan))();
  });
});
