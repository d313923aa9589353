import { describe, expect, test } from 'vitest';
import type { CounterReading } from '../../src/model/snapshot.ts';
import { movementInTraffic, recentShare, sharePercent } from '../../src/rules/share-of-traffic.ts';
import fc from '../fast-check.ts';

const frequent = { percent: 1, perSecond: 2, perHour: 60 };

/** A counter in two samples 2 s apart, one day after the boot; one number is one sample. */
const counter = (values: readonly [number, number] | number, uptimeHours: number | null = 24): CounterReading => {
  const value = typeof values === 'number' ? values : values[1];
  const earlier = typeof values === 'number' ? undefined : values[0];
  return {
    source: 'proc/net/snmp',
    field: 'Tcp.X',
    value,
    ...(earlier !== undefined && { earlier, perSecond: (value - earlier) / 2 }),
    ...(uptimeHours !== null && { perHourSinceBoot: value / uptimeHours }),
  };
};

describe('errors moved only where they are frequent, and a share of the traffic', () => {
  test.each<[string, CounterReading, CounterReading, string]>([
    ['2 % and fast', counter([0, 20]), counter([0, 1_000]), 'rising'],
    ['exactly the threshold', counter([0, 10]), counter([0, 1_000]), 'rising'],
    ['fast, but no share', counter([0, 20]), counter([0, 100_000]), 'quiet'],
    ['a share of next to nothing', counter([0, 1]), counter([0, 4]), 'quiet'],
    ['errors without any traffic', counter([0, 20]), counter([50, 50]), 'rising'],
    ['nothing between the samples, much before', counter([9_000, 9_000]), counter([90_000, 90_500]), 'risen'],
    ['nothing between the samples, a share but rare', counter([900, 900]), counter([9_000, 9_500]), 'quiet'],
    ['one sample, much since boot', counter(9_000), counter(90_000), 'risen'],
    ['time unknown: the share alone', counter(9, null), counter(90, null), 'risen'],
    ['time unknown, no share', counter(9, null), counter(90_000, null), 'quiet'],
    ['none', counter([0, 0]), counter([0, 1_000]), 'quiet'],
    ['traffic in one sample only', counter([0, 20]), counter(1_000), 'quiet'],
  ])('%s', (_, errors, traffic, kind) => {
    expect(movementInTraffic(errors, traffic, frequent).kind).toBe(kind);
  });

  test('where nothing but the share is known, it is told as what it is a share of', () => {
    expect(movementInTraffic(counter(9, null), counter(90, null), frequent)).toMatchObject({
      average: { of: 'counter', share: 0.1, field: 'Tcp.X' },
    });
  });

  test('a share is a number from 0 to 100, whatever the counters say', () => {
    const number = fc.oneof(fc.integer(), fc.maxSafeNat(), fc.constantFrom(2 ** 64, -1, 0));
    fc.assert(
      fc.property(number, number, number, number, (a, b, c, d) => {
        for (const percent of [sharePercent(a, b), recentShare(counter([a, b]), counter([c, d]))]) {
          expect(percent).toBeGreaterThanOrEqual(0);
          expect(percent).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});
