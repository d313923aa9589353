/** Making the attempts of a probe: at a bounded rate, so many at once, until all are made or somebody stops it. */
import type { Attempt, Connector, ProbeOptions, ProbePair, ProbeResult, ProbeTarget } from '../model/probe.ts';
import { type Course, startCourse } from './course.ts';
import { createPlaces, type Places } from './places.ts';
import { beginningOf, delayBy, type Pacing, pacings } from './schedule.ts';
import { createRecorder, type Recorded, type Recorder, tallyOf } from './tally.ts';

/** A place that attempts are made from. */
export interface Origin {
  /** `here`, or the name of an inventory host. */
  readonly name: string;
  readonly connect: Connector;
  /** Attempts that may be open there at once, if that is less than what is asked for. */
  readonly places?: number;
  /** Connects still under way there though they timed out here; left out: none. */
  readonly pending?: () => number;
  /** Part of each attempt that is the way to the place and back; left out: none. Unit: ms. */
  readonly roundTripMs?: () => number | null;
  /** Why the place is of no further use; null while it is. */
  readonly lost?: () => string | null;
}

/** A target, with what to call it. */
export interface NamedTarget extends ProbeTarget {
  /** `web01:8080`; left out: host and port. */
  readonly name?: string;
  readonly address?: string;
  readonly service?: string;
}

/** From where to what. */
export interface PlannedPair {
  readonly origin: Origin;
  readonly target: NamedTarget;
}

export interface MeasureOptions extends ProbeOptions {
  /** Aborted: nothing more is begun, what is open is waited for. */
  readonly winding?: AbortSignal;
  /** Aborted: what is open is cut off. */
  readonly now?: AbortSignal;
  /** The whole must be over then: nothing is begun that may last longer. Unit: ms. */
  readonly deadlineMs?: number;
  /** Numbers from 0 to below 1. */
  readonly random?: () => number;
  /** Called after each attempt. */
  readonly onAttempt?: (attempt: Attempt) => void;
}

/** Gentle, and long enough that a SYN is sent again three times (1, 3, 7 s) before an attempt counts as unanswered. */
export const defaultProbeOptions: ProbeOptions = { attempts: 100, perSecond: 20, concurrency: 128, timeoutMs: 10_000 };

/** A place from which so many attempts in a row cannot be made is given up. */
const hopeless = 20;
/** A connector that does not keep to its timeout is given so much longer. Unit: ms. */
const graceMs = 10_000;

/** Attempts from one place, which is this machine unless the connector says otherwise, to each target. Never rejects. */
export const measure = (
  targets: readonly NamedTarget[],
  options: MeasureOptions,
  connector: Connector,
): Promise<ProbeResult> => {
  const origin: Origin = { name: 'here', connect: connector };
  return measurePairs(
    targets.map(target => ({ origin, target })),
    options,
  );
};

/** Attempts of every pair, all pairs at the same time. Never rejects. */
export async function measurePairs(pairs: readonly PlannedPair[], options: MeasureOptions): Promise<ProbeResult> {
  const course = startCourse(options);
  const placesOf = new Map<Origin, Places>();
  const paces = pacings(
    pairs.map(({ target }) => targetName(target)),
    options.perSecond,
  );
  const done = await Promise.all(
    pairs.map((pair, i) => {
      const { origin } = pair;
      const places = placesOf.get(origin) ?? createPlaces(placesAt(origin, options), origin.pending);
      placesOf.set(origin, places);
      return runPair(pair, { places, pacing: paces[i] as Pacing, course, options });
    }),
  );
  course.end();
  const { attempts, perSecond, concurrency, timeoutMs } = options;
  return {
    options: { attempts, perSecond, concurrency, timeoutMs },
    pairs: done.map(({ pair }) => pair),
    all: tallyOf(done.map(({ recorded }) => recorded)),
    interrupted: course.wasStopped(),
  };
}

const placesAt = ({ places }: Origin, { concurrency }: MeasureOptions): number =>
  Math.min(places ?? concurrency, concurrency);

/** Name of a target: host and port, an IPv6 address in brackets. */
export const targetName = ({ name, host, port }: NamedTarget): string =>
  name ?? `${host.includes(':') ? `[${host}]` : host}:${port}`;

interface PairCourse {
  readonly places: Places;
  readonly pacing: Pacing;
  readonly course: Course;
  readonly options: MeasureOptions;
}

interface DonePair {
  readonly pair: ProbePair;
  readonly recorded: Recorded;
}

async function runPair(
  { origin, target }: PlannedPair,
  { places, pacing, course, options }: PairCourse,
): Promise<DonePair> {
  const recorder = createRecorder();
  const open = new Set<Promise<void>>();
  const random = options.random ?? Math.random;
  let movedMs = 0;
  let stopped: string | null = null;
  for (let k = 0; k < options.attempts; k++) {
    const beginning = beginningOf(k, pacing, random) + movedMs;
    await course.until(beginning);
    const leave = await places.enter(course.winding);
    stopped = whyStop(origin, recorder);
    if (leave === null) course.noteStopped();
    if (leave === null || stopped !== null) {
      leave?.();
      break;
    }
    movedMs += delayBy(course.elapsed() - beginning, pacing);
    const attempt = attemptOnce({ origin, target }, { course, options }).then(result => {
      leave();
      open.delete(attempt);
      if (result === null) {
        recorder.addUnfinished();
        course.noteStopped();
        return;
      }
      recorder.add(result);
      options.onAttempt?.(result);
    });
    open.add(attempt);
  }
  await Promise.all(open);
  stopped ??= whyStop(origin, recorder);
  const roundTripMs = origin.roundTripMs?.() ?? null;
  const recorded = recorder.finish(roundTripMs ?? 0);
  return { recorded, pair: { ...describe({ origin, target }, stopped), roundTripMs, ...tallyOf([recorded]) } };
}

function describe({ origin, target }: PlannedPair, stopped: string | null) {
  const { host, port, address, service } = target;
  return {
    from: origin.name,
    to: targetName(target),
    host,
    port,
    ...(address !== undefined && { address }),
    ...(service !== undefined && { service }),
    ...(stopped !== null && { stopped }),
  };
}

const whyStop = ({ lost }: Origin, { notSentInARow, lastWhy }: Recorder): string | null =>
  lost?.() ?? (notSentInARow >= hopeless ? `${hopeless} attempts in a row could not be made: ${lastWhy}` : null);

/** One attempt; null where it was cut off. */
async function attemptOnce(
  { origin, target }: PlannedPair,
  { course, options }: Pick<PairCourse, 'course' | 'options'>,
): Promise<Attempt | null> {
  const timeoutMs = options.timeoutMs + Math.ceil(origin.roundTripMs?.() ?? 0);
  const { host, port, address } = target;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Attempt>(resolve => {
    const silent = { outcome: 'not-sent', ms: timeoutMs, why: 'no outcome within the timeout' } as const;
    timer = setTimeout(() => resolve(silent), timeoutMs + graceMs);
  });
  const asked = origin.connect({ host: address ?? host, port }, timeoutMs, course.now);
  const attempt = await Promise.race([asked, late]).catch(error => ({
    outcome: 'not-sent' as const,
    ms: 0,
    why: error instanceof Error ? error.message : String(error),
  }));
  clearTimeout(timer);
  return course.now.aborted ? null : attempt;
}
