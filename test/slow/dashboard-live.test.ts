import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram } from '../cli/built-program.ts';
import { openTmux, type Tmux } from './tmux.ts';

let directory: string;
let program: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'synaudit-live-'));
  program = buildProgram(join(directory, 'program'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const servers: ChildProcess[] = [];
const open: Tmux[] = [];
afterEach(async () => {
  for (const terminal of open.splice(0)) terminal.end();
  for (const server of servers.splice(0)) {
    const ended = new Promise(resolve => server.on('close', resolve));
    server.kill('SIGINT');
    await ended;
  }
});

/** Real SSH servers in another process; resolves to how to audit them. */
async function served(hosts: number): Promise<string> {
  const server = spawn(process.execPath, [program, 'demo', '--serve', '--hosts', String(hosts)], {
    env: { ...process.env, TMPDIR: directory },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  servers.push(server);
  let said = '';
  for await (const chunk of server.stdout) {
    said += chunk;
    const [, audit] = /^\s+synaudit (audit .*)$/m.exec(said) ?? [];
    if (audit !== undefined) return audit;
  }
  throw new Error(`the fleet did not start: ${said}`);
}

function started(columns: number, rows: number, command: string): Tmux {
  const at = openTmux({ columns, rows, cwd: directory, env: { XDG_STATE_HOME: directory } });
  open.push(at);
  at.keys(`node ${program} ${command}; echo ended with $?`, 'Enter');
  return at;
}

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

/** Time until 95 of 100 keys are answered. Unit: ms. */
async function slowestKeys(at: Tmux, where: string): Promise<number> {
  const times: number[] = [];
  while (times.length < 120) {
    times.push(await at.answerTime('?', 'any key closes'));
    times.push(await at.answerTime('j', 'SERVICE / COHORT'));
  }
  const [p50 = 0, p95 = 0, p99 = 0] = [0.5, 0.95, 0.99].map(share => Math.round(percentile(times, share)));
  console.log(`${where}: a key is answered in ${p50} ms (median), ${p95} (95 %), ${p99} (99 %)`);
  return p95;
}

describe('300 SSH sessions', () => {
  test.each([
    [80, 24],
    [120, 40],
    [200, 60],
  ])('run while every key at %d x %d is answered', async (columns, rows) => {
    const audit = await served(300);
    const at = started(columns, rows, `${audit} --interval 1 --watch 1 --host-timeout 4`);
    await at.until(/\d\/300 {2}\d/);
    // what holds us up comes again in every batch; what else the machine does need not
    const slowest: number[] = [];
    do slowest.push(await slowestKeys(at, `${columns} x ${rows}`));
    while (Math.min(...slowest) >= 100 && slowest.length < 4);
    expect(Math.min(...slowest)).toBeLessThan(100);
    for (const [key, wanted] of [
      ['2', /\[2 Hosts\][\s\S]*critical +\w+/],
      ['Enter', /\[3 Host\][\s\S]*TcpExt\.PAWSPassive/],
      ['4', /\[4 Rules\][\s\S]*tw-recycle +\d+/],
      ['5', /\[5 Problems\][\s\S]*hostkey-rejected +1/],
      ['1', /\[1 Fleet\][\s\S]*web :8080 +\d+/],
    ] as const) {
      at.keys(key);
      const text = await at.until(wanted);
      expect(text.split('\n').slice(0, rows)).toHaveLength(rows);
      expect(text).toMatch(/^ synaudit/);
    }
    at.keys('C-c', 'C-c');
    await at.until(/ended with 130/);
  });
});

const runsOf = () => readdirSync(join(directory, 'synaudit/runs')).filter(name => name.endsWith('.ndjson'));

test('r visits the marked hosts again, into the same run', async () => {
  const audit = await served(24);
  const at = started(100, 30, `${audit} --interval 0 --host-timeout 3`);
  await at.until(/hosts · took/);
  const before = runsOf().length;
  at.keys('2', 'G', 'k', 'k', 'k', 'Space', 'Space'); // two that are well
  await at.until(/ 2 marked /);
  at.keys('r');
  await at.until(/\[2 Hosts\](?![\s\S]*marked)/);
  await at.until(/hosts · took/);
  at.keys('q');
  await at.until(/ended with 1/);
  expect(runsOf()).toHaveLength(before);
  const run = readFileSync(join(directory, 'synaudit/runs', runsOf().sort().at(-1) ?? ''), 'utf8');
  const names = [...run.matchAll(/^\{"type":"host","name":"(\w+)"/gm)].map(([, name]) => name);
  expect(names.length - new Set(names).size).toBe(2);
  expect(run.match(/^\{"type":"end"/gm)).toHaveLength(2);
});

test('a watch goes round after round, over all hosts also after a retry, and keeps the first run and the latest', async () => {
  const audit = await served(24);
  const before = runsOf();
  const at = started(120, 30, `${audit} --interval 0 --host-timeout 2 --watch 4`);
  const [, hosts] =
    /round 2 · (\d+)\/\d+ hosts · next in/.exec(await at.until(/round 2 · \d+\/\d+ hosts · next/)) ?? [];
  at.keys('2');
  expect(await at.until(/\[2 Hosts\]/)).toContain('TREND');
  at.keys('r');
  await at.until(/round 4 · \d+\/\d+ hosts · next/);
  at.keys('C-c');
  await at.until(/ended with 130/);
  const kept = runsOf().filter(name => !before.includes(name));
  expect(kept).toHaveLength(2);
  const latest = readFileSync(join(directory, 'synaudit/runs', kept.sort().at(-1) ?? ''), 'utf8');
  expect(latest.match(/^\{"type":"host"/gm)).toHaveLength(Number(hosts));
});
