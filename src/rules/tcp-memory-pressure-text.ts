import type { RuleText } from './define.ts';
import type { Example } from './example.ts';
import { tcpMem } from './tcp-memory.ts';

export const fix = {
  summary: `find out which sockets hold the memory (ss -tmp; Recv-Q and Send-Q of ss -tn): a program that does not read, or clients that do not; larger ${tcpMem} only where the machine has memory to spare`,
  set: {},
  risk: `memory of TCP cannot be swapped out: with a larger ${tcpMem} programs may be killed instead`,
} as const;

/** Where it is not TCP that has no memory. */
export const starvingFix = {
  summary:
    'find out what uses up the memory of the machine (free -m, ps); a larger vm.min_free_kbytes keeps more of it for packets',
  set: {},
  risk: 'what is kept free is taken from programs and the page cache',
} as const;

/** What stands in the documentation of the rule. */
export const tcpMemoryPressureText: RuleText = {
  id: 'tcp-memory-pressure',
  title: 'TCP has memory',
  summary:
    'Everything over TCP is slow, connections are reset or do not come about, on all services of the machine at once.',
  mechanism: [
    'The buffers of all TCP sockets of the machine, containers included, are counted together, in pages.',
    'Above the second number of tcp_mem the kernel shrinks windows and throws away what came out of order.',
    'Above the third it refuses memory: segments are dropped, and connections that are being closed are reset.',
    'Where the machine itself has no free page left, packets go to emergency memory, and the socket drops them: SYNs get no answer.',
    'Mostly one program is the reason that does not read what it is sent, or thousands of slow clients.',
  ],
  proof:
    'TcpExt.TCPMemoryPressures (times) and TCPMemoryPressuresChrono (milliseconds) rise, PFMemallocDrop where packets are dropped; TCP mem of /proc/net/sockstat stands above a number of tcp_mem. The kernel logs "out of memory -- consider tuning tcp_mem".',
  fix,
  references: [
    { title: 'ip-sysctl, tcp_mem', url: 'https://docs.kernel.org/networking/ip-sysctl.html' },
    { title: 'tcp(7), tcp_mem', url: 'https://man7.org/linux/man-pages/man7/tcp.7.html' },
    { title: 'SNMP counter', url: 'https://docs.kernel.org/networking/snmp_counter.html' },
  ],
};

const settings = { [tcpMem]: '139000 185000 278000' };

/** One for every verdict and state. */
export const tcpMemoryPressureExamples: readonly Example[] = [
  {
    name: 'packets are dropped for want of memory',
    host: {
      settings,
      counters: {
        'TcpExt.TCPMemoryPressures': [2, 2],
        'TcpExt.PFMemallocDrop': [40, 61],
        'TcpExt.TCPAbortOnMemory': [0, 0],
        'TcpExt.TCPMemoryPressuresChrono': [900, 900],
        'TCP.mem': [9_000, 9_100],
      },
    },
    verdict: 'fail',
    state: 'active',
    severity: 'high',
  },
  {
    name: 'at the limit now',
    host: { settings, counters: { 'TcpExt.TCPMemoryPressures': [9, 9], 'TCP.mem': [278_001, 278_004] } },
    verdict: 'fail',
    state: 'active',
    severity: 'high',
  },
  {
    name: 'it comes and goes',
    host: { settings, counters: { 'TcpExt.TCPMemoryPressures': [9, 11], 'TCP.mem': [170_000, 180_000] } },
    verdict: 'fail',
    state: 'active',
    severity: 'medium',
  },
  {
    name: 'short of memory all the time',
    host: { settings, counters: { 'TcpExt.TCPMemoryPressures': [1, 1], 'TCP.mem': [190_000, 191_000] } },
    verdict: 'fail',
    state: 'latent',
    severity: 'medium',
  },
  {
    name: 'often since boot',
    host: { settings, counters: { 'TcpExt.TCPMemoryPressures': [500, 500], 'TCP.mem': [12, 12] } },
    verdict: 'fail',
    state: 'past',
    severity: 'medium',
  },
  {
    name: 'never short of it',
    host: { settings, counters: { 'TcpExt.TCPMemoryPressures': [0, 0], 'TCP.mem': [12, 12] } },
    verdict: 'pass',
  },
  {
    name: 'a number without a time and without anything to compare',
    host: { uptimeSeconds: null, counters: { 'TcpExt.TCPMemoryPressures': 7 } },
    verdict: 'notchecked',
  },
  { name: 'no counters', host: {}, verdict: 'notchecked' },
  { name: 'a kernel without the column', host: { counters: {} }, verdict: 'notapplicable' },
];
