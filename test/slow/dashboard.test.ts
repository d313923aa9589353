import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { HostResult } from '../../src/model/run.ts';
import { displayWidth } from '../../src/text/table.ts';
import { buildProgram } from '../cli/built-program.ts';
import { eventsOf, recycling, result } from '../report/results.ts';
import { openTmux, type Tmux } from './tmux.ts';

const hasScreen = spawnSync('screen', ['-v']).error === undefined;

let directory: string;
let program: string;
const runs = () => join(directory, 'state/synaudit/runs');
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'synaudit-screen-'));
  program = buildProgram(join(directory, 'program'));
  await mkdir(runs(), { recursive: true });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const open: Tmux[] = [];
afterEach(() => {
  for (const terminal of open.splice(0)) terminal.end();
});

/** A terminal on which something was printed before, so that it can be seen whether that is still there. */
function terminal(columns: number, rows: number, env: Readonly<Record<string, string>> = {}): Tmux {
  const made = openTmux({ columns, rows, cwd: directory, env: { XDG_STATE_HOME: join(directory, 'state'), ...env } });
  open.push(made);
  made.keys('echo printed-before', 'Enter');
  return made;
}

const start = (at: Tmux, args: string) => at.keys(`node ${program} ${args}; echo ended with $?`, 'Enter');

/** Puts a run into the store, under the id it is asked for by. */
async function stored(id: string, results: readonly HostResult[]): Promise<void> {
  const lines = eventsOf(results, { id }).map(event => {
    if (event.type === 'run') return { type: 'run', schema: 'synaudit/run/1', ...event.run };
    return event.type === 'host' ? { type: 'host', ...event.result } : event;
  });
  await writeFile(join(runs(), `${id}.ndjson`), `${lines.map(each => JSON.stringify(each)).join('\n')}\n`);
}

/** Everything on the dashboard's screen is a frame of its own: nothing of the shell is in sight. */
const isWhole = (text: string, rows: number): boolean =>
  text.split('\n').slice(0, rows).length === rows && text.startsWith(' synaudit') && !text.includes('printed-before');

describe('demo in a terminal', () => {
  test.each([
    [80, 24],
    [120, 40],
    [200, 60],
  ])('fills %d x %d, and leaves what was there before', async (columns, rows) => {
    const at = terminal(columns, rows);
    start(at, 'demo');
    const text = await at.until(/42\/42 hosts/, 60);
    expect(isWhole(text, rows)).toBe(true);
    expect(text).toMatch(/▸● web :8080 +12 +not ready: 9 of 12/);
    at.keys('5');
    expect(await at.until(/\[5 Problems\]/)).toMatch(/hostkey-rejected +1 +gw1/);
    at.keys('q');
    const left = await at.until(/ended with 0/);
    expect(left).toContain('printed-before');
    expect(left).toMatch(/42 of 42 hosts \(demo\)/);
  });

  test('stores what was audited at Ctrl-C, and exits with 130', async () => {
    const at = terminal(80, 24);
    start(at, 'demo --interval 6');
    await at.until(/\d\/42 {2}\d/);
    at.keys('C-c');
    await at.until(/Finishing what is open/);
    const text = await at.until(/ended with 130/, 40);
    expect(text.replaceAll('\n', '')).toMatch(/printed-before.*interrupted/); // the terminal breaks it anywhere
    const newest = readdirSync(runs()).sort().at(-1) ?? '';
    const end = readFileSync(join(runs(), newest), 'utf8').trim().split('\n').at(-1) ?? '';
    expect(JSON.parse(end)).toMatchObject({ type: 'end', interrupted: true, summary: { exitCode: 130 } });
  });

  test('gives the terminal back at SIGTERM', async () => {
    const at = terminal(80, 24);
    start(at, 'demo --interval 20');
    await at.until(/\d\/42 {2}\d/);
    process.kill(at.child(), 'SIGTERM');
    expect(await at.until(/ended with 130/, 20)).toContain('printed-before');
    at.keys('echo still-$((40+2))', 'Enter'); // echo and line editing are back
    await at.until(/still-42/);
  });
});

