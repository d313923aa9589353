import { describe, expect, test } from 'vitest';
import type { Judgement } from '../../src/model/rule.ts';
import { judge, type Rule } from '../../src/rules/define.ts';
import { exampleFacts } from '../../src/rules/example.ts';
import { rules } from '../../src/rules/index.ts';
import fc from '../fast-check.ts';
import { factsAbout, namesOf } from './arbitrary-facts.ts';

const found = (judgement: Judgement) =>
  judgement.verdict === 'fail' || judgement.verdict === 'informational' ? judgement : undefined;

test('rule ids are unique and in kebab-case', () => {
  const ids = rules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
});

describe.each(rules.map((rule): [string, Rule] => [rule.id, rule]))('%s', (_, rule) => {
  test.each(rule.examples.map(example => [example.name, example] as const))('%s', (_, example) => {
    const judgement = judge(rule, exampleFacts(example.host));
    expect(judgement).toMatchObject({
      verdict: example.verdict,
      ...(example.state !== undefined && { state: example.state }),
      ...(example.severity !== undefined && { severity: example.severity }),
    });
    expect(judgement.because).toMatch(/[.]$/);
  });

  test('every state that any facts lead to has an example', () => {
    const shown = new Set(rule.examples.map(({ verdict, state }) => `${verdict} ${state ?? ''}`));
    fc.assert(
      fc.property(factsAbout(namesOf(rule)), facts => {
        const judgement = judge(rule, facts);
        expect(shown).toContain(`${judgement.verdict} ${found(judgement)?.state ?? ''}`);
      }),
      { numRuns: 300 },
    );
  });

  test('says why, on what evidence and with which remedy, for any facts and without throwing', () => {
    fc.assert(
      fc.property(factsAbout(namesOf(rule)), facts => {
        const judgement = judge(rule, facts);
        expect(judgement.because).not.toMatch(/undefined|NaN|\[object|null/);
        expect(judgement.because.length).toBeGreaterThan(10);
        const finding = found(judgement);
        if (finding === undefined) return;
        if (judgement.verdict === 'informational') expect(finding.severity).toBe('info');
        expect(finding.evidence.length).toBeGreaterThan(0);
        if (finding.remedy !== null) {
          expect(Object.keys(finding.remedy.undo)).toEqual(Object.keys(finding.remedy.set));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('explains itself', () => {
    expect(rule.mechanism.length).toBeGreaterThan(1);
    expect(rule.references.length).toBeGreaterThan(0);
    for (const { url } of rule.references) expect(url).toMatch(/^https:\/\//);
    for (const text of [rule.title, rule.summary, rule.proof, ...rule.mechanism]) expect(text).not.toBe('');
    expect('none' in rule.fix ? rule.fix.none : rule.fix.risk).not.toBe('');
  });
});
