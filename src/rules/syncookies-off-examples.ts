import type { Example } from './example.ts';

const cookies = 'net.ipv4.tcp_syncookies';
const backlog = 'net.ipv4.tcp_max_syn_backlog';

/** One for every verdict and state. */
export const syncookiesOffExamples: readonly Example[] = [
  {
    name: 'off, drops that nothing else explains, and three quarters of the backlog are taken',
    host: {
      settings: { [cookies]: '0', [backlog]: '128' },
      counters: {
        'TcpExt.ListenDrops': [47, 94],
        'TcpExt.ListenOverflows': [0, 0],
        'TcpExt.TCPReqQFullDrop': [0, 0],
      },
      sockets: { halfOpen: [{ port: 443, requests: 97, retransmitted: 60 }] },
    },
    verdict: 'fail',
    state: 'active',
    severity: 'high',
  },
  {
    name: 'off, and nothing is dropped',
    host: {
      settings: { [cookies]: '0', [backlog]: '128' },
      counters: {
        'TcpExt.ListenDrops': [0, 0],
        'TcpExt.ListenOverflows': [0, 0],
        'TcpExt.TCPReqQFullDrop': [0, 0],
      },
      sockets: {},
    },
    verdict: 'fail',
    state: 'latent',
    severity: 'medium',
  },
  {
    name: 'off, and the SYN queue is full: syn-queue-full leads',
    host: {
      settings: { [cookies]: '0', [backlog]: '4096' },
      counters: {
        'TcpExt.ListenDrops': [0, 50],
        'TcpExt.ListenOverflows': [0, 0],
        'TcpExt.TCPReqQFullDrop': [0, 50],
      },
      sockets: { halfOpen: [{ port: 443, requests: 129, retransmitted: 0 }] },
    },
    verdict: 'fail',
    state: 'latent',
    severity: 'medium',
  },
  { name: 'on', host: { settings: { [cookies]: '1' } }, verdict: 'pass' },
  { name: 'always on', host: { settings: { [cookies]: '2' } }, verdict: 'pass' },
  { name: 'a kernel without SYN cookies', host: { settings: {} }, verdict: 'notapplicable' },
  { name: 'settings were not collected', host: { ipv4Readable: false }, verdict: 'notchecked' },
];
