import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram } from '../cli/built-program.ts';
import { openTmux, type Tmux } from './tmux.ts';

let directory: string;
let program: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'synaudit-ends-'));
  program = buildProgram(join(directory, 'program'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const open: Tmux[] = [];
afterEach(() => {
  for (const terminal of open.splice(0)) terminal.end();
});

function started(command: string, env: Readonly<Record<string, string>> = {}): Tmux {
  const at = openTmux({
    columns: 90,
    rows: 26,
    cwd: directory,
    env: { XDG_STATE_HOME: directory, TMPDIR: directory, ...env },
  });
  open.push(at);
  at.keys('echo printed-before', 'Enter');
  at.keys(`node ${program} ${command}; echo ended with $?`, 'Enter');
  return at;
}

/** The terminal is as it was: what was there is there, keys are echoed and lines can be edited, the cursor is seen. */
async function isGivenBack(at: Tmux): Promise<void> {
  at.keys('echo still-$((40+3))', 'BSpace', 'BSpace', 'BSpace', '2))', 'Enter');
  expect(await at.until(/still-42/)).toContain('printed-before');
  expect(at.modes()).toEqual({ alternate: '0', cursor: '1' });
}

describe('the terminal is given back', () => {
  test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('at %s while hosts are visited', async signal => {
    const at = started('demo --interval 3');
    await at.until(/\d\/42 {2}\d/);
    expect(at.modes()).toEqual({ alternate: '1', cursor: '0' });
    process.kill(at.child(), signal);
    await at.until(/ended with 130/, 30);
    await isGivenBack(at);
  });

  test.each([
    ['exception', 'thrown by nobody in particular'],
    ['rejection', 'rejected and not handled'],
    ['component', 'a component is broken'],
  ])('at an %s that is a bug, which is told', async (fault, message) => {
    const faults = fileURLToPath(new URL('faults.mjs', import.meta.url));
    const at = started('demo --interval 3', { FAULT: fault, NODE_OPTIONS: `--import=${faults}` });
    const text = await at.until(/ended with 4/, 30);
    expect(text.replace(/\n/g, ' ')).toMatch(new RegExp(`synaudit: internal error: ${message}.*hint: `));
    await isGivenBack(at);
    const runs = readdirSync(join(directory, 'synaudit/runs'));
    const newest = readFileSync(join(directory, 'synaudit/runs', runs.sort().at(-1) ?? ''), 'utf8');
    expect(JSON.parse(newest.split('\n')[0] ?? '')).toMatchObject({ type: 'run', subject: 'demo' });
  });

  test('at Ctrl-C before the first host is visited', async () => {
    const at = started('demo --hosts 3000');
    expect(await at.until(/starting the fleet/)).toMatch(/^ synaudit/);
    at.keys('C-c');
    await at.until(/ended with 130/, 30);
    await isGivenBack(at);
  });
});
