import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { explainedRules, markdownIndex, markdownOf } from '../../src/rules/explain.ts';

const pages = new URL('../../docs/rules/', import.meta.url);
const page = (name: string): string => readFileSync(new URL(name, pages), 'utf8');

test('docs/rules/README.md lists every rule', () => {
  expect(page('README.md')).toBe(markdownIndex());
});

test.each(explainedRules.map(rule => [rule.id, rule] as const))(
  'docs/rules/%s.md says what the rule says',
  (id, rule) => {
    expect(page(`${id}.md`)).toBe(markdownOf(rule));
  },
);

test('docs/rules holds no page of a rule that is gone', () => {
  expect(readdirSync(pages).sort()).toEqual(['README.md', ...explainedRules.map(({ id }) => `${id}.md`)].sort());
});
