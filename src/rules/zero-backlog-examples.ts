import type { Listener } from '../model/snapshot.ts';
import type { Example } from './example.ts';

const listener = (port: number, queued: number, limit: number | null): Listener => ({
  address: '0.0.0.0',
  port,
  queued,
  limit,
});
const ssh = listener(22, 0, 128);
const quiet = {
  'TcpExt.ListenOverflows': [0, 0],
  'TcpExt.TCPReqQFullDrop': [0, 0],
  'TcpExt.TCPReqQFullDoCookies': [0, 0],
} as const;

/** One for every verdict and state. */
export const zeroBacklogExamples: readonly Example[] = [
  {
    name: 'its accept queue overflows',
    host: {
      counters: { ...quiet, 'TcpExt.ListenOverflows': [4, 12], 'TcpExt.ListenDrops': [4, 12] },
      sockets: { listeners: [ssh, listener(8080, 1, 0)] },
    },
    verdict: 'fail',
    state: 'active',
    severity: 'high',
  },
  {
    name: 'a kernel before the fix: every SYN is dropped at a SYN queue that is empty',
    host: {
      settings: { 'net.ipv4.tcp_syncookies': '0' },
      counters: { ...quiet, 'TcpExt.TCPReqQFullDrop': [4, 12], 'TcpExt.ListenDrops': [4, 12] },
      sockets: { listeners: [ssh, listener(8080, 0, 0)] },
    },
    verdict: 'fail',
    state: 'active',
    severity: 'high',
  },
  {
    name: 'queues overflowed often since boot',
    host: {
      counters: { ...quiet, 'TcpExt.ListenOverflows': [4_000, 4_000] },
      sockets: { listeners: [ssh, listener(8080, 0, 0)] },
    },
    verdict: 'fail',
    state: 'past',
    severity: 'medium',
  },
  {
    name: 'nothing was dropped so far',
    host: { counters: quiet, sockets: { listeners: [ssh, listener(8080, 1, 0)] } },
    verdict: 'fail',
    state: 'latent',
    severity: 'medium',
  },
  {
    name: 'another queue is full, and nothing waits here',
    host: {
      counters: { ...quiet, 'TcpExt.ListenOverflows': [4, 12] },
      sockets: { listeners: [ssh, listener(8080, 0, 0), listener(443, 129, 128)] },
    },
    verdict: 'fail',
    state: 'latent',
    severity: 'medium',
  },
  {
    name: 'all limits are above 0',
    host: { counters: quiet, sockets: { listeners: [ssh, listener(8080, 2, 511)] } },
    verdict: 'pass',
  },
  {
    name: 'no queue was ever full, so ss was not asked',
    host: { counters: quiet, sockets: { listeners: [listener(22, 0, null)] } },
    verdict: 'pass',
  },
  {
    name: 'a queue was full, and ss is missing',
    host: {
      counters: { ...quiet, 'TcpExt.ListenOverflows': [4, 12] },
      sockets: { listeners: [listener(22, 0, null)] },
    },
    verdict: 'notchecked',
  },
  {
    name: 'ss shows 0 for every listener, as it does without inet_diag',
    host: {
      counters: { ...quiet, 'TcpExt.ListenOverflows': [4, 12] },
      sockets: { listeners: [listener(22, 0, 0), listener(8080, 5, 0)] },
    },
    verdict: 'notchecked',
  },
  { name: 'the sockets were not read', host: { counters: quiet }, verdict: 'notchecked' },
];
