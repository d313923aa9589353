import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { call, freshDirectory } from './call.ts';

function savedHost(): string {
  const root = freshDirectory();
  mkdirSync(join(root, 'proc/sys/net/ipv4'), { recursive: true });
  writeFileSync(join(root, 'proc/sys/net/ipv4/tcp_tw_recycle'), '1\n');
  writeFileSync(join(root, 'proc/sys/net/ipv4/tcp_timestamps'), '1\n');
  return root;
}

test('-o NAME.html writes the report with its glossary, for the owner alone', async () => {
  const file = join(freshDirectory(), 'report.html');
  await call(['ingest', savedHost(), '--as-host', 'old7', '-o', file]);
  const text = readFileSync(file, 'utf8');
  expect(text).toMatch(/^<!doctype html>/);
  expect(text).toContain('<bdi>old7</bdi>');
  expect(text).toContain('<h3>How it is proved</h3>');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('-f html prints the same page', async () => {
  const { stdout } = await call(['ingest', savedHost(), '--as-host', 'old7', '-f', 'html']);
  expect(stdout).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
});
