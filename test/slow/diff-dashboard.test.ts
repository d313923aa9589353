import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { HostResult } from '../../src/model/run.ts';
import { buildProgram } from '../cli/built-program.ts';
import { eventsOf, recycling, result } from '../report/results.ts';
import { openTmux } from './tmux.ts';

let directory: string;
let program: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'synaudit-diff-'));
  program = buildProgram(join(directory, 'program'));
  await mkdir(join(directory, 'state/synaudit/runs'), { recursive: true });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function stored(id: string, results: readonly HostResult[]): Promise<void> {
  const lines = eventsOf(results, { id }).map(event => {
    if (event.type === 'run') return { type: 'run', schema: 'synaudit/run/1', ...event.run };
    return event.type === 'host' ? { type: 'host', ...event.result } : event;
  });
  const file = join(directory, 'state/synaudit/runs', `${id}.ndjson`);
  await writeFile(file, `${lines.map(each => JSON.stringify(each)).join('\n')}\n`);
}

test('diff opens the dashboard on the later run, and marks what changed since the earlier', async () => {
  await stored('20990101T000000Z-aaaaaa', [recycling('web1', 59.5), recycling('web2', 3), result('gone1')]);
  const fixed = result('web1', { verdicts: { 'tw-recycle': 'pass' }, rates: { 'TcpExt.PAWSPassive': 0 } });
  await stored('20990102T000000Z-bbbbbb', [fixed, recycling('web2', 3)]);
  const at = openTmux({ columns: 120, rows: 30, cwd: directory, env: { XDG_STATE_HOME: join(directory, 'state') } });
  onTestFinished(at.end);
  at.keys(`node ${program} diff; echo ended with $?`, 'Enter');
  expect(await at.until(/2\/2 hosts/)).toMatch(/^ synaudit diff/);
  at.keys('2');
  const hosts = await at.until(/\[2 Hosts\]/);
  expect(hosts).toMatch(/web1 .*↻ critical → ok, better/);
  expect(hosts).not.toContain('gone1');
  expect(hosts).not.toMatch(/web2 .*↻/);
  at.keys('/');
  at.keys('is:changed', 'Enter');
  expect(await at.until(/1 of 2/)).toContain('web1');
  at.keys('q');
  const left = await at.until(/ended with 0/);
  expect(left).toContain('1 finding fixed, 0 new, 1 still open.');
});
