import { describe, expect, test } from 'vitest';
import {
  attemptsToSee,
  attemptsToTellApart,
  type Counted,
  differenceInterval,
  fisherP,
  quantile,
  significantOf,
  wilsonInterval,
} from '../../src/probe/statistics.ts';
import fc from '../fast-check.ts';

const of = (events: number, all: number): Counted => ({ events, of: all });

/** Any count of up to so many attempts. */
const counted = (most: number): fc.Arbitrary<Counted> =>
  fc.nat(most - 1).chain(n => fc.nat(n + 1).map(events => ({ events, of: n + 1 })));

const rounded = (interval: { readonly low: number; readonly high: number } | null): readonly number[] =>
  interval === null ? [] : [interval.low, interval.high].map(value => Number(value.toFixed(4)));

describe('interval of a share', () => {
  // Newcombe, Statistics in Medicine 17 (1998) 857–872, Table I: methods 3 and 4.
  test.each([
    [of(81, 263), [0.2553, 0.3662], [0.2535, 0.3682]],
    [of(15, 148), [0.0624, 0.1605], [0.0598, 0.1644]],
    [of(0, 20), [0, 0.1611], [0, 0.2005]],
    [of(1, 29), [0.0061, 0.1718], [0.0018, 0.1963]],
  ])('of %j is as published', (share, plain, corrected) => {
    expect(rounded(wilsonInterval(share, { isCorrected: false }))).toEqual(plain);
    expect(rounded(wilsonInterval(share))).toEqual(corrected);
  });

  test('holds the share, is the same from the other side, and is wider with the correction', () => {
    fc.assert(
      fc.property(counted(100_000), share => {
        const [wide, plain] = [wilsonInterval(share), wilsonInterval(share, { isCorrected: false })];
        const other = wilsonInterval(of(share.of - share.events, share.of));
        if (wide === null || plain === null || other === null) throw new Error('no interval');
        const p = share.events / share.of;
        expect(wide.low).toBeGreaterThanOrEqual(0);
        expect(wide.high).toBeLessThanOrEqual(1);
        expect(wide.low).toBeLessThanOrEqual(p);
        expect(wide.high).toBeGreaterThanOrEqual(p);
        expect(wide.low).toBeLessThanOrEqual(plain.low + 1e-12);
        expect(wide.high).toBeGreaterThanOrEqual(plain.high - 1e-12);
        expect(wide.low).toBeCloseTo(1 - other.high, 9);
      }),
    );
  });

  test('of no attempt is unknown, not 0', () => {
    expect(wilsonInterval(of(0, 0))).toBeNull();
  });

  /** How likely the interval holds the true share: the sum over all counts, exactly. */
  const coverage = (n: number, p: number, isCorrected: boolean): number => {
    let probability = (1 - p) ** n;
    let covered = 0;
    for (let x = 0; x <= n; x++) {
      const interval = wilsonInterval(of(x, n), { isCorrected });
      if (interval !== null && interval.low <= p && p <= interval.high) covered += probability;
      probability *= ((n - x) / (x + 1)) * (p / (1 - p));
    }
    return covered;
  };
  const sizes = [20, 50, 100, 200, 400];
  const shares = [0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5];
  const all = (isCorrected: boolean): number[] => sizes.flatMap(n => shares.map(p => coverage(n, p, isCorrected)));

  test('holds the true share in at least 94 % of runs, whatever the share; without the correction it would not', () => {
    expect(Math.min(...all(true))).toBeGreaterThanOrEqual(0.94);
    expect(Math.min(...all(false))).toBeLessThan(0.94);
  });
});

