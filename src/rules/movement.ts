import type { Facts } from '../model/facts.ts';
import type { Reading } from '../model/reading.ts';
import type { Confidence, Evidence, Finding, Judgement, Remedy, Severity } from '../model/rule.ts';
import { type CounterReading, secondsBetweenSamples } from '../model/snapshot.ts';
import { perHour } from './thresholds.ts';
import { count, rate, rise } from './wording.ts';

/**
 * What a counter did: the one thing that counter rules judge. The rate between the samples counts first; else the average
 * since boot; where the uptime is unknown, the share of another counter. A total alone says nothing. DESIGN.md, "Counter rules".
 */
export type Movement =
  | { readonly kind: 'rising'; readonly counter: CounterReading }
  | { readonly kind: 'risen'; readonly counter: CounterReading; readonly average: Average }
  | { readonly kind: 'quiet'; readonly counter: CounterReading }
  /** Above 0, and nothing tells over which time. */
  | { readonly kind: 'unknowable'; readonly counter: CounterReading };

type Average =
  | { readonly of: 'time'; readonly perHour: number }
  | { readonly of: 'counter'; readonly share: number; readonly field: string };

/** From which average on a counter that stands still between the samples is worth a finding. */
export interface Often {
  /** Unit: 1/h. */
  readonly perHour: number;
  /** Of a noisy counter: the rate between the samples below which a rise is none. Left out: any rise counts. Unit: 1/s. */
  readonly perSecond?: number;
  /** What it is a share of where the time since boot is unknown: ListenDrops if it is part of it, else PassiveOpens. */
  readonly shareOf?: Reading<CounterReading>;
}

/** Thresholds that every counter rule has; an inventory may change them per group. */
export const sinceBoot = {
  perHour: perHour(1, 'a cause that dropped less than one SYN an hour is not what people are looking for'),
} as const;

/** One in a thousand: below it a cause is not what clients complain of. */
const leastShare = 0.001;

export function movementOf(counter: CounterReading, often: Often): Movement {
  const { value, earlier, perHourSinceBoot: perHour } = counter;
  const fast = counter.perSecond === undefined || counter.perSecond >= (often.perSecond ?? 0);
  if (earlier !== undefined && value > earlier && fast) return { kind: 'rising', counter };
  if (value === 0) return { kind: 'quiet', counter };
  if (perHour !== undefined) {
    return perHour >= often.perHour
      ? { kind: 'risen', counter, average: { of: 'time', perHour } }
      : { kind: 'quiet', counter };
  }
  const base = often.shareOf;
  if (base?.state !== 'ok' || base.value.value === 0) return { kind: 'unknowable', counter };
  const average = { of: 'counter', share: value / base.value.value, field: base.value.field } as const;
  return average.share >= leastShare ? { kind: 'risen', counter, average } : { kind: 'quiet', counter };
}

/** What a rule says of a counter that moved. Sentences without their full stop where a number follows. */
export interface Told {
  /** `active`: it rises between the samples. `past`: since boot only. */
  readonly title: { readonly active: string; readonly past: string };
  /** `SYNs are dropped at a full accept queue`: the counter's numbers follow behind a colon. */
  readonly lead: { readonly active: string; readonly past: string };
  /** Sentences behind the lead: what else was seen, what is not known. */
  readonly because?: readonly string[];
  /** What stands beside the counter itself. */
  readonly evidence?: readonly Evidence[];
  readonly remedy: Remedy | null;
  /** Of an active cause; default high. */
  readonly confidence?: Confidence;
  /** Default: high while it acts, medium since boot only (DESIGN.md, "Severity"). */
  readonly severity?: { readonly active: Severity; readonly past: Severity };
}

/** A counter that rises is `active`, one that rose often enough since boot is `past`, one that did not passes. */
export function judgeMovement(movement: Movement, facts: Facts, told: Told): Judgement {
  const { counter } = movement;
  switch (movement.kind) {
    case 'quiet':
      return { verdict: 'pass', because: quietInWords(counter) };
    case 'unknowable':
      return {
        verdict: 'notchecked',
        because: `${nameOf(counter)} is ${count(counter.value)}, time unknown, and there is nothing to compare it with.`,
      };
    case 'rising':
      return {
        ...finding('active', counter, told),
        because: [`${told.lead.active}: ${risingInWords(counter, facts)}.`, ...(told.because ?? [])].join(' '),
      };
    case 'risen':
      return {
        ...finding('past', counter, told),
        because: [`${told.lead.past}: ${risenInWords(movement, facts)}.`, ...(told.because ?? [])].join(' '),
        confidence: movement.average.of === 'time' ? 'medium' : 'low',
      };
  }
}

