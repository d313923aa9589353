/**
 * Packets that are handed from one CPU to another (RPS), or come from a virtual interface (lo, veth, tunnels) or an old
 * driver, wait in a queue per CPU. Beyond netdev_max_backlog they are dropped, before any protocol saw them.
 * Source: enqueue_to_backlog(), skb_flow_limit() in net/core/dev.c, softnet_seq_show() in net/core/net-procfs.c; kernel-facts B20.
 */
import { known, type Reading } from '../model/reading.ts';
import type { Remedy } from '../model/rule.ts';
import type { CounterReading } from '../model/snapshot.ts';
import { defineRule } from './define.ts';
import { counterOf, optional, settingOf } from './inputs.ts';
import { writtenInteger } from './integer.ts';
import { evidenceIfRead, judgeMovement, movementOf, settingEvidence } from './movement.ts';
import { riseOf } from './share-of-traffic.ts';
import { perHour, perSecond } from './thresholds.ts';

const key = 'net.core.netdev_max_backlog';
const softnet = 'proc/net/softnet_stat';
/** A longer queue where it is short, and a long one where that was not enough. Unit: packets per CPU. */
const [longer, longest] = [5_000, 30_000];

const fix = {
  summary: `${key}=${longer}; and spread the interrupts and RPS over more CPUs, so that no queue grows that long`,
  set: { [key]: String(longer) },
  risk: 'packets wait longer before they are handled, and hold memory meanwhile',
} as const;

export default defineRule({
  id: 'softnet-drops',
  title: 'no CPU drops packets from its backlog',
  summary: 'Connections of every kind are slow or time out now and then; one CPU is busy with network packets.',
  mechanism: [
    'A packet that is handed to another CPU (RPS), or that comes from lo, veth, a tunnel or an old driver, waits in a queue of that CPU.',
    'The queue holds at most netdev_max_backlog packets; what comes on top is dropped.',
    'Where the flow limit is on, a flow that makes up most of the latest packets is cut as soon as the queue is half full.',
    'Nothing tells SYNs from other packets here, so handshakes and data are lost alike.',
    'Drivers that poll (NAPI, nearly all) do not use this queue unless RPS is set up: their losses are counted at the interface.',
  ],
  proof:
    'Column 2 of /proc/net/softnet_stat (dropped) rises; column 11 (flow_limit_count) tells those of one heavy flow. Column 3 (time_squeeze) alone says that work was put off, not that anything was lost.',
  fix,
  references: [
    { title: 'sysctl/net, netdev_max_backlog', url: 'https://docs.kernel.org/admin-guide/sysctl/net.html' },
    { title: 'Scaling in the Linux Networking Stack', url: 'https://docs.kernel.org/networking/scaling.html' },
  ],
  reads: {
    dropped: counterOf(softnet, 'softnet_stat.dropped'),
    processed: optional(counterOf(softnet, 'softnet_stat.processed')),
    limited: optional(counterOf(softnet, 'softnet_stat.flow_limit_count')),
    squeezed: optional(counterOf(softnet, 'softnet_stat.time_squeeze')),
    backlog: optional(settingOf(key)),
  },
  parameters: {
    perSecond: perSecond(
      1,
      'one packet in some seconds, of the many thousands that such a host handles, is not what clients notice',
    ),
    perHour: perHour(60, 'one burst that overran the queue, weeks ago, is not what people are looking for'),
  },
  // the queues belong to the CPUs, and every network namespace shows the same file
  wholeMachine: true,
  check: (facts, { inputs: { dropped, processed, limited, squeezed, backlog }, parameters }) =>
    judgeMovement(movementOf(dropped, { ...parameters, shareOf: processed }), facts, {
      title: { active: 'CPUs drop packets from their backlog', past: 'CPUs have dropped packets from their backlog' },
      lead: {
        active: 'Packets are dropped because the backlog of a CPU is full',
        past: 'Packets were dropped because the backlog of a CPU was full',
      },
      because: [
        ...limitedInWords(limited),
        'SYNs are dropped with all other packets; which share of them is not known.',
      ],
      evidence: [...[limited, squeezed, processed].flatMap(evidenceIfRead), ...settingEvidence(key, backlog)],
      remedy: remedyFor(known(backlog)),
    }),
  examples: [
    {
      name: 'it drops now',
      host: {
        settings: { [key]: '1000' },
        counters: {
          'softnet_stat.dropped': [4_000, 4_900],
          'softnet_stat.processed': [9_000_000, 9_400_000],
          'softnet_stat.time_squeeze': [120, 180],
          'softnet_stat.flow_limit_count': [0, 0],
        },
      },
      verdict: 'fail',
      state: 'active',
      severity: 'high',
    },
    {
      name: 'it dropped often since boot',
      host: { counters: { 'softnet_stat.dropped': [40_000, 40_000], 'softnet_stat.processed': [9e8, 9e8] } },
      verdict: 'fail',
      state: 'past',
      severity: 'medium',
    },
    {
      name: 'work is put off, nothing is lost',
      host: { counters: { 'softnet_stat.dropped': [0, 0], 'softnet_stat.time_squeeze': [120, 380] } },
      verdict: 'pass',
    },
    {
      name: 'one burst in a month',
      host: { uptimeSeconds: 2_592_000, counters: { 'softnet_stat.dropped': [2_104, 2_104] } },
      verdict: 'pass',
    },
    {
      name: 'a number without a time and without anything to compare',
      host: { uptimeSeconds: null, counters: { 'softnet_stat.dropped': 7 } },
      verdict: 'notchecked',
    },
    { name: 'no counters', host: {}, verdict: 'notchecked' },
    {
      name: 'a file without the column',
      host: { counters: { 'softnet_stat.processed': 5 } },
      verdict: 'notapplicable',
    },
  ],
});

const limitedInWords = (limited: Reading<CounterReading>): readonly string[] =>
  limited.state === 'ok' && (riseOf(limited.value) ?? 0) > 0
    ? ['Some of them are cut by the flow limit: one flow makes up most of the packets.']
    : [];

/** A number that is not known is not overwritten; beyond the longest queue it is the CPU that is too slow. */
function remedyFor(backlog: string | undefined): Remedy {
  const running = backlog === undefined ? null : writtenInteger(backlog);
  if (running === null || running < 0 || running >= longest) {
    return {
      summary: 'spread the interrupts and RPS over more CPUs; a still longer queue only makes packets late',
      set: {},
      risk: 'none for TCP; more CPUs are busy with packets',
      undo: {},
    };
  }
  const undo = { [key]: String(running) };
  if (running < longer) return { ...fix, undo };
  const { summary, risk } = fix;
  return { summary: summary.replace(String(longer), String(longest)), set: { [key]: String(longest) }, risk, undo };
}