describe('interval of a difference', () => {
  // Newcombe, Statistics in Medicine 17 (1998) 873–890, Table II: methods 10 and 11.
  test.each([
    [of(48, 80), of(56, 70), [0.0524, 0.3339], [0.0428, 0.3422]],
    [of(3, 10), of(9, 10), [0.1705, 0.809], [0.1013, 0.8387]],
    [of(2, 7), of(6, 7), [0.0582, 0.8062], [-0.029, 0.8423]],
    [of(0, 29), of(5, 56), [-0.0381, 0.1926], [-0.0667, 0.2037]],
    [of(0, 20), of(0, 10), [-0.1611, 0.2775], [-0.2005, 0.3445]],
    [of(0, 10), of(10, 10), [0.6075, 1], [0.5128, 1]],
  ])('of %j and %j is as published', (before, after, plain, corrected) => {
    expect(rounded(differenceInterval(before, after, { isCorrected: false }))).toEqual(plain);
    expect(rounded(differenceInterval(before, after))).toEqual(corrected);
  });

  test('holds the difference, and turns round with the two shares', () => {
    fc.assert(
      fc.property(counted(10_000), counted(10_000), (a, b) => {
        const [there, back] = [differenceInterval(a, b), differenceInterval(b, a)];
        if (there === null || back === null) throw new Error('no interval');
        const difference = b.events / b.of - a.events / a.of;
        expect(there.low).toBeLessThanOrEqual(difference + 1e-12);
        expect(there.high).toBeGreaterThanOrEqual(difference - 1e-12);
        expect(there.low).toBeGreaterThanOrEqual(-1);
        expect(there.low).toBeCloseTo(-back.high, 9);
      }),
    );
  });

  test.each([
    [40, 0.2, 40, 0.2],
    [100, 0.2, 100, 0.05],
    [60, 0.1, 120, 0.02],
    [100, 0.01, 100, 0.01],
    [20, 0.5, 200, 0.3],
  ])(
    'of %d attempts with %d and %d with %d holds the true one in at least 94 % of runs, and chance is seldom told as a change',
    (n, p, m, q) => {
      let [covered, told] = [0, 0];
      for (let x = 0; x <= n; x++) {
        for (let y = 0; y <= m; y++) {
          const chance = binomial(n, x, p) * binomial(m, y, q);
          if (chance < 1e-9) continue;
          const interval = differenceInterval(of(x, n), of(y, m));
          if (interval !== null && interval.low <= q - p && q - p <= interval.high) covered += chance;
          if (p === q && fisherP(of(x, n), of(y, m)) <= 0.05) told += chance;
        }
      }
      expect(covered).toBeGreaterThanOrEqual(0.94);
      expect(told).toBeLessThanOrEqual(0.05);
    },
  );

  test('is unknown where one has no attempt', () => {
    expect(differenceInterval(of(0, 0), of(1, 2))).toBeNull();
    expect(differenceInterval(of(1, 2), of(0, 0))).toBeNull();
  });
});

/** How likely x of n are, of a share p. */
const binomial = (n: number, x: number, p: number): number =>
  Number(choose(BigInt(n), BigInt(x))) * p ** x * (1 - p) ** (n - x);

