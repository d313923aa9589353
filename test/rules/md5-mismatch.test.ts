import { expect, test } from 'vitest';
import { judge } from '../../src/rules/define.ts';
import type { ExampleHost } from '../../src/rules/example.ts';
import rule from '../../src/rules/md5-mismatch.ts';
import { facts } from './facts.ts';

type Counters = NonNullable<ExampleHost['counters']>;
const md5 = { 'TcpExt.TCPMD5NotFound': [0, 0], 'TcpExt.TCPMD5Unexpected': [0, 0] } as const;

test.each<[string, Counters, string, string]>([
  [
    'rising beats risen',
    { 'TcpExt.TCPMD5NotFound': [9_000, 9_000], 'TcpExt.TCPMD5Failure': [3, 4] },
    'active',
    'TcpExt.TCPMD5Failure',
  ],
  [
    'the larger of two that rise',
    { 'TcpExt.TCPMD5NotFound': [1, 2], 'TcpExt.TCPAORequired': [7, 9] },
    'active',
    'TcpExt.TCPAORequired',
  ],
  ['since boot only', { 'TcpExt.TCPMD5Unexpected': [24, 24] }, 'past', 'TcpExt.TCPMD5Unexpected'],
  ['a key id that is not known', { 'TcpExt.TCPAOKeyNotFound': [0, 1] }, 'active', 'TcpExt.TCPAOKeyNotFound'],
])('%s', (_name, counters, state, proof) => {
  const judgement = judge(rule, facts({ counters: { ...md5, ...counters } }));
  if (judgement.verdict !== 'fail') throw new Error(`verdict ${judgement.verdict}`);
  expect(judgement.state).toBe(state);
  expect(judgement.evidence[0]?.field).toBe(proof);
  expect(new Set(judgement.evidence.map(({ field }) => field)).size).toBe(judgement.evidence.length);
});

test('23 in a day are fewer than one an hour', () => {
  expect(judge(rule, facts({ counters: { ...md5, 'TcpExt.TCPMD5NotFound': [23, 23] } })).verdict).toBe('pass');
});
