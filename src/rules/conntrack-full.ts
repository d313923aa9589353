/**
 * Where connections are tracked, the first packet of a connection needs an entry in the table. When the table is full, the
 * kernel throws out an entry without an answer nearby (early_drop), and if it finds none, it drops the packet (drop).
 * Source: __nf_conntrack_alloc(), early_drop(), nf_conntrack_in() in net/netfilter/nf_conntrack_core.c; kernel-facts B17.
 *
 * `drop` counts other packets, too: newer kernels raise it and insert_failed together when two entries clash, so that only
 * what exceeds insert_failed, or what comes with a full table, is a drop for want of room.
 */
import { known, type Reading, whyMissing } from '../model/reading.ts';
import type { Judgement } from '../model/rule.ts';
import type { CounterReading } from '../model/snapshot.ts';
import { conntrackFullExamples } from './conntrack-full-examples.ts';
import { conntrackFullText, remedyFor } from './conntrack-full-text.ts';
import {
  type ConntrackTable,
  conntrackStat,
  conntrackTable,
  fullnessOf,
  tableInWords,
  withoutConntrack,
} from './conntrack-table.ts';
import { defineRule } from './define.ts';
import { counterOf, optional } from './inputs.ts';
import { nearLimit } from './levels.ts';
import { evidenceIfRead, judgeMovement, type Movement, movementOf, quietInWords, sinceBoot } from './movement.ts';
import { riseOf } from './share-of-traffic.ts';
import { strongestOf } from './strongest.ts';

export default defineRule({
  ...conntrackFullText,
  reads: {
    table: conntrackTable,
    dropped: optional(counterOf(conntrackStat, 'nf_conntrack.drop')),
    evicted: optional(counterOf(conntrackStat, 'nf_conntrack.early_drop')),
    clashed: optional(counterOf(conntrackStat, 'nf_conntrack.insert_failed')),
    accepted: optional(counterOf('proc/net/snmp', 'Tcp.PassiveOpens')),
  },
  parameters: { ...nearLimit, ...sinceBoot },
  appliesNot: withoutConntrack,
  check: (facts, { inputs: { table, ...counters }, parameters }) => {
    const { dropped, evicted, clashed, accepted } = counters;
    const fullness = table === null ? null : fullnessOf(table);
    const found: Found = {
      table,
      dropped: known(dropped),
      evicted: known(evicted),
      clashed: known(clashed),
      isNear: fullness === null ? null : fullness >= parameters.percent,
    };
    const tell = (movement: Movement, severity?: 'medium'): Judgement =>
      judgeMovement(movement, facts, {
        ...(isEviction(movement) ? evictions : drops),
        because: [tableInWords(table)],
        evidence: [
          ...(table?.evidence ?? []),
          ...[dropped, evicted, clashed]
            .flatMap(evidenceIfRead)
            .filter(({ field }) => field !== movement.counter.field),
        ],
        remedy: remedyFor(table),
        confidence: table === null ? 'medium' : 'high',
        ...(severity && { severity: { active: severity, past: severity } }),
      });

    if (found.dropped !== undefined && dropsNow(found)) return tell({ kind: 'rising', counter: found.dropped });
    if (found.evicted !== undefined && rises(found.evicted)) {
      return tell({ kind: 'rising', counter: found.evicted }, 'medium');
    }
    if (table !== null && found.dropped === undefined && table.tracked >= table.limit) {
      return { ...atLimit, because: `${tableInWords(table)} ${uncounted(dropped)}`, ...factsOfLevel(table) };
    }
    const since = sinceBootOf(found, { perHour: parameters.perHour, shareOf: accepted });
    if (since?.kind === 'risen') return tell(since);
    if (table !== null && found.isNear === true) return { ...nearlyFull(table), ...factsOfLevel(table) };
    if (since?.kind === 'unknowable') return tell(since);
    return quiet(found, dropped);
  },
  examples: conntrackFullExamples,
});

interface Found {
  readonly table: ConntrackTable | null;
  readonly dropped: CounterReading | undefined;
  readonly evicted: CounterReading | undefined;
  readonly clashed: CounterReading | undefined;
  /** Whether the table is nearly full; null where that is not known. */
  readonly isNear: boolean | null;
}

const rises = (counter: CounterReading | undefined): boolean => counter !== undefined && (riseOf(counter) ?? 0) > 0;

