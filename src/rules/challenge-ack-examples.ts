import { keepalive } from './challenge-ack-text.ts';
import type { Example } from './example.ts';

/** One for every verdict and state. */
export const challengeAckExamples: readonly Example[] = [
  {
    name: 'several a second, and connections that nobody closes',
    host: {
      settings: { [keepalive]: '7200' },
      counters: {
        'TcpExt.TCPSYNChallenge': [40, 52],
        'TcpExt.TCPChallengeACK': [44, 56],
        'Tcp.PassiveOpens': [900, 990],
      },
      sockets: { states: { CLOSE_WAIT: 4_211, ESTABLISHED: 300 } },
    },
    verdict: 'fail',
    state: 'active',
    severity: 'high',
  },
  {
    name: 'often since boot, on a host that is mostly a client',
    host: {
      settings: { [keepalive]: '120' },
      counters: { 'TcpExt.TCPSYNChallenge': 9_000, 'Tcp.PassiveOpens': 10, 'Tcp.ActiveOpens': 800_000 },
    },
    verdict: 'fail',
    state: 'past',
    severity: 'medium',
  },
  {
    name: 'one now is no fault',
    host: { counters: { 'TcpExt.TCPSYNChallenge': [3, 4] } },
    verdict: 'pass',
  },
  { name: 'none', host: { counters: { 'TcpExt.TCPSYNChallenge': [0, 0] } }, verdict: 'pass' },
  {
    name: 'a number without a time and without anything to compare',
    host: { uptimeSeconds: null, counters: { 'TcpExt.TCPSYNChallenge': 7 } },
    verdict: 'notchecked',
  },
  { name: 'no counters', host: {}, verdict: 'notchecked' },
  { name: 'a kernel without the column', host: { counters: {} }, verdict: 'notapplicable' },
];
