import { describe, expect, test } from 'vitest';
import { judge } from '../../src/rules/define.ts';
import type { ExampleHost } from '../../src/rules/example.ts';
import rule from '../../src/rules/synack-lost.ts';
import { facts } from './facts.ts';

const retries = 'net.ipv4.tcp_synack_retries';
const halfOpen = (...retransmitted: readonly number[]) => ({
  halfOpen: retransmitted.map((number, index) => ({ port: 8080 + index, requests: number + 3, retransmitted: number })),
});

interface Situation {
  readonly waiting: readonly number[];
  readonly counters?: NonNullable<ExampleHost['counters']>;
  readonly settings?: NonNullable<ExampleHost['settings']>;
}

const judged = ({ waiting, counters = {}, settings = {} }: Situation) =>
  judge(
    rule,
    facts({
      counters: {
        'TcpExt.TCPSynRetrans': [0, 8],
        'TcpExt.ListenDrops': [5, 5],
        'Tcp.PassiveOpens': [0, 0],
        ...counters,
      },
      sockets: halfOpen(...waiting),
      settings,
    }),
  );

test.each<[string, Situation, string]>([
  ['9 requests are chance', { waiting: [9] }, 'pass'],
  ['10 are not', { waiting: [10] }, 'fail'],
  ['over all ports', { waiting: [4, 6] }, 'fail'],
  ['only our own SYNs are sent again', { waiting: [0] }, 'pass'],
  ['nothing is sent again', { waiting: [50], counters: { 'TcpExt.TCPSynRetrans': [8, 8] } }, 'pass'],
  // 20 accepted per second are 1,260 in the 63 s for which an unanswered request waits: 10 are 0.8 %, 13 are 1.02 %.
  ['less than 1 % of the handshakes', { waiting: [10], counters: { 'Tcp.PassiveOpens': [0, 40] } }, 'pass'],
  ['1 % of them', { waiting: [13], counters: { 'Tcp.PassiveOpens': [0, 40] } }, 'fail'],
  [
    'a request waits for 7 s only',
    { waiting: [10], counters: { 'Tcp.PassiveOpens': [0, 40] }, settings: { [retries]: '2' } },
    'fail',
  ],
  [
    'an absurd number of retries',
    { waiting: [10], counters: { 'Tcp.PassiveOpens': [0, 2] }, settings: { [retries]: '255' } },
    'fail',
  ],
  ['the listener drops', { waiting: [50], counters: { 'TcpExt.ListenDrops': [5, 6] } }, 'notchecked'],
  ['a listener waits for data', { waiting: [50], counters: { 'TcpExt.TCPDeferAcceptDrop': [0, 9] } }, 'notchecked'],
  ['a drop counter that went backwards', { waiting: [50], counters: { 'TcpExt.ListenDrops': [5, 4] } }, 'notchecked'],
  ['our counter went backwards', { waiting: [50], counters: { 'TcpExt.TCPSynRetrans': [8, 1] } }, 'notchecked'],
])('%s', (_name, situation, wanted) => {
  expect(judged(situation).verdict).toBe(wanted);
});

describe('the host itself refuses its SYN-ACKs', () => {
  const fresh = (requests: number, accepted: number, timeouts: readonly [number, number], retransmitted = 0) =>
    judge(
      rule,
      facts({
        counters: {
          'TcpExt.TCPSynRetrans': [8, 8],
          'TcpExt.TCPTimeouts': timeouts,
          'TcpExt.ListenDrops': [5, 5],
          'Tcp.PassiveOpens': [0, accepted],
        },
        sockets: { halfOpen: [{ port: 8080, requests, retransmitted }] },
      }),
    );

  test.each([
    ['10 wait, 10 timed out', fresh(10, 0, [0, 10]), 'fail'],
    ['5 wait, the next SYNs of the others are due', fresh(5, 0, [0, 10]), 'fail'],
    ['4 are chance', fresh(4, 0, [0, 10]), 'pass'],
    ['they wait, but did not time out: a slow network', fresh(10, 0, [0, 9]), 'pass'],
    ['half of the handshakes of a second are done', fresh(10, 20, [0, 20]), 'fail'],
    ['most of them are: a busy server', fresh(10, 22, [0, 20]), 'pass'],
    ['one was sent again, so it may leave', fresh(20, 0, [0, 40], 1), 'pass'],
  ] as const)('%s', (_name, judgement, wanted) => {
    expect(judgement.verdict).toBe(wanted);
  });

  test('not where some are sent again, though not those that wait at the moment of the sample', () => {
    const counters = { 'TcpExt.TCPSynRetrans': [0, 15], 'TcpExt.TCPTimeouts': [0, 40] } as const;
    const host = { sockets: { halfOpen: [{ port: 8080, requests: 10, retransmitted: 0 }] } };
    const flat = { 'TcpExt.ListenDrops': [0, 0], 'Tcp.PassiveOpens': [1, 1] } as const;
    expect(judge(rule, facts({ ...host, counters: { ...counters, ...flat } })).verdict).toBe('pass');
  });

  test('says so, on the counter that rises', () => {
    const judgement = fresh(10, 0, [0, 10]);
    if (judgement.verdict !== 'fail') throw new Error('no finding');
    expect(judgement.title).toContain('do not leave this host');
    expect(judgement.because).toContain('10 half-open requests on :8080 wait');
    expect(judgement.evidence[0]).toMatchObject({ field: 'TcpExt.TCPTimeouts', perSecond: 5 });
    expect(judgement.remedy?.summary).toContain('OUTPUT');
  });
});

test('without any handshake there is no share of them', () => {
  expect(judged({ waiting: [], counters: { 'TcpExt.TCPSynRetrans': [8, 8] } }).because).toBe(
    '0 half-open requests had a SYN-ACK sent again; TCPSynRetrans stands still.',
  );
});

test('one sample is not enough, and is said', () => {
  const host = { counters: { 'TcpExt.TCPSynRetrans': 8, 'TcpExt.ListenDrops': 0 }, sockets: halfOpen(50) };
  expect(judge(rule, facts(host))).toMatchObject({
    verdict: 'notchecked',
    because: expect.stringContaining('one sample'),
  });
});

test('the ports are named, the busiest first, and stand in the evidence', () => {
  const judgement = judged({ waiting: [12, 0, 40] });
  expect(judgement.because).toContain('40 half-open requests on :8082 and 12 half-open requests on :8080');
  if (judgement.verdict !== 'fail') throw new Error('no finding');
  expect(judgement.evidence[0]?.field).toBe('TcpExt.TCPSynRetrans');
  expect(judgement.evidence).toContainEqual({
    source: 'proc/net/tcp',
    field: ':8082 SYN_RECV retransmitted',
    value: 40,
  });
});
