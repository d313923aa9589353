import type { CounterReading } from '../model/snapshot.ts';
import type { Movement } from './movement.ts';

/** From when on errors that every network has now and then are a fault. All of them must be reached. */
export interface Frequent {
  /** Share of all that came (or went) in the same time. Unit: %. */
  readonly percent: number;
  /** Between the samples. Unit: 1/s. */
  readonly perSecond: number;
  /** Since boot, where nothing was seen between the samples. Unit: 1/h. */
  readonly perHour: number;
}

/** Share of errors in the traffic they came with. Unit: %. More errors than traffic is all of it. */
export const sharePercent = (errors: number, traffic: number): number =>
  errors <= 0 ? 0 : traffic <= errors ? 100 : (100 * errors) / traffic;

/** What a counter grew by between the samples. Undefined where there is no second sample to compare with. */
export const riseOf = ({ value, earlier }: CounterReading): number | undefined =>
  earlier === undefined ? undefined : value - earlier;

/** Errors as a share of the traffic between the samples; undefined where one of them has no second sample. Unit: %. */
export function recentShare(errors: CounterReading, traffic: CounterReading): number | undefined {
  const [bad, all] = [riseOf(errors), riseOf(traffic)];
  return bad === undefined || all === undefined ? undefined : sharePercent(bad, all);
}

/**
 * What a noisy counter did: it moved only where it is a share of the traffic that it is an error of. Where the uptime is
 * unknown, the share since boot decides alone.
 */
export function movementInTraffic(errors: CounterReading, traffic: CounterReading, frequent: Frequent): Movement {
  const { value, perSecond, perHourSinceBoot: perHour } = errors;
  const recent = recentShare(errors, traffic) ?? 0;
  const fast = perSecond === undefined || perSecond >= frequent.perSecond;
  if (recent > 0 && recent >= frequent.percent && fast) return { kind: 'rising', counter: errors };
  const percent = sharePercent(value, traffic.value);
  if (percent === 0 || percent < frequent.percent) return { kind: 'quiet', counter: errors };
  if (perHour === undefined) {
    const average = { of: 'counter', share: percent / 100, field: traffic.field } as const;
    return { kind: 'risen', counter: errors, average };
  }
  if (perHour < frequent.perHour) return { kind: 'quiet', counter: errors };
  return { kind: 'risen', counter: errors, average: { of: 'time', perHour } };
}

/** Whether the words about a movement hold its share already: nothing else was known. */
export const isToldAsShare = (movement: Movement): boolean =>
  movement.kind === 'risen' && movement.average.of === 'counter';
