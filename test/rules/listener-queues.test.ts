import { describe, expect, test } from 'vitest';
import type { Listener, SocketTable } from '../../src/model/snapshot.ts';
import { judge } from '../../src/rules/define.ts';
import type { ExampleHost } from '../../src/rules/example.ts';
import { rules } from '../../src/rules/index.ts';
import { isFull, listenersOf, someOf } from '../../src/rules/listener-queues.ts';
import { primaryOf } from '../../src/rules/primary.ts';
import { facts } from './facts.ts';

/** `[port, queued, limit]` of listeners on all addresses. */
type Queue = readonly [port: number, queued: number, limit: number | null];
const listening = (...queues: readonly Queue[]): readonly Listener[] =>
  queues.map(([port, queued, limit]) => ({ address: '0.0.0.0', port, queued, limit }));

const table = (listeners: readonly Listener[]): SocketTable => ({
  states: {},
  listeners,
  halfOpen: [],
  peers: [],
  rest: [],
  destinations: [],
});

describe('a limit of 0 is believed', () => {
  test.each<[string, readonly Queue[], readonly (number | null)[]]>([
    [
      'beside another limit',
      [
        [22, 0, 128],
        [80, 1, 0],
      ],
      [128, 0],
    ],
    ['of the only listener', [[80, 1, 0]], [0]],
    [
      'not of all listeners: ss read /proc/net/tcp',
      [
        [22, 0, 0],
        [80, 0, 0],
      ],
      [null, null],
    ],
    [
      'not of a queue that holds two',
      [
        [22, 0, 128],
        [80, 2, 0],
      ],
      [128, null],
    ],
    [
      'nor of any other then',
      [
        [22, 0, 128],
        [80, 2, 0],
        [81, 0, 0],
      ],
      [128, null, null],
    ],
    [
      'and unknown ones stay unknown',
      [
        [22, 0, null],
        [80, 0, 0],
      ],
      [null, 0],
    ],
  ])('%s', (_, queues, limits) => {
    expect(listenersOf(table(listening(...queues))).map(({ limit }) => limit)).toEqual(limits);
  });
});

test.each<[queued: number, limit: number | null, somaxconn: number | null, full: boolean]>([
  [0, 0, 128, false],
  [1, 0, 128, true],
  [127, 128, 128, false],
  [128, 128, 128, true],
  [129, 128, 4096, true],
  [128, null, 128, false],
  [129, null, 128, true],
  [129, null, null, false],
])('%i waiting, limit %s, somaxconn %s: full is %s', (queued, limit, somaxconn, full) => {
  const [listener] = listening([443, queued, limit]);
  expect(isFull(listener as Listener, somaxconn)).toBe(full);
});

test('three are named, the others counted', () => {
  expect([1, 2, 3, 5].map(length => someOf(Array(length).fill('x'), String))).toEqual([
    'x',
    'x and x',
    'x, x and x',
    'x, x, x and 2 more',
  ]);
});

/** `zero-backlog active high, syncookies-off latent medium; zero-backlog leads`, of the rules about listeners. */
function told(host: ExampleHost): string {
  const about = ['accept-queue-overflow', 'syn-queue-full', 'syncookies-off', 'abort-on-overflow', 'zero-backlog'];
  const findings = rules
    .filter(({ id }) => about.includes(id) || id === 'unexplained-listen-drops')
    .flatMap(rule => {
      const { verdict, ...finding } = { waived: null, rule: rule.id, ...judge(rule, facts(host)) };
      return verdict === 'fail' && 'state' in finding ? [finding] : [];
    });
  const named = findings.map(({ rule, state, severity }) => `${rule} ${state} ${severity}`);
  return `${named.join(', ')}; ${primaryOf(findings)} leads`;
}

