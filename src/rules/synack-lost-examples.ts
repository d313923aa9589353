import type { Example } from './example.ts';

const web = { halfOpen: [{ port: 8080, requests: 30, retransmitted: 24 }] };
const flat = { 'TcpExt.ListenDrops': [7, 7], 'Tcp.PassiveOpens': [500, 502] } as const;
const repeated = { 'TcpExt.TCPSynRetrans': [40, 56] } as const;

/** One for every verdict and state. */
export const synackLostExamples: readonly Example[] = [
  {
    name: 'requests wait, their SYN-ACKs are sent again, and the listener drops nothing',
    host: { counters: { ...repeated, ...flat }, sockets: web },
    verdict: 'fail',
    state: 'active',
    severity: 'medium',
  },
  {
    name: 'a rule of the host itself drops its SYN-ACKs: they time out, and none is sent again',
    host: {
      counters: { ...flat, 'TcpExt.TCPSynRetrans': [40, 40], 'TcpExt.TCPTimeouts': [90, 114] },
      sockets: { halfOpen: [{ port: 8080, requests: 12, retransmitted: 0 }] },
    },
    verdict: 'fail',
    state: 'active',
    severity: 'medium',
  },
  {
    name: 'only our own SYNs are repeated',
    host: { counters: { ...repeated, ...flat }, sockets: {} },
    verdict: 'pass',
  },
  {
    name: 'a few of very many',
    host: { counters: { ...repeated, ...flat, 'Tcp.PassiveOpens': [50_000, 51_000] }, sockets: web },
    verdict: 'pass',
  },
  {
    name: 'nothing is sent again',
    host: { counters: { 'TcpExt.TCPSynRetrans': [40, 40] }, sockets: web },
    verdict: 'pass',
  },
  {
    name: 'the queue of the listener is full',
    host: { counters: { ...repeated, ...flat, 'TcpExt.ListenDrops': [7, 9] }, sockets: web },
    verdict: 'notchecked',
  },
  {
    name: 'a listener that waits for data',
    host: { counters: { ...repeated, ...flat, 'TcpExt.TCPDeferAcceptDrop': [90, 120] }, sockets: web },
    verdict: 'notchecked',
  },
  { name: 'one sample', host: { counters: { 'TcpExt.TCPSynRetrans': 56 }, sockets: web }, verdict: 'notchecked' },
  { name: 'sockets could not be read', host: { counters: repeated }, verdict: 'notchecked' },
  { name: 'a kernel without the column', host: { counters: {}, sockets: web }, verdict: 'notapplicable' },
];
