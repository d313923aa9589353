/**
 * A packet whose connection is new has its entry put into the table only after the last firewall rule. If by then another
 * packet took the same addresses and ports (two sockets behind one address, two CPUs), the later one is dropped. Since 5.15 the
 * same happens where a chain of the hash table has grown too long.
 * Source: __nf_conntrack_confirm(), nf_ct_resolve_clash() in net/netfilter/nf_conntrack_core.c; kernel-facts B18.
 */
import type { Reading } from '../model/reading.ts';
import type { CounterReading } from '../model/snapshot.ts';
import { conntrackStat, withoutConntrack } from './conntrack-table.ts';
import { defineRule } from './define.ts';
import { counterOf, optional } from './inputs.ts';
import { evidenceIfRead, judgeMovement, movementOf } from './movement.ts';
import { perHour, perSecond } from './thresholds.ts';
import { count } from './wording.ts';

const fix = {
  summary:
    'more addresses for SNAT, or MASQUERADE and SNAT with --random-fully; for DNS a cache on the host; where chains are too long, more nf_conntrack_buckets',
  set: {},
  risk: 'with --random-fully ports are used again in any order, and a SYN meets the TIME_WAIT of the server more often (rule time-wait-collision)',
} as const;

export default defineRule({
  id: 'conntrack-insert-failed',
  title: 'no connections clash in the conntrack table',
  summary: 'Now and then a connection takes 1 or 3 seconds longer, or a DNS answer 5 seconds, on hosts that do NAT.',
  mechanism: [
    'Connection tracking enters a new connection into its table only when its first packet has passed all rules.',
    'If another packet has taken the same addresses and ports by then, the later one cannot be entered and is dropped.',
    'NAT makes that likely: it picks a free port before, and two CPUs may pick the same one.',
    'The client repeats its SYN after a second, and mostly succeeds.',
    'UDP has it too, DNS above all; newer kernels settle many of these clashes without a loss (clash_resolve).',
  ],
  proof:
    'insert_failed of /proc/net/stat/nf_conntrack rises; drop rises with it on newer kernels, and chainlength where the hash table is too small. The counter does not tell SYNs from UDP.',
  fix,
  references: [
    {
      title: 'netfilter: refuse insertion if chain has grown too large (d7e7747ac5c2)',
      url: 'https://git.kernel.org/linus/d7e7747ac5c2',
    },
    { title: 'nf_conntrack-sysctl', url: 'https://docs.kernel.org/networking/nf_conntrack-sysctl.html' },
    {
      title: 'iptables-extensions(8), --random-fully',
      url: 'https://man7.org/linux/man-pages/man8/iptables-extensions.8.html',
    },
  ],
  reads: {
    failed: counterOf(conntrackStat, 'nf_conntrack.insert_failed'),
    dropped: optional(counterOf(conntrackStat, 'nf_conntrack.drop')),
    resolved: optional(counterOf(conntrackStat, 'nf_conntrack.clashres')),
    resolvedOlder: optional(counterOf(conntrackStat, 'nf_conntrack.clash_resolve')),
    chains: optional(counterOf(conntrackStat, 'nf_conntrack.chainlength')),
    invalid: optional(counterOf(conntrackStat, 'nf_conntrack.invalid')),
    accepted: optional(counterOf('proc/net/snmp', 'Tcp.PassiveOpens')),
  },
  parameters: {
    perSecond: perSecond(1, 'a lost packet in some seconds is what DNS alone makes on any host of containers'),
    perHour: perHour(60, 'less than one lost packet a minute, most of them DNS, is not what people are looking for'),
  },
  appliesNot: withoutConntrack,
  check: (facts, { inputs: { failed, dropped, resolved, resolvedOlder, chains, invalid, accepted }, parameters }) =>
    judgeMovement(movementOf(failed, { ...parameters, shareOf: accepted }), facts, {
      title: {
        active: 'connections clash in the conntrack table',
        past: 'connections have clashed in the conntrack table',
      },
      lead: {
        active: 'First packets of connections are dropped because they cannot be entered into the conntrack table',
        past: 'First packets of connections were dropped because they could not be entered into the conntrack table',
      },
      because: [...chainsInWords(chains), 'Whether they are SYNs or UDP (DNS, mostly) the counter does not tell.'],
      evidence: [dropped, resolved, resolvedOlder, chains, invalid].flatMap(evidenceIfRead),
      remedy: { ...fix, undo: {} },
      confidence: 'medium',
    }),
  examples: [
    {
      name: 'several a second',
      host: {
        counters: {
          'nf_conntrack.insert_failed': [4_000, 4_030],
          'nf_conntrack.drop': [4_000, 4_030],
          'nf_conntrack.clashres': [900, 902],
          'nf_conntrack.chainlength': [0, 0],
          'nf_conntrack.invalid': [12, 12],
        },
      },
      verdict: 'fail',
      state: 'active',
      severity: 'high',
    },
    {
      name: 'often since boot, because chains of the hash table are too long',
      host: { counters: { 'nf_conntrack.insert_failed': [9_000, 9_000], 'nf_conntrack.chainlength': [8_700, 8_700] } },
      verdict: 'fail',
      state: 'past',
      severity: 'medium',
    },
    {
      name: 'one now, as DNS makes it',
      host: { counters: { 'nf_conntrack.insert_failed': [31, 32] } },
      verdict: 'pass',
    },
    {
      name: 'no connection tracking',
      host: { missing: ['proc/net/stat/nf_conntrack', 'proc/sys/net/netfilter/nf_conntrack_count'] },
      verdict: 'notapplicable',
    },
    {
      name: 'tracked, but the kernel has no statistics',
      host: { settings: { 'net.netfilter.nf_conntrack_max': '65536' }, missing: ['proc/net/stat/nf_conntrack'] },
      verdict: 'notchecked',
    },
    { name: 'no counters', host: {}, verdict: 'notchecked' },
  ],
});

const chainsInWords = (chains: Reading<CounterReading>): readonly string[] =>
  chains.state === 'ok' && chains.value.value > 0
    ? [
        `${count(chains.value.value)} of them since boot because a chain of the hash table was too long: it has too few buckets.`,
      ]
    : [];
