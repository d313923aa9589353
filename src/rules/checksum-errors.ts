/**
 * Segments or packets that arrive damaged are dropped without an answer, SYNs too. A few arrive on every network, so only a
 * share of all that came in counts.
 * Source: tcp_v4_rcv() and tcp_checksum_complete() in net/ipv4/tcp_ipv4.c, ip_rcv_core() in net/ipv4/ip_input.c; kernel-facts B22.
 */
import type { Reading } from '../model/reading.ts';
import type { Confidence } from '../model/rule.ts';
import type { CounterReading } from '../model/snapshot.ts';
import { defineRule } from './define.ts';
import { counterOf, optional } from './inputs.ts';
import { counterEvidence, judgeMovement, type Movement, nameOf } from './movement.ts';
import { isToldAsShare, movementInTraffic, recentShare, sharePercent } from './share-of-traffic.ts';
import { strongestOf } from './strongest.ts';
import { perHour, perSecond } from './thresholds.ts';
import { rate } from './wording.ts';

const fix = {
  summary:
    'compare a capture on the sender and on this host; try without offloads (ethtool -K IF rx off tso off gso off), then look at driver, firmware, cable and the virtual switch',
  set: {},
  risk: 'without offloads the CPU does the work of the card: slower while it is tried',
} as const;

export default defineRule({
  id: 'checksum-errors',
  title: 'segments arrive undamaged',
  summary: 'A share of connections, and of the data on all of them, is late: something on the way damages packets.',
  mechanism: [
    'TCP and IP carry checksums; what does not fit them is dropped without any answer.',
    'The sender notices only that nothing comes back, and repeats the segment after a second or more.',
    'Damage comes from a driver or card that computes checksums wrongly, from a tunnel or virtual switch that changes packets, seldom from a cable.',
    'A port scan or a broken peer makes a few such segments on every host; they prove nothing.',
  ],
  proof:
    'Tcp.InCsumErrors (older kernels: Tcp.InErrs, which counts other malformed segments, too) or IpExt.InCsumErrors rises, as a share of InSegs or InReceives.',
  fix,
  references: [
    { title: 'SNMP counter', url: 'https://docs.kernel.org/networking/snmp_counter.html' },
    { title: 'Checksum Offloads', url: 'https://docs.kernel.org/networking/checksum-offloads.html' },
  ],
  reads: {
    segments: counterOf('proc/net/snmp', 'Tcp.InSegs'),
    damaged: optional(counterOf('proc/net/snmp', 'Tcp.InCsumErrors')),
    malformed: optional(counterOf('proc/net/snmp', 'Tcp.InErrs')),
    packets: optional(counterOf('proc/net/snmp', 'Ip.InReceives')),
    headers: optional(counterOf('proc/net/netstat', 'IpExt.InCsumErrors')),
  },
  parameters: {
    percent: {
      default: 0.1,
      unit: '% of what came in',
      min: 0,
      max: 100,
      reason: 'one in a thousand makes one connection in some hundred late, below it nobody notices',
    },
    perSecond: perSecond(1, 'on a quiet host a single damaged segment is a large share of few'),
    perHour: perHour(60, 'less than one a minute is what scans and broken peers make anywhere'),
  },
  check: (facts, { inputs: { segments, packets, headers, ...tcp }, parameters }) => {
    const ofTcp = tcp.damaged.state === 'ok' ? tcp.damaged : tcp.malformed;
    if (ofTcp.state !== 'ok')
      return { verdict: 'notchecked', because: 'No counter of damaged segments could be read.' };
    const pairs: readonly Errors[] = [{ errors: ofTcp.value, traffic: segments }, ...bothRead(headers, packets)];
    const [first, ...others] = pairs.map(({ errors, traffic }) => movementInTraffic(errors, traffic, parameters));
    const movement = strongestOf(first as Movement, ...others);
    const { counter } = movement;
    const { traffic } = pairs.find(({ errors }) => errors === counter) as Errors;
    const confidence: Confidence = tcp.damaged.state === 'ok' ? 'high' : 'medium';
    const percent =
      movement.kind === 'rising' ? recentShare(counter, traffic) : sharePercent(counter.value, traffic.value);
    return judgeMovement(movement, facts, {
      title: { active: 'segments arrive damaged', past: 'segments have arrived damaged' },
      lead: { active: 'Damaged segments are dropped', past: 'Damaged segments were dropped' },
      because: [
        ...(isToldAsShare(movement) ? [] : [`That is ${rate(percent ?? 0)} % of ${nameOf(traffic)}.`]),
        ...(confidence === 'high' ? [] : ['This kernel counts other malformed segments in the same number.']),
      ],
      evidence: [traffic, ...pairs.map(({ errors }) => errors)].filter(other => other !== counter).map(counterEvidence),
      remedy: { ...fix, undo: {} },
      confidence,
      severity: { active: (percent ?? 0) >= grave ? 'high' : 'medium', past: 'medium' },
    });
  },
  examples: [
    {
      name: 'two of a hundred segments',
      host: { counters: { 'Tcp.InCsumErrors': [900, 940], 'Tcp.InErrs': [900, 940], 'Tcp.InSegs': [50_000, 52_000] } },
      verdict: 'fail',
      state: 'active',
      severity: 'high',
    },
    {
      name: 'two of a thousand',
      host: { counters: { 'Tcp.InCsumErrors': [900, 904], 'Tcp.InSegs': [50_000, 52_000] } },
      verdict: 'fail',
      state: 'active',
      severity: 'medium',
    },
    {
      name: 'an old kernel, since boot',
      host: { counters: { 'Tcp.InErrs': [90_000, 90_000], 'Tcp.InSegs': [9_000_000, 9_000_000] } },
      verdict: 'fail',
      state: 'past',
      severity: 'medium',
    },
    {
      name: 'a few, as everywhere',
      host: {
        counters: {
          'Tcp.InCsumErrors': [31, 32],
          'Tcp.InSegs': [50_000, 50_040],
          'Ip.InReceives': [60_000, 60_040],
          'IpExt.InCsumErrors': [0, 0],
        },
      },
      verdict: 'pass',
    },
    { name: 'no counter of errors', host: { counters: { 'Tcp.InSegs': 5 } }, verdict: 'notchecked' },
    { name: 'no counters', host: {}, verdict: 'notchecked' },
    { name: 'a text without segments', host: { counters: {} }, verdict: 'notapplicable' },
  ],
});

/** From this share on one connection in twenty or so is late. Unit: %. */
const grave = 1;

/** A counter of errors and what they are a share of. */
interface Errors {
  readonly errors: CounterReading;
  readonly traffic: CounterReading;
}

const bothRead = (errors: Reading<CounterReading>, traffic: Reading<CounterReading>): readonly Errors[] =>
  errors.state === 'ok' && traffic.state === 'ok' ? [{ errors: errors.value, traffic: traffic.value }] : [];
