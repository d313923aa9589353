import { expect, test } from 'vitest';
import type { Judgement } from '../../src/model/rule.ts';
import rule from '../../src/rules/challenge-ack.ts';
import { judge } from '../../src/rules/define.ts';
import type { ExampleHost } from '../../src/rules/example.ts';
import { facts } from './facts.ts';

const keepalive = 'net.ipv4.tcp_keepalive_time';
type Counters = NonNullable<ExampleHost['counters']>;
const challenged = (value: Counters[string], more: Counters = {}): ExampleHost => ({
  counters: { 'TcpExt.TCPSYNChallenge': value, ...more },
});
const short = (judgement: Judgement): string =>
  judgement.verdict === 'fail' ? `${judgement.state} ${judgement.severity} ${judgement.confidence}` : judgement.verdict;

test.each<[string, ExampleHost, string]>([
  ['one in 2 s is below the threshold', challenged([0, 1]), 'pass'],
  ['one a second', challenged([0, 2]), 'active high high'],
  ['one in 2 s, and often since boot', challenged([1_440, 1_441]), 'past medium medium'],
  ['rising, the rate unknown', { ...challenged([0, 40]), uptimeSeconds: null }, 'active high high'],
  [
    'on a host that mostly connects itself',
    challenged([0, 9], { 'Tcp.PassiveOpens': [900, 902], 'Tcp.ActiveOpens': [0, 80] }),
    'active high medium',
  ],
  [
    'on a host that mostly accepts',
    challenged([0, 9], { 'Tcp.PassiveOpens': [900, 980], 'Tcp.ActiveOpens': [9_000, 9_002] }),
    'active high high',
  ],
  [
    'a number without a time, against what the host opens itself',
    { ...challenged(2, { 'Tcp.PassiveOpens': 230, 'Tcp.ActiveOpens': 3_556 }), uptimeSeconds: null },
    'pass',
  ],
])('%s: %s', (_name, host, wanted) => {
  expect(short(judge(rule, facts(host)))).toBe(wanted);
});

test('a rise below the threshold is said, not denied', () => {
  expect(judge(rule, facts(challenged([0, 1]))).because).toContain('rises by only +0.5/s');
  expect(judge(rule, facts(challenged([1_440, 1_441]))).because).toContain('+0.5/s between the two samples');
});

test.each([
  ['7200', { [keepalive]: '180' }, { [keepalive]: '7200' }],
  ['180', {}, {}],
  ['soon', {}, {}],
])('keepalive %s is changed only if it is slower than a NAT forgets', (value, set, undo) => {
  const judgement = judge(rule, facts({ ...challenged([0, 9]), settings: { [keepalive]: value } }));
  if (judgement.verdict !== 'fail') throw new Error('no finding');
  expect(judgement.remedy?.set).toEqual(set);
  expect(judgement.remedy?.undo).toEqual(undo);
});

test('connections that the program does not close are named from 100 on', () => {
  const because = (waiting: number) =>
    judge(rule, facts({ ...challenged([0, 9]), sockets: { states: { CLOSE_WAIT: waiting } } })).because;
  expect(because(99)).not.toContain('CLOSE_WAIT');
  expect(because(100)).toContain('100 connections in CLOSE_WAIT');
});
