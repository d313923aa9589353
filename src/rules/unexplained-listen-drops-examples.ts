import type { Example } from './example.ts';

const none = {
  'TcpExt.ListenOverflows': [0, 0],
  'TcpExt.TCPReqQFullDrop': [0, 0],
  'TcpExt.SyncookiesSent': [0, 0],
} as const;

/** One for every verdict and state. */
export const unexplainedListenDropsExamples: readonly Example[] = [
  {
    name: 'nothing else rises with it',
    host: { counters: { ...none, 'TcpExt.ListenDrops': [7, 47], 'Tcp.PassiveOpens': [5_000, 5_100] } },
    verdict: 'fail',
    state: 'active',
    severity: 'high',
  },
  {
    name: 'no route back to the clients',
    host: { counters: { ...none, 'TcpExt.ListenDrops': [7, 47], 'Ip.OutNoRoutes': [7, 47] } },
    verdict: 'fail',
    state: 'active',
    severity: 'high',
  },
  {
    name: 'ICMP errors end half-open requests, as in a flood with forged addresses',
    host: { counters: { ...none, 'TcpExt.ListenDrops': [7, 47], 'Icmp.InDestUnreachs': [80, 130] } },
    verdict: 'fail',
    state: 'active',
    severity: 'medium',
  },
  {
    name: 'many since boot',
    host: { counters: { ...none, 'TcpExt.ListenDrops': [5_000, 5_000], 'Tcp.PassiveOpens': [90_000, 90_000] } },
    verdict: 'fail',
    state: 'past',
    severity: 'medium',
  },
  {
    name: 'a text without a time: a tenth of the connections',
    host: {
      uptimeSeconds: null,
      counters: { 'TcpExt.ListenOverflows': 0, 'TcpExt.ListenDrops': 900, 'Tcp.PassiveOpens': 9_000 },
    },
    verdict: 'fail',
    state: 'past',
    severity: 'medium',
  },
  {
    name: 'all of it are full accept queues',
    host: { counters: { ...none, 'TcpExt.ListenOverflows': [100, 112], 'TcpExt.ListenDrops': [100, 112] } },
    verdict: 'pass',
  },
  {
    name: 'all of it are drops by tcp_tw_recycle',
    host: { counters: { ...none, 'TcpExt.PAWSPassive': [100, 112], 'TcpExt.ListenDrops': [100, 112] } },
    verdict: 'pass',
  },
  {
    name: 'tcp_tw_recycle on a kernel before 3.9, where its drops are no part of ListenDrops',
    host: {
      counters: {
        'TcpExt.PAWSPassive': 1_123_035,
        'TcpExt.ListenOverflows': 438_798,
        'TcpExt.ListenDrops': 438_798,
      },
    },
    verdict: 'pass',
  },
  {
    name: 'a kernel before 4.7 counts every SYN that it answers with a cookie',
    host: {
      counters: {
        ...none,
        'TcpExt.PAWSPassive': [0, 0],
        'TcpExt.SyncookiesSent': [7_000, 7_040],
        'TcpExt.ListenDrops': [7_000, 7_040],
      },
    },
    verdict: 'pass',
  },
  {
    name: 'what port scans leave',
    host: { counters: { ...none, 'TcpExt.ListenDrops': [40, 41], 'Tcp.PassiveOpens': [90_000, 90_100] } },
    verdict: 'pass',
  },
  {
    name: 'the last quarter of the backlog is full, which syncookies-off tells',
    host: {
      settings: { 'net.ipv4.tcp_syncookies': '0', 'net.ipv4.tcp_max_syn_backlog': '128' },
      counters: { ...none, 'TcpExt.ListenDrops': [47, 94] },
      sockets: { halfOpen: [{ port: 443, requests: 97, retransmitted: 60 }] },
    },
    verdict: 'pass',
  },
  {
    name: 'a number without a time and without anything to compare',
    host: { uptimeSeconds: null, counters: { 'TcpExt.ListenOverflows': 0, 'TcpExt.ListenDrops': 7 } },
    verdict: 'notchecked',
  },
  { name: 'a kernel without these counters', host: { counters: {} }, verdict: 'notapplicable' },
  { name: 'no counters', host: {}, verdict: 'notchecked' },
];