describe('report in a terminal', () => {
  test('is drawn anew at every size', async () => {
    await stored('20990101T000000Z-aaaaaa', [recycling('web1', 3), result('api1')]);
    const at = terminal(120, 40);
    start(at, 'report 20990101T000000Z-aaaaaa');
    await at.until(/2\/2 hosts/);
    for (const [columns, rows] of [
      [80, 24],
      [200, 60],
      [40, 10],
      [100, 30],
    ] as const) {
      at.resize(columns, rows);
      await at.until(new RegExp(`^ synaudit[\\s\\S]*\\n─{${columns}}\\n .*[a-z]`));
      expect(isWhole(at.screen(), rows)).toBe(true);
      expect(at.screen().match(/SERVICE \/ COHORT/g)).toHaveLength(1);
    }
    at.keys('q');
    await at.until(/ended with 1/);
  });

  test('obeys no host, and stays in line with wide and combining names', async () => {
    const names = [
      '\x1b]0;owned\x07\x1b[2Jescape',
      '日本語サーバ',
      'e\u0301\u0301clair',
      '\u202egnp.rotan',
      'x'.repeat(65_536),
      '<img onerror=alert(1)>',
    ];
    await stored(
      '20990102T000000Z-bbbbbb',
      names.map((name, i) => ({ ...recycling(name, i), os: `\x1b[31m${name}`, kernel: name })),
    );
    const at = terminal(100, 30);
    start(at, 'report 20990102T000000Z-bbbbbb');
    await at.until(/6\/6 hosts/);
    at.keys('2');
    const text = await at.until(/\[2 Hosts\]/);
    expect(isWhole(text, 30)).toBe(true);
    expect(text).toMatch(/critical +escape/);
    expect(text).toContain('日本語サーバ');
    at.keys('Enter');
    expect(await at.until(/\[3 Host\]/)).toContain('TcpExt.PAWSPassive');
    expect(isWhole(at.screen(), 30)).toBe(true);
    at.keys('C-c');
    await at.until(/ended with 130/);
  });

  test('has no colour with NO_COLOR, and ASCII alone where the locale has no more', async () => {
    await stored('20990103T000000Z-cccccc', [recycling('web1', 3), result('api1')]);
    const at = terminal(80, 24, { NO_COLOR: '1', LC_ALL: 'C' });
    start(at, 'report 20990103T000000Z-cccccc');
    await at.until(/2\/2 hosts/);
    expect(at.screen({ codes: true })).not.toMatch(/\x1b\[[0-9;]*3[0-7]m/);
    expect(at.screen()).not.toMatch(/[^\x00-\x7e]/);
    expect(at.screen()).toMatch(/>\* group web/);
    at.keys('q');
    await at.until(/ended with 1/);
  });

  test('writes the run where one stands, filters, and shows the command', async () => {
    await stored('20990104T000000Z-dddddd', [recycling('web1', 3), result('api1', { groups: ['api'] })]);
    const at = terminal(100, 30);
    start(at, 'report 20990104T000000Z-dddddd');
    await at.until(/2\/2 hosts/);
    at.keys('/', 'group:api', 'Enter');
    expect(await at.until(/1 of 2/)).not.toMatch(/critical +web1/);
    at.keys('y');
    await at.until(/synaudit report 20990104T000000Z-dddddd --no-tui/);
    at.keys('x', 'e');
    await at.until(/wrote synaudit-20990104T000000Z-dddddd\.json/);
    const written = JSON.parse(readFileSync(join(directory, 'synaudit-20990104T000000Z-dddddd.json'), 'utf8'));
    expect(written.hosts.map((host: HostResult) => host.name)).toEqual(['web1', 'api1']);
    at.keys('q');
    await at.until(/ended with 1/);
  });

  test('of 10,000 hosts answers every key', async () => {
    const fleet = Array.from({ length: 10_000 }, (_, i) => {
      const groups = [`group${i % 40}`];
      const kernel = `${3 + (i % 4)}.${i % 20}.0-${i % 61}`;
      return i % 9 === 0 ? { ...recycling(`web${i}`, i % 50), groups, kernel } : result(`web${i}`, { groups, kernel });
    });
    await stored('20990106T000000Z-ffffff', fleet);
    const at = terminal(200, 60);
    const began = performance.now();
    start(at, 'report 20990106T000000Z-ffffff');
    await at.until(/10000\/10000 hosts/);
    const opened = Math.round(performance.now() - began);
    const times: { readonly key: string; readonly ms: number }[] = [];
    for (let round = 0; round < 6; round++) {
      for (const [key, wanted] of [
        ['2', 'DROPS/S'],
        ['G', 'web'],
        ['g', 'web'],
        ['PageDown', 'web'],
        ['s', 'KERNEL'],
        ['S', 'KERNEL'],
        ['f', 'faults only'],
        ['f', '10000 of 10000'],
        ['Enter', 'TcpExt.PAWSPassive'],
        ['4', 'WANTED'],
        ['5', 'REASON'],
        ['1', 'SERVICE / COHORT'],
      ] as const) {
        if (key === 'Enter') at.keys('s', 's', 's', 's', 's', 'g');
        times.push({ key, ms: await at.answerTime(key, wanted) });
      }
    }
    const sorted = times.map(({ ms }) => ms).sort((a, b) => a - b);
    const [p50 = 0, p95 = 0, most = 0] = [0.5, 0.95, 1].map(share => sorted[Math.ceil(sorted.length * share) - 1]);
    console.log(
      `opened in ${opened} ms; keys: ${p50.toFixed(0)} ms (median), ${p95.toFixed(0)} (95 %), ${most.toFixed(0)} at most`,
    );
    // the best of its rounds: what a key costs us, not what else the machine does meanwhile
    for (const { key } of times)
      expect(Math.min(...times.filter(each => each.key === key).map(({ ms }) => ms)), key).toBeLessThan(100);
    at.keys('/', 'web999', 'Enter');
    expect((await at.until(/11 of 10000/)).match(/web999\d?/g)?.length).toBeGreaterThanOrEqual(11);
    at.keys('q');
    await at.until(/ended with 1/);
  });

  test('writes the fix for the marked hosts, tells its digest, and shows the command that does the same', async () => {
    await stored('20990107T000000Z-abcdef', [recycling('web1', 3), recycling('web2', 3), result('api1')]);
    const at = terminal(110, 30);
    start(at, 'report 20990107T000000Z-abcdef');
    await at.until(/3\/3 hosts/);
    at.keys('2', 'Space', 'x');
    await at.until(/Write the fix for 1 host into synaudit-fix-20990107T000000Z-abcdef/);
    at.keys('C-u', 'change-1', 'Enter');
    const [, digest] = /digest +sha256:([0-9a-f]{64})/.exec(await at.until(/next +read/)) ?? [];
    const plan = readFileSync(join(directory, 'change-1/plan.json'));
    expect(createHash('sha256').update(plan).digest('hex')).toBe(digest);
    expect(plan.toString()).toContain('"name": "web1"');
    expect(plan.toString()).not.toContain('web2');
    at.keys('j', 'y');
    await at.until(/synaudit fix 20990107T000000Z-abcdef --out change-1 --limit web1/);
    at.keys('j', 'x', 'C-u', 'change-1', 'Enter'); // never over what was reviewed
    await at.until(/The fix was not written:\n.*change-1/);
    at.keys('j', 'q');
    await at.until(/ended with 1/);
  });

  test.skipIf(!hasScreen)('is drawn in GNU screen, and leaves a clean screen', async () => {
    await stored('20990108T000000Z-abcdef', [recycling('日本語サーバ', 3), result('e\u0301clair')]);
    const at = terminal(90, 26, { SCREENDIR: join(directory, 'screens') });
    at.keys('screen -U -q -c /dev/null sh', 'Enter');
    start(at, 'report 20990108T000000Z-abcdef');
    await at.until(/2\/2 hosts/);
    at.keys('2');
    const text = await at.until(/\[2 Hosts\]/);
    expect(isWhole(text, 26)).toBe(true);
    const columnOf = (name: RegExp) => displayWidth(name.exec(text)?.[1] ?? '');
    expect(columnOf(/^(.*日本語サーバ +)3\.10/m)).toBe(columnOf(/^(.*clair +)6\.1/m));
    at.keys('q');
    expect(await at.until(/ended with 1/)).not.toMatch(/\[2 Hosts\]|SEV/);
    at.keys('exit', 'Enter');
  });

  test.each(['--no-tui', '-q', '-f table'])('stays a table with %s', async flag => {
    await stored('20990105T000000Z-eeeeee', [recycling('web1', 3)]);
    const at = terminal(100, 30);
    start(at, `report 20990105T000000Z-eeeeee ${flag}`);
    expect(await at.until(/ended with 1/)).toMatch(/printed-before[\s\S]*CRITICAL +tw-recycle/);
  });
});
