import { execFileSync, spawn } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { call, freshDirectory } from './call.ts';

/** A command that writes files and visits nobody. */
const saved = join(import.meta.dirname, '../fixtures/pasted/el7-incident/after/netstat_-s.txt');
const ingest = (...argv: string[]) => call(['ingest', saved, '--as-host', 'web01', '--fail-on', 'never', ...argv]);

test('a file is there when it is complete, for its owner alone', async () => {
  const directory = freshDirectory();
  writeFileSync(join(directory, 'run.json'), 'older', { mode: 0o644 });
  await ingest('-o', join(directory, 'run.json'));
  expect(readdirSync(directory)).toEqual(['run.json']);
  expect(JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8'))).toMatchObject({ schema: 'synaudit/run/1' });
  expect(statSync(join(directory, 'run.json')).mode & 0o777).toBe(0o600);
});

test('what a link leads to is written, and the link stays', async () => {
  const directory = freshDirectory();
  mkdirSync(join(directory, 'kept'));
  writeFileSync(join(directory, 'kept/run.json'), 'older');
  symlinkSync('kept/run.json', join(directory, 'latest.json'));
  await ingest('-o', join(directory, 'latest.json'));
  expect(readlinkSync(join(directory, 'latest.json'))).toBe('kept/run.json');
  expect(readFileSync(join(directory, 'kept/run.json'), 'utf8')).toContain('synaudit/run/1');
});

test('a pipe is written as it is, and a device never replaced', async () => {
  const pipe = join(freshDirectory(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = spawn('cat', [pipe]);
  let text = '';
  reader.stdout.on('data', chunk => {
    text += chunk;
  });
  const ended = new Promise(resolve => reader.on('close', resolve));
  await ingest('-o', `json=${pipe}`);
  await ended;
  expect(JSON.parse(text)).toMatchObject({ schema: 'synaudit/run/1' });
  expect(lstatSync(pipe).isFIFO()).toBe(true);
});

test.each([
  ['no/such/run.json', 'its directory does not exist'],
  ['json=.', 'is a directory'],
])('-o %s is refused before anything is done', async (output, why) => {
  const { exitCode, stdout, stderr } = await ingest('-o', output);
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toBe(`synaudit: --output ${output.replace('json=', '')}: cannot be written: ${why}\n`);
});

test('one file for two formats is refused', async () => {
  const file = join(freshDirectory(), 'run.json');
  const { exitCode, stderr } = await ingest('-o', file, '-o', `html=${file}`);
  expect([exitCode, stderr]).toEqual([2, `synaudit: --output ${file}: is given twice\n`]);
});
