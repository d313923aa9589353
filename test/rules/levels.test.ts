import { describe, expect, test } from 'vitest';
import type { Judgement } from '../../src/model/rule.ts';
import { judge } from '../../src/rules/define.ts';
import type { ExampleHost } from '../../src/rules/example.ts';
import orphanPressure from '../../src/rules/orphan-pressure.ts';
import timeWaitOverflow from '../../src/rules/time-wait-overflow.ts';
import { facts } from './facts.ts';

type Counted = NonNullable<ExampleHost['counters']>[string];

const short = (judgement: Judgement): string =>
  judgement.verdict === 'fail' ? `${judgement.state} ${judgement.severity}` : judgement.verdict;

describe('TIME_WAIT against tcp_max_tw_buckets', () => {
  const key = 'net.ipv4.tcp_max_tw_buckets';
  const host = (overflows: Counted, waiting: number, limit = '5000'): ExampleHost => ({
    settings: { [key]: limit },
    counters: { 'TcpExt.TCPTimeWaitOverflow': overflows, 'TCP.tw': waiting },
  });

  test.each<[string, ExampleHost, string]>([
    ['89.98 %', host([0, 0], 4_499), 'pass'],
    ['90 %', host([0, 0], 4_500), 'latent low'],
    ['one overflow now', host([7, 8], 10), 'active medium'],
    ['59 an hour since boot', host(1_416, 10), 'pass'],
    ['60 an hour since boot', host(1_440, 10), 'past low'],
    ['too few since boot, and nearly full', host(3, 4_999), 'latent low'],
    ['a limit of 0', host([0, 0], 0, '0'), 'latent low'],
    ['a limit that is no number', host([0, 0], 4_999, 'many'), 'pass'],
  ])('%s', (_name, each, wanted) => {
    expect(short(judge(timeWaitOverflow, facts(each)))).toBe(wanted);
  });

  test('a large limit is not raised further, an unknown one is not touched', () => {
    const remedy = (limit: string) => {
      const judgement = judge(timeWaitOverflow, facts(host([7, 8], 10, limit)));
      return judgement.verdict === 'fail' ? judgement.remedy : null;
    };
    expect(remedy('5000')).toMatchObject({ set: { [key]: '262144' }, undo: { [key]: '5000' } });
    expect(remedy('262144')?.set).toEqual({});
    expect(remedy('many')?.set).toEqual({});
  });

  test('a gauge is evidence without a rate', () => {
    const judgement = judge(timeWaitOverflow, facts(host([7, 8], 10)));
    if (judgement.verdict !== 'fail') throw new Error('no finding');
    expect(judgement.evidence).toContainEqual({ source: 'proc/net/sockstat', field: 'TCP.tw', value: 10 });
  });
});

describe('orphans against tcp_max_orphans', () => {
  const host = (orphans: number, aborted: Counted, limit = '16384'): ExampleHost => ({
    settings: { 'net.ipv4.tcp_max_orphans': limit },
    counters: { 'TCP.orphan': orphans, 'TcpExt.TCPAbortOnMemory': aborted },
  });

  test.each<[string, ExampleHost, string]>([
    ['none', host(0, [0, 0]), 'pass'],
    ['just below 90 %', host(14_745, [0, 0]), 'pass'],
    ['above 90 %', host(14_746, [0, 0]), 'latent low'],
    ['resets now, at a quarter of the limit', host(4_096, [0, 5]), 'active medium'],
    ['resets now, below a quarter: not for orphans', host(4_095, [0, 5]), 'pass'],
    ['resets of the past say nothing', host(4_096, [5, 5]), 'pass'],
    ['a limit of 0', host(0, [0, 0], '0'), 'latent low'],
    ['no number', host(0, [0, 0], '16384x'), 'notchecked'],
  ])('%s', (_name, each, wanted) => {
    expect(short(judge(orphanPressure, facts(each)))).toBe(wanted);
  });
});
