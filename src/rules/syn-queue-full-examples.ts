import type { Example } from './example.ts';

const cookies = 'net.ipv4.tcp_syncookies';
const limits = { 'net.core.somaxconn': '128', 'net.ipv4.tcp_max_syn_backlog': '128' };
const dropped = 'TcpExt.TCPReqQFullDrop';
const answered = 'TcpExt.TCPReqQFullDoCookies';
const sockets = {
  listeners: [{ address: '0.0.0.0', port: 443, queued: 0, limit: 128 }],
  halfOpen: [{ port: 443, requests: 129, retransmitted: 120 }],
};

/** One for every verdict and state. */
export const synQueueFullExamples: readonly Example[] = [
  {
    name: 'cookies are off, and SYNs are dropped',
    host: {
      settings: { ...limits, [cookies]: '0' },
      counters: { [dropped]: [10, 130], [answered]: [0, 0], 'TcpExt.ListenDrops': [10, 130] },
      sockets,
    },
    verdict: 'fail',
    state: 'active',
    severity: 'high',
  },
  {
    name: 'cookies are on, and SYNs are answered with them',
    host: {
      settings: { ...limits, [cookies]: '1' },
      counters: { [dropped]: [0, 0], [answered]: [10, 130], 'TcpExt.SyncookiesSent': [10, 130] },
      sockets,
    },
    verdict: 'fail',
    state: 'active',
    severity: 'medium',
  },
  {
    name: 'SYNs were dropped often since boot',
    host: { settings: { [cookies]: '1' }, counters: { [dropped]: [5_000, 5_000], [answered]: [0, 0] } },
    verdict: 'fail',
    state: 'past',
    severity: 'medium',
  },
  {
    name: 'tcp_syncookies=2: the counter of cookies counts every SYN',
    host: { settings: { [cookies]: '2' }, counters: { [dropped]: [0, 0], [answered]: [10, 130] } },
    verdict: 'pass',
  },
  {
    name: 'a flood of the past was answered with cookies',
    host: { settings: { [cookies]: '1' }, counters: { [dropped]: [0, 0], [answered]: [90_000, 90_000] } },
    verdict: 'pass',
  },
  { name: 'no queue was ever full', host: { counters: { [dropped]: 0, [answered]: 0 } }, verdict: 'pass' },
  {
    name: 'a number without a time and without anything to compare',
    host: { uptimeSeconds: null, counters: { [dropped]: 7 } },
    verdict: 'notchecked',
  },
  { name: 'a kernel without the counter', host: { counters: {} }, verdict: 'notapplicable' },
  { name: 'no counters', host: {}, verdict: 'notchecked' },
];
