import type { Example } from './example.ts';

/** One for every verdict and state. */
export const timeWaitCollisionExamples: readonly Example[] = [
  {
    name: 'many now, behind one NAT address',
    host: {
      counters: {
        'TcpExt.PAWSTimewait': [8, 85],
        'TcpExt.TCPACKSkippedTimeWait': [0, 11],
        'Tcp.PassiveOpens': [60, 69],
      },
      sockets: {
        peers: [
          {
            address: '10.8.0.5',
            port: 443,
            connections: 1_260,
            states: { TIME_WAIT: 1_204, ESTABLISHED: 56 },
            lowPorts: 600,
          },
        ],
      },
    },
    verdict: 'fail',
    state: 'active',
    severity: 'high',
  },
  {
    name: 'one now: late is no drop',
    host: { counters: { 'TcpExt.PAWSTimewait': [7, 8] } },
    verdict: 'fail',
    state: 'active',
    severity: 'medium',
  },
  {
    name: 'a kernel without the column: two counters together',
    host: { counters: { 'TcpExt.PAWSEstab': [900, 1_000], 'TcpExt.TCPACKSkippedTimeWait': [40, 46] } },
    verdict: 'fail',
    state: 'active',
    severity: 'high',
  },
  {
    name: 'often since boot',
    host: { counters: { 'TcpExt.PAWSTimewait': [19_000, 19_000] } },
    verdict: 'fail',
    state: 'past',
    severity: 'medium',
  },
  {
    name: 'PAWSEstab alone proves nothing',
    host: { counters: { 'TcpExt.PAWSEstab': [900, 1_000], 'TcpExt.TCPACKSkippedTimeWait': [0, 0] } },
    verdict: 'notchecked',
  },
  { name: 'no counters', host: {}, verdict: 'notchecked' },
  { name: 'a kernel without any of the columns', host: { counters: {} }, verdict: 'notchecked' },
  {
    name: 'PAWSEstab does not count where PAWSTimewait exists',
    host: { counters: { 'TcpExt.PAWSTimewait': [0, 0], 'TcpExt.PAWSEstab': [900, 1_000] } },
    verdict: 'pass',
  },
];
