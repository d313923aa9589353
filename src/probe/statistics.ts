/** Statistics of counts and waiting times. Pure; counts are whole numbers, shares are from 0 to 1. */

/** So many events in so many attempts. */
export interface Counted {
  readonly events: number;
  readonly of: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Quantiles of the standard normal distribution: 97.5 % (two-sided 95 %) and 80 % (power). */
const z95 = 1.959963984540054;
const zPower = 0.8416212335729143;
/** What is significant: one of 20 comparisons of equal things. */
export const alpha = 0.05;

/**
 * The 95 % score interval of a share with continuity correction (Wilson 1927; Newcombe, Statistics in Medicine 17 (1998)
 * 857–872, method 4). Without the correction (method 3) the interval misses the true share in up to 9 % of runs of 100
 * attempts; with it in at most 5 % or so, at any share. Null without attempts.
 */
export function wilsonInterval({ events: x, of: n }: Counted, { isCorrected = true } = {}): Interval | null {
  if (n <= 0) return null;
  const p = x / n;
  const q = 1 - p;
  const zz = z95 * z95;
  const middle = 2 * x + zz;
  const breadth = 2 * (n + zz);
  if (!isCorrected) {
    const half = z95 * Math.sqrt(zz + 4 * x * q);
    return { low: x === 0 ? 0 : (middle - half) / breadth, high: x === n ? 1 : (middle + half) / breadth };
  }
  const below = z95 * Math.sqrt(Math.max(0, zz - 2 - 1 / n + 4 * p * (n * q + 1)));
  const above = z95 * Math.sqrt(Math.max(0, zz + 2 - 1 / n + 4 * p * (n * q - 1)));
  return {
    low: x === 0 ? 0 : Math.max(0, (middle - 1 - below) / breadth),
    high: x === n ? 1 : Math.min(1, (middle + 1 + above) / breadth),
  };
}

/**
 * The 95 % interval of the difference `after - before` of two shares, from the score interval of each (Newcombe, Statistics in
 * Medicine 17 (1998) 873–890, method 11; without the correction method 10). Null where one has no attempts.
 */
export function differenceInterval(before: Counted, after: Counted, { isCorrected = true } = {}): Interval | null {
  const [b, a] = [wilsonInterval(before, { isCorrected }), wilsonInterval(after, { isCorrected })];
  if (b === null || a === null) return null;
  const [pb, pa] = [shareOf(before), shareOf(after)];
  const difference = pa - pb;
  return {
    low: Math.max(-1, difference - Math.hypot(pa - a.low, b.high - pb)),
    high: Math.min(1, difference + Math.hypot(a.high - pa, pb - b.low)),
  };
}

/** Attempts of which none is no 0 %: callers ask first. */
export const shareOf = ({ events, of }: Counted): number => events / of;

/** R's fisher.test counts tables as equally likely that differ by no more than this. */
const asLikely = 1 + 1e-7;

/**
 * Fisher's exact test of two shares, two-sided: how likely a table is that is no likelier than this one, if both shares are
 * the same and the sums of the table are given (Fisher 1922; the sum over tables as in R's fisher.test). From 0 to 1.
 *
 * The probabilities are reckoned relative to the likeliest table, from one table to the next: factorials, whose logarithms
 * lose digits at 10^6 attempts, do not occur.
 */
export function fisherP(a: Counted, b: Counted): number {
  const sum = a.events + b.events;
  const [low, high] = [Math.max(0, sum - b.of), Math.min(sum, a.of)];
  /** Probability of k + 1 events in a, relative to that of k. */
  const step = (k: number): number => ((a.of - k) * (sum - k)) / ((k + 1) * (b.of - sum + k + 1));
  const mode = Math.min(high, Math.max(low, Math.floor(((a.of + 1) * (sum + 1)) / (a.of + b.of + 2))));
  const seen = weightAt(a.events, mode, step);
  const limit = seen * asLikely;
  let all = 1;
  let rare = limit >= 1 ? 1 : 0;
  const add = (weight: number): boolean => {
    all += weight;
    if (weight <= limit) rare += weight;
    return weight > 0;
  };
  for (let k = mode, weight = 1; k < high; k++) {
    weight *= step(k);
    if (!add(weight)) break;
  }
  for (let k = mode, weight = 1; k > low; k--) {
    weight /= step(k - 1);
    if (!add(weight)) break;
  }
  return Math.min(1, rare / all);
}

/** Probability of k relative to that of the mode, by the same steps as the sum takes, so that equal ones are equal. */
function weightAt(k: number, mode: number, step: (k: number) => number): number {
  let weight = 1;
  for (let at = mode; at < k && weight > 0; at++) weight *= step(at);
  for (let at = mode; at > k && weight > 0; at--) weight /= step(at - 1);
  return weight;
}

/**
 * Attempts before, and as many after, that show a difference between these two shares in 4 of 5 cases (power 80 %, two-sided
 * level 5 %, Fisher's exact test): Fleiss, Levin, Paik, Statistical Methods for Rates and Proportions (3rd ed.), eq. 4.14 with
 * the continuity correction 4.19. Null where the shares are equal: no number does.
 */
export function attemptsToTellApart(p: number, q: number): number | null {
  const difference = Math.abs(p - q);
  if (!(difference > 0)) return null;
  const mean = (p + q) / 2;
  const root = z95 * Math.sqrt(2 * mean * (1 - mean)) + zPower * Math.sqrt(p * (1 - p) + q * (1 - q));
  const plain = (root / difference) ** 2;
  return Math.ceil((plain / 4) * (1 + Math.sqrt(1 + 4 / (plain * difference))) ** 2);
}

/** Attempts of which at least one shows an event of this share, in 95 of 100 cases: 1 - (1 - p)^n. Null for a share of 0. */
export function attemptsToSee(share: number): number | null {
  if (!(share > 0)) return null;
  return share >= 1 ? 1 : Math.ceil(Math.log(alpha) / Math.log1p(-share));
}

/**
 * The value that a share of all values does not exceed: the nearest rank, hence a value that occurred. `sorted` ascends.
 * Null without values.
 */
export function quantile(sorted: ArrayLike<number>, share: number): number | null {
  const rank = Math.max(1, Math.ceil(share * sorted.length - 1e-9));
  return sorted[Math.min(rank, sorted.length) - 1] ?? null;
}

/**
 * Of several p-values those that are significant together at 5 %, whichever of the comparisons are of equal things (Holm,
 * Scandinavian Journal of Statistics 6 (1979) 65–70). In the order given.
 */
export function significantOf(ps: readonly number[]): readonly boolean[] {
  const order = ps.map((p, i) => ({ p, i })).sort((a, b) => a.p - b.p);
  const found = order.findIndex(({ p }, rank) => !(p * (ps.length - rank) <= alpha));
  const significant = new Set((found < 0 ? order : order.slice(0, found)).map(({ i }) => i));
  return ps.map((_, i) => significant.has(i));
}
