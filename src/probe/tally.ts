/** Counting attempts, and what the counts say. */
import type { Attempt, AttemptOutcome, ProbeLatency, ProbeTally, RetryStep, Share } from '../model/probe.ts';
import { type Counted, quantile, shareOf, wilsonInterval } from './statistics.ts';
import { countSteps, stepOf } from './steps.ts';

/** Attempts as they come in. */
export interface Recorder {
  add(attempt: Attempt): void;
  addUnfinished(): void;
  /** Attempts that could not be made, one after the other, since one could. */
  readonly notSentInARow: number;
  /** Of the last attempt that was no connect; empty if nothing was said. */
  readonly lastWhy: string;
  /** What came in, with so many ms subtracted from each answer (the round trip of SSH). */
  finish(subtractMs: number): Recorded;
}

/** Raw counts of a pair: small, whatever the number of attempts, but for the times. */
export interface Recorded {
  readonly outcomes: Readonly<Record<AttemptOutcome, number>>;
  readonly unfinished: number;
  readonly reasons: ReadonlyMap<string, number>;
  readonly notSentReasons: ReadonlyMap<string, number>;
  /** What each connect took. Unit: ms. */
  readonly connects: readonly number[];
  /** Attempts but timeouts that were answered after a SYN had been sent again. */
  readonly answeredLate: number;
}

/** Words of other machines: more kinds than these are noise. */
const maxReasons = 20;

export function createRecorder(): Recorder {
  const outcomes = emptyOutcomes();
  const [reasons, notSentReasons] = [new Map<string, number>(), new Map<string, number>()];
  const connects: number[] = [];
  const refusals: number[] = [];
  let unfinished = 0;
  let notSentInARow = 0;
  let lastWhy = '';
  return {
    add({ outcome, ms, why }) {
      outcomes[outcome] += 1;
      notSentInARow = outcome === 'not-sent' ? notSentInARow + 1 : 0;
      if (outcome === 'connected') connects.push(ms);
      else if (outcome === 'refused' || outcome === 'reset') refusals.push(ms);
      if (why === undefined || outcome === 'connected') return;
      lastWhy = why;
      note(reasons, why);
      if (outcome === 'not-sent') note(notSentReasons, why);
    },
    addUnfinished() {
      unfinished += 1;
    },
    get notSentInARow() {
      return notSentInARow;
    },
    get lastWhy() {
      return lastWhy;
    },
    finish(subtractMs) {
      const less = (ms: number): number => Math.max(0, ms - subtractMs);
      const times = connects.map(less);
      const usual = least(times);
      const isLate = (ms: number): boolean => (stepOf(ms, usual) ?? 0) > 0;
      return {
        outcomes,
        unfinished,
        reasons,
        notSentReasons,
        connects: times,
        answeredLate: times.filter(isLate).length + refusals.map(less).filter(isLate).length,
      };
    },
  };
}

function note(reasons: Map<string, number>, why: string): void {
  const known = reasons.get(why) ?? 0;
  if (known > 0 || reasons.size < maxReasons) reasons.set(why, known + 1);
}

const emptyOutcomes = (): Record<AttemptOutcome, number> => ({
  connected: 0,
  refused: 0,
  reset: 0,
  timeout: 0,
  unreachable: 0,
  'not-sent': 0,
});

/** The shortest, or 0 where none is short enough to be an answer to a first SYN. */
function least(times: readonly number[]): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (const ms of times) shortest = Math.min(shortest, ms);
  return shortest < 1_000 ? shortest : 0;
}

/** What one pair, or several together, came to. */
export function tallyOf(all: readonly Recorded[]): ProbeTally {
  const sum = emptyOutcomes();
  const steps = new Map<number, number>();
  let [unfinished, answeredLate, slow] = [0, 0, 0];
  for (const one of all) {
    for (const outcome of Object.keys(sum) as AttemptOutcome[]) sum[outcome] += one.outcomes[outcome];
    const { after, between } = countSteps(one.connects);
    for (const [step, n] of after) steps.set(step, (steps.get(step) ?? 0) + n);
    slow += between;
    unfinished += one.unfinished;
    answeredLate += one.answeredLate;
  }
  const { 'not-sent': notSent, ...outcomes } = sum;
  const attempts = Object.values(outcomes).reduce((total, n) => total + n, 0);
  return {
    attempts,
    outcomes,
    notSent,
    unfinished,
    failures: asShare({ events: attempts - outcomes.connected, of: attempts }),
    firstSynLost: asShare({ events: outcomes.timeout + answeredLate, of: attempts }),
    latency: latencyOf(all.flatMap(({ connects }) => connects)),
    steps: stepsOf(steps),
    slow,
    reasons: mostFrequent(all.map(one => one.reasons)),
    notSentReasons: mostFrequent(all.map(one => one.notSentReasons)),
  };
}

function mostFrequent(all: readonly ReadonlyMap<string, number>[]): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const reasons of all) for (const [why, n] of reasons) sums.set(why, (sums.get(why) ?? 0) + n);
  return Object.fromEntries([...sums].sort(([, a], [, b]) => b - a).slice(0, maxReasons));
}

const stepsOf = (steps: ReadonlyMap<number, number>): RetryStep[] =>
  [...steps].sort(([a], [b]) => a - b).map(([afterSeconds, connects]) => ({ afterSeconds, connects }));

/** A share with its interval; without attempts neither is known. */
export const asShare = (counted: Counted): Share => ({
  count: counted.events,
  attempts: counted.of,
  share: counted.of === 0 ? null : shareOf(counted),
  interval: wilsonInterval(counted),
});

function latencyOf(times: readonly number[]): ProbeLatency | null {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number): number => round(quantile(sorted, share) ?? 0);
  return sorted.length === 0 ? null : { min: at(0), p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

/** A hundredth of a millisecond is more than timers here can tell. */
const round = (ms: number): number => Math.round(ms * 100) / 100;