/** Whether packets are dropped for want of room: `drop` rises beside a full table, or by more than clashes explain. */
function dropsNow({ dropped, evicted, clashed, isNear }: Found): boolean {
  if (!rises(dropped)) return false;
  if (isNear === true || rises(evicted)) return true;
  return isNear === null && riseIn(dropped) > riseIn(clashed);
}

const riseIn = (counter: CounterReading | undefined): number => (counter === undefined ? 0 : (riseOf(counter) ?? 0));

/** Evictions, and drops that are no clashes. Null where the statistics are missing. */
function sinceBootOf(
  { dropped, evicted, clashed }: Found,
  often: { readonly perHour: number; readonly shareOf: Reading<CounterReading> },
): Movement | null {
  const [first, ...others] = [
    ...(evicted === undefined ? [] : [evicted]),
    ...(dropped === undefined ? [] : [beyondClashes(dropped, clashed)]),
  ].map(counter => movementOf(counter, often));
  return first === undefined ? null : strongestOf(first, ...others);
}

/**
 * What `drop` has beyond clashes since boot; where there are clashes it bears a name that is no column. Asked only when no
 * drop between the samples was for want of room, so it stands still there.
 */
function beyondClashes(dropped: CounterReading, clashed: CounterReading | undefined): CounterReading {
  const { source, field, value: all, perHourSinceBoot, earlier } = dropped;
  const clashes = clashed?.value ?? 0;
  const value = Math.max(0, all - clashes);
  return {
    source,
    field: clashes === 0 ? field : `${field} beyond insert_failed`,
    value,
    ...(earlier !== undefined && { earlier: value }),
    ...(perHourSinceBoot !== undefined && { perHourSinceBoot: all > 0 ? (perHourSinceBoot * value) / all : 0 }),
  };
}

const isEviction = ({ counter: { field } }: Movement): boolean => field === 'nf_conntrack.early_drop';

const drops = {
  title: {
    active: 'packets are dropped because the conntrack table is full',
    past: 'packets were dropped because the conntrack table was full',
  },
  lead: {
    active: 'Packets of new connections are dropped because the conntrack table is full',
    past: 'Packets of new connections were dropped because the conntrack table was full',
  },
};

const evictions = {
  title: { active: 'the conntrack table is full', past: 'the conntrack table was full' },
  lead: {
    active:
      'The conntrack table is full, and entries of connections that got no answer yet are thrown out for new ones',
    past: 'The conntrack table was full, and entries of connections that got no answer yet were thrown out for new ones',
  },
};

/** What a finding about the level alone rests on. */
const factsOfLevel = (table: ConntrackTable) => ({ evidence: table.evidence, remedy: remedyFor(table) });

const atLimit = {
  verdict: 'fail',
  severity: 'high',
  state: 'active',
  title: 'the conntrack table is full',
  confidence: 'medium',
} as const;

const uncounted = (dropped: Reading<CounterReading>): string =>
  `At the limit packets of new connections are dropped; how many is not known${whyUnread(dropped)}.`;

const nearlyFull = (table: ConntrackTable) =>
  ({
    verdict: 'fail',
    severity: 'medium',
    state: 'latent',
    title: 'the conntrack table is nearly full',
    because: `${tableInWords(table)} When it is full, packets of new connections are dropped.`,
    confidence: 'high',
  }) as const;

/** Looked at is the level, or the statistics; without both there is nothing to say. */
function quiet({ table, dropped, evicted, clashed }: Found, reading: Reading<CounterReading>): Judgement {
  if (table === null && dropped === undefined) {
    return {
      verdict: 'notchecked',
      because: `Neither the level of the table nor its statistics could be read${whyUnread(reading)}.`,
    };
  }
  const said = [dropped, evicted].flatMap(counter =>
    counter === undefined || rises(counter) ? [] : [quietInWords(counter)],
  );
  const others = rises(dropped) ? [otherDrops(riseIn(dropped) <= riseIn(clashed))] : [];
  const before = dropped === undefined ? [`Whether it was full before is not known${whyUnread(reading)}.`] : [];
  return { verdict: 'pass', because: [tableInWords(table), ...said, ...others, ...before].join(' ') };
}

const otherDrops = (areClashes: boolean): string =>
  areClashes
    ? 'nf_conntrack.drop rises by no more than insert_failed: these are clashes of entries, not a full table.'
    : 'nf_conntrack.drop rises, but not for want of room in the table.';

const whyUnread = (reading: Reading<CounterReading>): string =>
  reading.state === 'ok' ? '' : ` (${conntrackStat}: ${whyMissing(reading)})`;
