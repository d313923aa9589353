import { describe, expect, test } from 'vitest';
import { absent } from '../../src/model/reading.ts';
import rule from '../../src/rules/conntrack-full.ts';
import { judge } from '../../src/rules/define.ts';
import type { ExampleHost } from '../../src/rules/example.ts';
import { facts } from './facts.ts';

const max = 'net.netfilter.nf_conntrack_max';
const level = 'proc/sys/net/netfilter/nf_conntrack_count' as const;
const statistics = 'proc/net/stat/nf_conntrack' as const;

type Number = number | readonly [number, number];
interface Counters {
  readonly count?: Number;
  readonly drop?: Number;
  readonly early?: Number;
  readonly failed?: Number;
}

const host = ({ count, drop, early, failed }: Counters, limit: string | null = '1000'): ExampleHost => ({
  ...(limit !== null && { settings: { [max]: limit } }),
  missing: [...(count === undefined ? [level] : []), ...(drop === undefined ? [statistics] : [])],
  counters: {
    ...(count !== undefined && { 'nf_conntrack.count': count }),
    ...(drop !== undefined && { 'nf_conntrack.drop': drop }),
    ...(early !== undefined && { 'nf_conntrack.early_drop': early }),
    ...(failed !== undefined && { 'nf_conntrack.insert_failed': failed }),
  },
});

const judged = (example: ExampleHost) => judge(rule, facts(example));
const short = (example: ExampleHost): string => {
  const judgement = judged(example);
  return judgement.verdict === 'fail'
    ? `${judgement.state} ${judgement.severity} ${judgement.confidence}`
    : judgement.verdict;
};

describe('a drop is one for want of room where the table is full, or clashes do not explain it', () => {
  test.each<[string, ExampleHost, string]>([
    ['drops beside a full table', host({ count: [990, 1_000], drop: [5, 9], failed: [0, 0] }), 'active high high'],
    [
      'the same, and clashes that explain all of them',
      host({ count: [990, 1_000], drop: [5, 9], failed: [5, 9] }),
      'active high high',
    ],
    ['clashes alone, room enough', host({ count: [9, 9], drop: [5, 9], failed: [5, 9] }), 'pass'],
    ['drops that are no clashes, room enough', host({ count: [9, 9], drop: [5, 9], failed: [5, 5] }), 'pass'],
    [
      'drops beside evictions, whatever the level is a moment later',
      host({ count: [9, 9], drop: [5, 9], early: [1, 2], failed: [0, 0] }),
      'active high high',
    ],
    ['evictions alone', host({ count: [1_000, 999], drop: [5, 5], early: [1, 2] }), 'active medium high'],
    ['level unknown, drops beyond clashes', host({ drop: [5, 9], failed: [5, 7] }), 'active high medium'],
    ['level unknown, clashes alone', host({ drop: [5, 9], failed: [5, 9] }), 'pass'],
    ['limit unknown', host({ count: [9, 9], drop: [5, 9] }, null), 'active high medium'],
    ['a limit of 0 says nothing', host({ count: [9, 9], drop: [5, 9] }, '0'), 'active high medium'],
    ['no statistics, at the limit', host({ count: [1_000, 1_000] }), 'active high medium'],
    ['no statistics, one below', host({ count: [999, 999] }), 'latent medium high'],
    ['no statistics, room enough', host({ count: [899, 899] }), 'pass'],
    ['nine tenths', host({ count: 900, drop: 0 }), 'latent medium high'],
    ['a tenth of the limit is left, and one more', host({ count: 899, drop: 0 }), 'pass'],
    ['since boot, beyond clashes', host({ count: [9, 9], drop: [900, 900], failed: [100, 100] }), 'past medium medium'],
    ['since boot, clashes explain all', host({ count: [9, 9], drop: [900, 900], failed: [900, 900] }), 'pass'],
    ['since boot evictions only', host({ count: [9, 9], drop: [0, 0], early: [900, 900] }), 'past medium medium'],
    ['nothing loaded', { missing: [level, statistics] }, 'notapplicable'],
    [
      'a saved tree without proc/net/stat',
      { missing: [level, statistics, 'proc/net/stat/rt_cache', 'proc/net/stat/arp_cache'] },
      'notchecked',
    ],
    [
      'not permitted to look',
      { settings: { [max]: absent('not-permitted') }, missing: [level, statistics] },
      'notchecked',
    ],
    ['loaded, and nothing could be read but the limit', host({}), 'notchecked'],
  ])('%s', (_, example, expected) => {
    expect(short(example)).toBe(expected);
  });
});

test('the counter that proves it stands first, the level beside it', () => {
  expect(judged(host({ count: [990, 1_000], drop: [5, 9], failed: [0, 0] }))).toMatchObject({
    evidence: [
      { source: statistics, field: 'nf_conntrack.drop', value: 9, earlier: 5, perSecond: 2 },
      { source: level, field: 'nf_conntrack.count', value: 1_000 },
      { source: 'proc/sys/net/netfilter/nf_conntrack_max', field: max, value: '1000' },
      { source: statistics, field: 'nf_conntrack.insert_failed', value: 0 },
    ],
  });
});

test.each([
  ['1000', { [max]: '2000' }, { [max]: '1000' }],
  ['2097152', { [max]: '4194304' }, { [max]: '2097152' }],
  ['2097153', {}, {}],
  ['4194304', {}, {}],
])('nf_conntrack_max=%s is doubled, up to a bound', (limit, set, undo) => {
  expect(judged(host({ count: [9, 9], drop: [5, 9], early: [1, 2] }, limit))).toMatchObject({ remedy: { set, undo } });
});

test('what is said where clashes are passed over', () => {
  expect(judged(host({ count: [9, 9], drop: [5, 9], failed: [5, 9] })).because).toBe(
    '9 of 1,000 connections are tracked (0.9 %). nf_conntrack.drop rises by no more than insert_failed: these are clashes of entries, not a full table.',
  );
});