const still = {
  'TcpExt.ListenOverflows': [0, 0],
  'TcpExt.ListenDrops': [0, 0],
  'TcpExt.TCPReqQFullDrop': [0, 0],
  'TcpExt.TCPReqQFullDoCookies': [0, 0],
  'TcpExt.SyncookiesSent': [0, 0],
} as const;
const usual = {
  'net.ipv4.tcp_syncookies': '1',
  'net.ipv4.tcp_max_syn_backlog': '512',
  'net.ipv4.tcp_abort_on_overflow': '0',
  'net.core.somaxconn': '4096',
};
const off = { ...usual, 'net.ipv4.tcp_syncookies': '0' };
const overflowing = { ...still, 'TcpExt.ListenOverflows': [3, 9], 'TcpExt.ListenDrops': [3, 9] } as const;
const dropping = { ...still, 'TcpExt.TCPReqQFullDrop': [3, 9], 'TcpExt.ListenDrops': [3, 9] } as const;
const answering = { ...still, 'TcpExt.TCPReqQFullDoCookies': [3, 9], 'TcpExt.SyncookiesSent': [3, 9] } as const;
const halfOpen = (port: number, requests: number) => [{ port, requests, retransmitted: 0 }];

describe('one fault, and the rule that leads', () => {
  test.each<[string, ExampleHost, string]>([
    ['nothing', { settings: usual, counters: still, sockets: {} }, '; null leads'],
    [
      'an accept queue is full',
      { settings: usual, counters: overflowing, sockets: { listeners: listening([22, 0, 128], [80, 6, 5]) } },
      'accept-queue-overflow active high; accept-queue-overflow leads',
    ],
    [
      'it has backlog 0 (measured on 6.18)',
      { settings: usual, counters: overflowing, sockets: { listeners: listening([22, 0, 128], [80, 1, 0]) } },
      'accept-queue-overflow active high, zero-backlog active high; zero-backlog leads',
    ],
    [
      'a listener with backlog 0 is idle while another one is full',
      { settings: usual, counters: overflowing, sockets: { listeners: listening([81, 0, 0], [80, 6, 5]) } },
      'accept-queue-overflow active high, zero-backlog latent medium; accept-queue-overflow leads',
    ],
    [
      'backlog 0 on a kernel before the fix, cookies off',
      { settings: off, counters: dropping, sockets: { listeners: listening([22, 0, 128], [80, 0, 0]) } },
      'syn-queue-full active high, syncookies-off latent medium, zero-backlog active high; zero-backlog leads',
    ],
    [
      'backlog 0 on a kernel before the fix, cookies on',
      { settings: usual, counters: answering, sockets: { listeners: listening([22, 0, 128], [80, 0, 0]) } },
      'syn-queue-full active medium, zero-backlog active high; zero-backlog leads',
    ],
    [
      'a listener with backlog 0, and cookies for every SYN of the host',
      {
        settings: { ...usual, 'net.ipv4.tcp_syncookies': '2' },
        counters: answering,
        sockets: { listeners: listening([22, 0, 128], [80, 0, 0]) },
      },
      'zero-backlog latent medium; null leads',
    ],
    [
      'an idle listener with backlog 0 beside a flooded one',
      {
        settings: usual,
        counters: answering,
        sockets: { listeners: listening([81, 0, 0], [80, 0, 5]), halfOpen: halfOpen(80, 6) },
      },
      'syn-queue-full active medium, zero-backlog latent medium; syn-queue-full leads',
    ],
    [
      'a SYN queue is full, cookies off',
      {
        settings: off,
        counters: dropping,
        sockets: { listeners: listening([80, 0, 5]), halfOpen: halfOpen(80, 6) },
      },
      'syn-queue-full active high, syncookies-off latent medium; syn-queue-full leads',
    ],
    [
      'cookies for every SYN',
      { settings: { ...usual, 'net.ipv4.tcp_syncookies': '2' }, counters: answering, sockets: {} },
      '; null leads',
    ],
    [
      'the last quarter (measured on 6.18: 16 - 4 + 1 requests)',
      {
        settings: { ...off, 'net.ipv4.tcp_max_syn_backlog': '16' },
        counters: { ...still, 'TcpExt.ListenDrops': [47, 94] },
        sockets: { listeners: listening([80, 0, 1000]), halfOpen: halfOpen(80, 13) },
      },
      'syncookies-off active high; syncookies-off leads',
    ],
    [
      'the same drops with fewer requests: not the last quarter',
      {
        settings: { ...off, 'net.ipv4.tcp_max_syn_backlog': '16' },
        counters: { ...still, 'TcpExt.ListenDrops': [47, 94] },
        sockets: { listeners: listening([80, 0, 1000]), halfOpen: halfOpen(80, 11) },
      },
      'syncookies-off latent medium, unexplained-listen-drops active high; unexplained-listen-drops leads',
    ],
    [
      'no route back (measured on 6.18)',
      {
        settings: usual,
        counters: { ...still, 'TcpExt.ListenDrops': [0, 11], 'Ip.OutNoRoutes': [0, 11] },
        sockets: {},
      },
      'unexplained-listen-drops active high; unexplained-listen-drops leads',
    ],
    [
      'a full accept queue that resets: the queue leads',
      {
        settings: { ...usual, 'net.ipv4.tcp_abort_on_overflow': '1' },
        counters: { ...overflowing, 'TcpExt.EmbryonicRsts': [0, 6], 'Tcp.OutRsts': [0, 6] },
        sockets: { listeners: listening([80, 6, 5]) },
      },
      'accept-queue-overflow active high, abort-on-overflow active high; accept-queue-overflow leads',
    ],
    [
      'a full accept queue since boot, and an idle listener with backlog 0',
      {
        settings: usual,
        counters: {
          ...still,
          'TcpExt.ListenOverflows': [5_000, 5_000],
          'TcpExt.ListenDrops': [5_000, 5_000],
        },
        sockets: { listeners: listening([22, 0, 128], [80, 0, 0]) },
      },
      'accept-queue-overflow past medium, zero-backlog past medium; zero-backlog leads',
    ],
  ])('%s', (_, host, expected) => {
    expect(told(host)).toBe(expected);
  });
});

