/**
 * Connections of a listening socket wait in its accept queue until the program takes them. When the queue is full, the kernel
 * drops the third packet of a handshake, and (always since 4.10, before only beside other young requests) the SYN.
 * Source: tcp_conn_request() in net/ipv4/tcp_input.c, tcp_v4_syn_recv_sock() in net/ipv4/tcp_ipv4.c; kernel-facts B2.
 */
import { known } from '../model/reading.ts';
import type { Remedy } from '../model/rule.ts';
import type { Listener, SocketTable } from '../model/snapshot.ts';
import { defineRule } from './define.ts';
import { counterOf, optional, settingOf, socketTable } from './inputs.ts';
import { writtenInteger } from './integer.ts';
import { isFull, listenersOf, queueEvidence, queueInWords, someOf } from './listener-queues.ts';
import { evidenceIfRead, judgeMovement, movementOf, settingEvidence, sinceBoot } from './movement.ts';

const somaxconn = 'net.core.somaxconn';

const fix = {
  summary:
    'find out why the program does not accept (threads, locks, stalls); then a larger backlog in the program, net.core.somaxconn=4096, and restart it',
  set: { [somaxconn]: '4096' },
  risk: 'a longer queue hides a slow program behind latency and memory; listen() takes the new limit only when the program is restarted',
} as const;

export default defineRule({
  id: 'accept-queue-overflow',
  title: 'no accept queue overflows',
  summary:
    'Connections to a busy service hang or time out while the host is otherwise fine: the program does not accept them as fast as they come.',
  mechanism: [
    'A finished handshake waits in the accept queue of its listening socket until the program calls accept().',
    'The queue holds at most the backlog given to listen(), and never more than net.core.somaxconn had at that moment.',
    'When it is full the kernel drops the last packet of the handshake, and since Linux 4.10 every further SYN.',
    'The client repeats its SYN after 1, 3 and 7 seconds, so connections are late or fail.',
    'It is a matter of load, not of the address that the client comes from.',
  ],
  proof:
    'TcpExt.ListenOverflows rises; the queue of the listener in question (rx_queue in /proc/net/tcp, Recv-Q of ss -ltn) stands at its limit.',
  fix,
  references: [
    {
      title: 'tcp/dccp: drop SYN packets if accept queue is full (5ea8ea2cb7f1, Linux 4.10 and stable kernels)',
      url: 'https://git.kernel.org/linus/5ea8ea2cb7f1',
    },
    { title: 'listen(2), backlog', url: 'https://man7.org/linux/man-pages/man2/listen.2.html' },
  ],
  reads: {
    overflows: counterOf('proc/net/netstat', 'TcpExt.ListenOverflows'),
    drops: optional(counterOf('proc/net/netstat', 'TcpExt.ListenDrops')),
    limit: optional(settingOf(somaxconn)),
    sockets: optional(socketTable),
  },
  parameters: sinceBoot,
  check: (facts, { inputs: { overflows, drops, limit, sockets }, parameters }) => {
    const full = fullIn(known(sockets), numberOf(known(limit)));
    return judgeMovement(movementOf(overflows, { perHour: parameters.perHour, shareOf: drops }), facts, {
      title: { active: 'an accept queue overflows', past: 'an accept queue has overflowed' },
      lead: { active: 'SYNs are dropped at a full accept queue', past: 'SYNs were dropped at a full accept queue' },
      because: [
        ...fullInWords(full, numberOf(known(limit))),
        'It hits all clients of that listener alike; NAT has nothing to do with it.',
      ],
      evidence: [
        ...evidenceIfRead(drops),
        ...full.slice(0, mostShown).map(queueEvidence),
        ...settingEvidence(somaxconn, limit),
      ],
      remedy: remedyFor(known(limit)),
    });
  },
  examples: [
    {
      name: 'it overflows now, and one listener stands at its limit',
      host: {
        settings: { [somaxconn]: '128' },
        counters: { 'TcpExt.ListenOverflows': [100, 106], 'TcpExt.ListenDrops': [100, 106] },
        sockets: { listeners: [{ address: '0.0.0.0', port: 443, queued: 129, limit: 128 }] },
      },
      verdict: 'fail',
      state: 'active',
      severity: 'high',
    },
    {
      name: 'it overflows now, and ss is missing: a queue above somaxconn is full',
      host: {
        settings: { [somaxconn]: '128' },
        counters: { 'TcpExt.ListenOverflows': [100, 106] },
        sockets: { listeners: [{ address: '0.0.0.0', port: 443, queued: 129, limit: null }] },
      },
      verdict: 'fail',
      state: 'active',
      severity: 'high',
    },
    {
      name: 'it overflowed often since boot',
      host: { counters: { 'TcpExt.ListenOverflows': [5_191, 5_191] } },
      verdict: 'fail',
      state: 'past',
      severity: 'medium',
    },
    {
      name: 'a text without a time: all drops are overflows',
      host: { uptimeSeconds: null, counters: { 'TcpExt.ListenOverflows': 5_191_585, 'TcpExt.ListenDrops': 5_191_585 } },
      verdict: 'fail',
      state: 'past',
      severity: 'medium',
    },
    {
      name: 'a number without a time and without anything to compare',
      host: { uptimeSeconds: null, counters: { 'TcpExt.ListenOverflows': 7 } },
      verdict: 'notchecked',
    },
    { name: 'no counters', host: {}, verdict: 'notchecked' },
    { name: 'a kernel without the column', host: { counters: {} }, verdict: 'notapplicable' },
    { name: 'it never overflowed', host: { counters: { 'TcpExt.ListenOverflows': [0, 0] } }, verdict: 'pass' },
  ],
});

function fullIn(sockets: SocketTable | undefined, limit: number | null): readonly Listener[] {
  const listeners = sockets === undefined ? [] : listenersOf(sockets);
  return listeners.filter(listener => isFull(listener, limit)).toSorted((a, b) => b.queued - a.queued);
}

function fullInWords(full: readonly Listener[], limit: number | null): readonly string[] {
  if (full.length === 0) return ['No queue is seen full at this moment, so the listener is not known.'];
  const unlimited = full.some(listener => listener.limit === null);
  const why = unlimited ? `, where no limit is above net.core.somaxconn=${limit ?? 'unknown'}` : '';
  return [`Full now: ${someOf(full, queueInWords)}${why}.`];
}

/** Raising somaxconn helps only where it is the smaller limit; where it is large, the program's own backlog is. */
function remedyFor(limit: string | undefined): Remedy {
  const running = numberOf(limit);
  if (running === null || running >= 4096) {
    return {
      summary:
        'find out why the program does not accept (threads, locks, stalls); then a larger backlog in its listen(), and restart it',
      set: {},
      risk: 'a longer queue hides a slow program behind latency and memory',
      undo: {},
    };
  }
  return { ...fix, undo: { [somaxconn]: String(running) } };
}

const numberOf = (text: string | undefined): number | null => (text === undefined ? null : writtenInteger(text));

/** Queues shown as evidence. */
const mostShown = 3;
