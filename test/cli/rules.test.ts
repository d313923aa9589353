import { expect, test } from 'vitest';
import { explainedRules } from '../../src/rules/explain.ts';
import { call } from './call.ts';

test('rules list names every rule and what it wants', async () => {
  const { exitCode, stdout } = await call(['rules', 'list']);
  expect(exitCode).toBe(0);
  for (const { id, title } of explainedRules)
    expect(stdout).toMatch(new RegExp(`^${id} +${title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`, 'm'));
});

test('rules list -f json is a list', async () => {
  const { stdout } = await call(['rules', 'list', '-f', 'json']);
  expect((JSON.parse(stdout) as { id: string }[]).map(({ id }) => id)).toEqual(explainedRules.map(({ id }) => id));
});

test.each(explainedRules.map(({ id }) => id))(
  'rules explain %s says what goes wrong, why, proof, fix and sources',
  async id => {
    const { exitCode, stdout } = await call(['rules', 'explain', id]);
    expect(exitCode).toBe(0);
    for (const heading of ['What goes wrong', 'How it comes about', 'How it is proved', 'Fix', 'Sources']) {
      expect(stdout).toContain(`\n${heading}\n`);
    }
    expect(stdout).not.toMatch(/undefined|\[object/);
    for (const line of stdout.split('\n')) if (!line.includes('https://')) expect(line.length).toBeLessThanOrEqual(100);
  },
);

test('a rule that does not exist is told with the nearest that does', async () => {
  const { exitCode, stderr } = await call(['rules', 'explain', 'tw-recicle']);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('did you mean tw-recycle?');
});