/** Ways to choose k of n. */
function choose(n: bigint, k: bigint): bigint {
  let ways = 1n;
  for (let i = 1n; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return ways;
}

/** Fisher's p as a fraction of whole numbers: every table is counted. */
function countedP(a: Counted, b: Counted): number {
  const sum = a.events + b.events;
  const ways = (k: number): bigint => choose(BigInt(a.of), BigInt(k)) * choose(BigInt(b.of), BigInt(sum - k));
  const seen = ways(a.events);
  let [rare, all] = [0n, 0n];
  for (let k = Math.max(0, sum - b.of); k <= Math.min(sum, a.of); k++) {
    const table = ways(k);
    all += table;
    if (table <= seen) rare += table;
  }
  return Number((rare * 10n ** 18n) / all) / 1e18;
}

describe("Fisher's exact test", () => {
  // Fisher's tea tasting and his twins, as in R's help of fisher.test; the others by whole numbers of any length.
  test.each([
    [of(3, 4), of(1, 4), 0.4857142857142857],
    [of(2, 17), of(10, 13), 0.0005367241191434358],
    [of(200, 10_000), of(260, 10_000), 0.0053305952299174285],
    [of(1_000, 100_000), of(1_100, 100_000), 0.029847900106588436],
    [of(50, 1_000_000), of(80, 1_000_000), 0.010691523351930415],
    [of(0, 1_000_000), of(12, 1_000_000), 0.00048826513689196726],
    [of(7, 100), of(0, 1_000_000), 8.062334724748602e-29],
    [of(0, 100), of(0, 100), 1],
    [of(5, 10), of(5, 10), 1],
  ])('of %j and %j', (a, b, p) => {
    expect(fisherP(a, b) / p).toBeCloseTo(1, 11);
  });

  test('is what counting every table gives', () => {
    fc.assert(
      fc.property(counted(60), counted(60), (a, b) => {
        expect(fisherP(a, b)).toBeCloseTo(countedP(a, b), 12);
      }),
      { numRuns: 300 },
    );
  });

  test('is the same with the two exchanged, with successes for failures, and with shares of equal size', () => {
    fc.assert(
      fc.property(counted(1_000_000), counted(1_000_000), (a, b) => {
        const p = fisherP(a, b);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        // Tables as likely as the one seen are told by the last digits: the sums differ by one of them at the most.
        expect(Math.abs(fisherP(b, a) - p)).toBeLessThan(1e-6);
        expect(Math.abs(fisherP(of(a.of - a.events, a.of), of(b.of - b.events, b.of)) - p)).toBeLessThan(1e-6);
      }),
      { numRuns: 40 },
    );
  });
});

describe('how many attempts it takes', () => {
  // Fleiss, Levin, Paik, Statistical Methods for Rates and Proportions (3rd ed.), Table A.4: level 5 %, power 80 %.
  test.each([
    [0.05, 0.1, 474],
    [0.1, 0.2, 219],
    [0.1, 0.3, 72],
    [0.2, 0.3, 313],
    [0.5, 0.75, 66],
  ])('to tell %d from %d is as published', (p, q, attempts) => {
    expect(attemptsToTellApart(p, q)).toBe(attempts);
    expect(attemptsToTellApart(q, p)).toBe(attempts);
  });

  test.each([
    [0.2, 0],
    [0.1, 0.3],
    [0.05, 0.2],
  ])('to tell %d from %d: so many show it in 4 of 5 cases, by the test that is used', (p, q) => {
    const n = attemptsToTellApart(p, q) as number;
    let power = 0;
    for (let x = 0; x <= n; x++) {
      for (let y = 0; y <= n; y++) {
        const chance = binomial(n, x, p) * binomial(n, y, q);
        if (chance > 1e-9 && fisherP(of(x, n), of(y, n)) <= 0.05) power += chance;
      }
    }
    expect(power).toBeGreaterThan(0.78);
    expect(power).toBeLessThan(0.93);
  });

  test('to tell equal shares apart: none do', () => {
    expect(attemptsToTellApart(0.1, 0.1)).toBeNull();
  });

  test('to see a share at all', () => {
    expect([1, 0.5, 0.01, 0.001].map(attemptsToSee)).toEqual([1, 5, 299, 2995]);
    expect(attemptsToSee(0)).toBeNull();
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 0.999, noNaN: true }), share => {
        const n = attemptsToSee(share) as number;
        expect((1 - share) ** n).toBeLessThanOrEqual(0.05 + 1e-9);
        expect((1 - share) ** (n - 1)).toBeGreaterThan(0.05 - 1e-9);
      }),
    );
  });
});

describe('quantiles', () => {
  test('are values that occurred, the nearest rank', () => {
    const values = [15, 20, 35, 40, 50];
    expect([0, 0.05, 0.3, 0.4, 0.5, 1].map(share => quantile(values, share))).toEqual([15, 15, 20, 20, 35, 50]);
    expect(
      quantile(
        Array.from({ length: 100 }, (_, i) => i + 1),
        0.99,
      ),
    ).toBe(99);
    expect(quantile([], 0.5)).toBeNull();
  });
});

describe('significant among several', () => {
  test("is what Holm's rule leaves", () => {
    expect(significantOf([0.01, 0.04, 0.03, 0.005])).toEqual([true, false, false, true]);
    expect(significantOf([0.02, 0.02])).toEqual([true, true]);
    expect(significantOf([0.05])).toEqual([true]);
    expect(significantOf([])).toEqual([]);
  });

  test('never more than alone, and never fewer than with the bound of Bonferroni', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 50 }), ps => {
        significantOf(ps).forEach((isSignificant, i) => {
          const p = ps[i] as number;
          if (isSignificant) expect(p).toBeLessThanOrEqual(0.05);
          if (p * ps.length <= 0.05) expect(isSignificant).toBe(true);
        });
      }),
    );
  });
});