describe('what the rest of ListenDrops needs to be a finding', () => {
  const rest = (drops: readonly [number, number], more: ExampleHost['counters'] = {}) =>
    told({ settings: usual, counters: { ...still, 'TcpExt.ListenDrops': drops, ...more }, sockets: {} });
  const active = 'unexplained-listen-drops active high; unexplained-listen-drops leads';
  const past = 'unexplained-listen-drops past medium; unexplained-listen-drops leads';

  test.each<[string, string, string]>([
    ['two between the samples are an accident', rest([0, 2]), '; null leads'],
    ['three are none', rest([0, 3]), active],
    ['three of 3,000 accepted connections are', rest([0, 3], { 'Tcp.PassiveOpens': [0, 3_001] }), '; null leads'],
    ['three of fewer are not', rest([0, 3], { 'Tcp.PassiveOpens': [0, 3_000] }), active],
    ['a few a day since boot', rest([200, 200]), '; null leads'],
    ['ten an hour since boot', rest([240, 240]), past],
    ['ten an hour, and one more now', rest([240, 241]), past],
    ['ten an hour of a million connections', rest([240, 240], { 'Tcp.PassiveOpens': [1e6, 1e6] }), '; null leads'],
    [
      'ICMP errors that may explain it',
      rest([0, 40], { 'Icmp.InDestUnreachs': [0, 40] }),
      'unexplained-listen-drops active medium; unexplained-listen-drops leads',
    ],
    [
      'since boot, and ICMP errors that may explain it',
      rest([900, 900], { 'Icmp.InDestUnreachs': [5_000, 5_000] }),
      'unexplained-listen-drops past low; null leads',
    ],
  ])('%s', (_, said, expected) => {
    expect(said).toBe(expected);
  });
});