function finding(state: 'active' | 'past', counter: CounterReading, told: Told) {
  const severity = told.severity ?? { active: 'high', past: 'medium' };
  return {
    verdict: 'fail',
    severity: severity[state],
    state,
    title: told.title[state],
    confidence: told.confidence ?? 'high',
    evidence: [counterEvidence(counter), ...(told.evidence ?? [])],
    remedy: told.remedy,
  } as const satisfies { readonly verdict: 'fail' } & Omit<Finding, 'rule' | 'because' | 'waived'>;
}

/** `ListenOverflows` of `TcpExt.ListenOverflows`: as `nstat` and people name it. */
export const nameOf = ({ field }: Pick<CounterReading, 'field'>): string => field.replace(/^(Tcp|Ip)Ext\./, '');

/** `ListenOverflows +3.1/s over 2 s, 5,120 since boot`. */
export function risingInWords(counter: CounterReading, { snapshot }: Facts): string {
  const seconds = secondsBetweenSamples(snapshot);
  const during = seconds === undefined ? '' : ` over ${rate(seconds)} s`;
  return `${nameOf(counter)} ${rise(counter)}${during}, ${count(counter.value)} since boot`;
}

/** `ListenOverflows is 5,120 since boot (12 per hour on average), none between the two samples`. */
export function risenInWords({ counter, average }: Extract<Movement, { kind: 'risen' }>, { snapshot }: Facts): string {
  const still =
    counter.earlier === undefined
      ? `whether it goes on is unknown (${snapshot.onlyOneSample ?? 'the counter went backwards'})`
      : `${counter.value > counter.earlier ? rise(counter) : 'none'} between the two samples`;
  if (average.of === 'time') {
    return `${nameOf(counter)} is ${count(counter.value)} since boot (${rate(average.perHour)} per hour on average); ${still}`;
  }
  const percent = rate(100 * average.share);
  return `${nameOf(counter)} is ${count(counter.value)}, time unknown, ${percent} % of ${nameOf(average)}; ${still}`;
}

/** `ListenOverflows is 0.`, or that it is too rare to matter. */
export function quietInWords(counter: CounterReading): string {
  if (counter.value === 0) return `${nameOf(counter)} is 0.`;
  const average =
    counter.perHourSinceBoot === undefined ? '' : ` (${rate(counter.perHourSinceBoot)} per hour on average)`;
  const slow = `rises by only ${rise(counter)}, and `;
  const now = counter.earlier === undefined ? '' : counter.value > counter.earlier ? slow : 'does not rise, and ';
  return `${nameOf(counter)} ${now}is only ${count(counter.value)} since boot${average}.`;
}

/** A counter as evidence: its value, what it was, its rates. */
export function counterEvidence({
  source,
  field,
  value,
  earlier,
  perSecond,
  perHourSinceBoot,
}: CounterReading): Evidence {
  return {
    source,
    field,
    value,
    ...(earlier !== undefined && { earlier }),
    ...(perSecond !== undefined && { perSecond }),
    ...(perHourSinceBoot !== undefined && { perHour: Number(perHourSinceBoot.toPrecision(4)) }),
  };
}

/** A gauge as evidence: its level alone, for it has no rate. */
export const gaugeEvidence = ({ source, field, value }: CounterReading): Evidence => ({ source, field, value });

/** A counter that may be missing as evidence: none, or one. */
export const evidenceIfRead = (reading: Reading<CounterReading>): readonly Evidence[] =>
  reading.state === 'ok' ? [counterEvidence(reading.value)] : [];

/** Where a running sysctl value was read: `proc/sys/net/core/somaxconn`. */
export const settingSource = (key: string): string => `proc/sys/${key.replaceAll('.', '/')}`;

/** A running setting as evidence, if it could be read. */
export const settingEvidence = (key: string, reading: Reading<string>): readonly Evidence[] =>
  reading.state === 'ok' ? [{ source: settingSource(key), field: key, value: reading.value }] : [];
