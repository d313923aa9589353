/**
 * Packets for a socket that a program is just working on wait in the backlog of that socket, and are dropped where it is full.
 * Up to 4.3 a listener took its lock for every SYN, so that SYNs were among them; since 4.4 it takes none, and only segments of
 * open connections are. Nothing in the counter tells which. Source: tcp_add_backlog() in net/ipv4/tcp_ipv4.c; kernel-facts B24.
 */
import type { Remedy } from '../model/rule.ts';
import { defineRule } from './define.ts';
import { counterOf, optional } from './inputs.ts';
import { evidenceIfRead, judgeMovement, movementOf } from './movement.ts';
import { perHour, perSecond } from './thresholds.ts';
import { count } from './wording.ts';

const fix = {
  summary:
    'find out why the program or the CPU it runs on is so busy; on kernels before 4.4 a newer kernel takes SYNs without this queue',
  set: {},
  risk: 'a new kernel needs a reboot, and is to be tested like one',
} as const;
const remedy: Remedy = { ...fix, undo: {} };

const noSyns = 'This kernel has TCPDelivered, so it is 4.17 or later, where SYNs are not among these.';

export default defineRule({
  id: 'tcp-backlog-drops',
  title: 'no packets are dropped at the backlog of a busy socket',
  summary: 'Segments of open connections are lost and come late; on kernels before 4.4 some of them are SYNs.',
  mechanism: [
    'While a program works on a socket, the kernel locks it; packets that come meanwhile wait in the backlog of the socket.',
    'The backlog is bounded by the buffers of the socket, and what does not fit is dropped.',
    'Up to Linux 4.3 every SYN needs the lock of the listener, so a busy accept loop or a flood drops SYNs here.',
    'Since Linux 4.4 they take no lock for that, so what is dropped are segments of open connections, which TCP sends again.',
  ],
  proof:
    'TcpExt.TCPBacklogDrop rises. That the kernel is a later one is seen by TcpExt.TCPDelivered (Linux 4.17); without that counter SYNs cannot be excluded.',
  fix,
  references: [
    {
      title: 'tcp: do not lock listener to process SYN packets (e994b2f0fb92, Linux 4.4)',
      url: 'https://git.kernel.org/linus/e994b2f0fb92',
    },
    {
      title: 'CVE-2017-5972: SYNs under the lock of the listener',
      url: 'https://nvd.nist.gov/vuln/detail/CVE-2017-5972',
    },
  ],
  reads: {
    dropped: counterOf('proc/net/netstat', 'TcpExt.TCPBacklogDrop'),
    lockless: optional(counterOf('proc/net/netstat', 'TcpExt.TCPDelivered')),
    drops: optional(counterOf('proc/net/netstat', 'TcpExt.ListenDrops')),
    accepted: optional(counterOf('proc/net/snmp', 'Tcp.PassiveOpens')),
  },
  parameters: {
    perSecond: perSecond(1, 'a single dropped segment is sent again and noticed by nobody'),
    perHour: perHour(60, 'less than one a minute, averaged over the boot, is what any busy host has'),
  },
  check: (facts, { inputs: { dropped, lockless, drops, accepted }, parameters }) => {
    const movement = movementOf(dropped, { ...parameters, shareOf: accepted });
    if (lockless.state !== 'ok') {
      return judgeMovement(movement, facts, {
        title: { active: 'packets for busy sockets are dropped', past: 'packets for busy sockets were dropped' },
        lead: { active: 'Packets for busy sockets are dropped', past: 'Packets for busy sockets were dropped' },
        because: ['On kernels before 4.4 SYNs to a busy listener can be among them; the counter does not tell.'],
        evidence: [...evidenceIfRead(drops), ...evidenceIfRead(accepted)],
        remedy,
        confidence: 'low',
        severity: { active: 'medium', past: 'low' },
      });
    }
    if (movement.kind !== 'rising') {
      return {
        verdict: 'pass',
        because: `TCPBacklogDrop is ${count(dropped.value)} since boot. ${noSyns}`,
      };
    }
    const judged = judgeMovement(movement, facts, {
      title: { active: 'segments for busy sockets are dropped', past: '' },
      lead: { active: 'Segments of open connections are dropped at busy sockets', past: '' },
      because: [noSyns],
      evidence: [...evidenceIfRead(lockless), ...evidenceIfRead(drops)],
      remedy,
      severity: { active: 'low', past: 'low' },
    });
    return 'state' in judged ? { ...judged, state: 'connections' } : judged;
  },
  examples: [
    {
      name: 'an old kernel, or one that is not known to be new: SYNs may be among them',
      host: { counters: { 'TcpExt.TCPBacklogDrop': [100, 160], 'TcpExt.ListenDrops': [0, 0] } },
      verdict: 'fail',
      state: 'active',
      severity: 'medium',
    },
    {
      name: 'an old kernel, often since boot',
      host: { counters: { 'TcpExt.TCPBacklogDrop': [9_000, 9_000] } },
      verdict: 'fail',
      state: 'past',
      severity: 'low',
    },
    {
      name: 'a newer kernel: no SYNs',
      host: { counters: { 'TcpExt.TCPBacklogDrop': [100, 160], 'TcpExt.TCPDelivered': [5_000, 9_000] } },
      verdict: 'fail',
      state: 'connections',
      severity: 'low',
    },
    {
      name: 'a newer kernel, and it does not rise',
      host: { counters: { 'TcpExt.TCPBacklogDrop': [9_000, 9_000], 'TcpExt.TCPDelivered': [5_000, 9_000] } },
      verdict: 'pass',
    },
    {
      name: 'a few since boot',
      host: { counters: { 'TcpExt.TCPBacklogDrop': [6, 6] } },
      verdict: 'pass',
    },
    {
      name: 'a number without a time and without anything to compare',
      host: { uptimeSeconds: null, counters: { 'TcpExt.TCPBacklogDrop': 7 } },
      verdict: 'notchecked',
    },
    { name: 'a kernel without the counter', host: { counters: {} }, verdict: 'notapplicable' },
    { name: 'no counters', host: {}, verdict: 'notchecked' },
  ],
});
