import { expect, test } from 'vitest';
import { absent } from '../../src/model/reading.ts';
import { judge } from '../../src/rules/define.ts';
import type { ExampleHost } from '../../src/rules/example.ts';
import rule from '../../src/rules/timestamps-off.ts';
import { facts, recycle, timestamps } from './facts.ts';

const off = { [timestamps]: '0' };
const on = { set: { [timestamps]: '1' }, undo: { [timestamps]: '0' } };
const nothing = { set: {}, undo: {} };

test.each<[string, ExampleHost, string, object]>([
  ['a kernel without recycle', { settings: off, counters: { 'TcpExt.TW': 1 } }, 'off', on],
  ['recycle is off', { settings: { ...off, [recycle]: '0' } }, 'off', on],
  ['recycle is on', { settings: { ...off, [recycle]: '1' } }, 'hides-recycle', nothing],
  ['recycle may not be read', { settings: { ...off, [recycle]: absent('not-permitted') } }, 'off', nothing],
  [
    'a container of an old kernel: the key is not visible, its counter is',
    { settings: off, counters: { 'TcpExt.PAWSPassive': 0 } },
    'off',
    nothing,
  ],
])('%s', (_name, host, state, remedy) => {
  const judgement = judge(rule, facts(host));
  expect(judgement).toMatchObject({ verdict: 'fail', severity: 'low', state });
  if (judgement.verdict !== 'fail') return;
  const { set, undo } = judgement.remedy ?? {};
  expect({ set, undo }).toEqual(remedy);
});

test('where recycle is on, the order of the two steps is said', () => {
  const { because } = judge(rule, facts({ settings: { ...off, [recycle]: '1' } }));
  expect(because).toMatch(/tcp_tw_recycle=0 first, and timestamps back to 1 after that/);
});
