/**
 * All TCP buffers of the machine together may hold net.ipv4.tcp_mem pages: above its second number the kernel saves, above its
 * third it refuses. Apart from that, packets that had to be put into the emergency memory of the kernel are dropped at the
 * socket, SYNs too.
 * Source: __sk_mem_raise_allocated() in net/core/sock.c, tcp_enter_memory_pressure() in net/ipv4/tcp.c, sk_filter_trim_cap() in
 * net/core/filter.c; kernel-facts B23.
 */
import { known } from '../model/reading.ts';
import type { Finding, Judgement } from '../model/rule.ts';
import type { CounterReading } from '../model/snapshot.ts';
import { defineRule } from './define.ts';
import { counterOf, optional, settingOf } from './inputs.ts';
import {
  counterEvidence,
  judgeMovement,
  type Movement,
  movementOf,
  quietInWords,
  sinceBoot,
  type Told,
} from './movement.ts';
import { riseOf } from './share-of-traffic.ts';
import { memoryEvidence, memoryInWords, tcpMem, tcpMemoryOf } from './tcp-memory.ts';
import { fix, starvingFix, tcpMemoryPressureExamples, tcpMemoryPressureText } from './tcp-memory-pressure-text.ts';

const netstat = 'proc/net/netstat';

export default defineRule({
  ...tcpMemoryPressureText,
  reads: {
    pressures: counterOf(netstat, 'TcpExt.TCPMemoryPressures'),
    milliseconds: optional(counterOf(netstat, 'TcpExt.TCPMemoryPressuresChrono')),
    aborted: optional(counterOf(netstat, 'TcpExt.TCPAbortOnMemory')),
    emergency: optional(counterOf(netstat, 'TcpExt.PFMemallocDrop')),
    held: optional(counterOf('proc/net/sockstat', 'TCP.mem')),
    limits: optional(settingOf(tcpMem)),
    accepted: optional(counterOf('proc/net/snmp', 'Tcp.PassiveOpens')),
  },
  parameters: sinceBoot,
  // the memory and its limits are those of the machine; what one network namespace counted of it depends on who was first
  wholeMachine: true,
  check: (facts, { inputs: { pressures, held, limits, accepted, ...more }, parameters }) => {
    const [milliseconds, aborted, emergency] = [known(more.milliseconds), known(more.aborted), known(more.emergency)];
    const memory = tcpMemoryOf(held, limits);
    const often = { perHour: parameters.perHour, shareOf: accepted };
    const entered = movementOf(pressures, often);
    const dropped = emergency && movementOf(emergency, often);
    const told = (movement: Movement, words: Words): Judgement =>
      judgeMovement(movement, facts, {
        ...words,
        because: [memoryInWords(memory)],
        evidence: [
          ...memoryEvidence(memory),
          ...[emergency, aborted, pressures, milliseconds]
            .filter(other => other !== undefined && other.field !== movement.counter.field)
            .map(other => counterEvidence(other as CounterReading)),
        ],
        remedy: { ...(words === starving ? starvingFix : fix), undo: {} },
      });
    const level = (state: Level): Judgement => ({
      ...levels[state],
      because: `${memoryInWords(memory)} ${consequences[state]}`,
      evidence: [...memoryEvidence(memory), counterEvidence(pressures)],
      remedy: { ...fix, undo: {} },
    });

    if (dropped?.kind === 'rising') return told(dropped, starving);
    if (memory !== null && memory.held.value >= memory.most) return level('active');
    if (aborted !== undefined && rises(aborted) && memory !== null && memory.held.value >= memory.pressure) {
      return told({ kind: 'rising', counter: aborted }, resetting);
    }
    if (entered.kind === 'rising') return told(entered, saving);
    if (milliseconds !== undefined && rises(milliseconds))
      return told({ kind: 'rising', counter: milliseconds }, saving);
    if (memory !== null && memory.held.value >= memory.pressure) return level('latent');
    if (dropped?.kind === 'risen') return told(dropped, starving);
    if (entered.kind === 'risen' || entered.kind === 'unknowable') return told(entered, saving);
    if (dropped?.kind === 'unknowable') return told(dropped, starving);
    return { verdict: 'pass', because: `${quietInWords(pressures)} ${memoryInWords(memory)}` };
  },
  examples: tcpMemoryPressureExamples,
});

const rises = (counter: CounterReading): boolean => (riseOf(counter) ?? 0) > 0;

type Words = Pick<Told, 'title' | 'lead' | 'severity'>;

const starving: Words = {
  title: { active: 'packets are dropped for want of memory', past: 'packets were dropped for want of memory' },
  lead: {
    active: 'Packets for sockets, SYNs too, are dropped because the machine has no free memory',
    past: 'Packets for sockets, SYNs too, were dropped because the machine had no free memory',
  },
};

const resetting: Words = {
  title: { active: 'connections are reset for want of TCP memory', past: '' },
  lead: { active: 'Connections are reset while TCP is short of memory', past: '' },
};

const saving: Words = {
  title: { active: 'TCP is short of memory', past: 'TCP was short of memory' },
  lead: {
    active: 'TCP came to its memory limit and shrinks its windows; no SYN is dropped by that alone',
    past: 'TCP came to its memory limit and shrank its windows; no SYN was dropped by that alone',
  },
  severity: { active: 'medium', past: 'medium' },
};

type Level = 'active' | 'latent';

/** What the level alone says: the counters move only when the pressure begins and ends. */
const levels: Readonly<
  Record<Level, { readonly verdict: 'fail' } & Pick<Finding, 'severity' | 'state' | 'title' | 'confidence'>>
> = {
  active: {
    verdict: 'fail',
    severity: 'high',
    state: 'active',
    title: 'TCP holds as much memory as it may',
    confidence: 'high',
  },
  latent: {
    verdict: 'fail',
    severity: 'medium',
    state: 'latent',
    title: 'TCP is short of memory and saves',
    confidence: 'high',
  },
};

const consequences: Readonly<Record<Level, string>> = {
  active: 'Until some of it is free, segments are refused and connections are reset.',
  latent: 'It shrinks windows and throws away what came out of order; no SYN is dropped by that alone.',
};
