import { describe, expect, test } from 'vitest';
import { absent, ok, type Reading } from '../../src/model/reading.ts';
import type { CounterReading } from '../../src/model/snapshot.ts';
import { listenDropShares } from '../../src/rules/listen-drops.ts';
import fc from '../fast-check.ts';

/** Of each counter the value now, or what it was and is; left out: not in this kernel. */
interface Numbers {
  readonly drops: Reads;
  readonly overflows?: Reads;
  readonly queueFull?: Reads;
  readonly rejects?: Reads;
  readonly cookies?: Reads;
}
type Reads = number | readonly [earlier: number, now: number];

const secondsBetween = 2;
const hoursSinceBoot = 10;

function reading(name: string, reads: Reads): CounterReading {
  const field = `TcpExt.${name}`;
  const [earlier, value] = typeof reads === 'number' ? [undefined, reads] : reads;
  const now = { source: 'proc/net/netstat', field, value, perHourSinceBoot: value / hoursSinceBoot } as const;
  if (earlier === undefined || earlier > value) return now;
  return { ...now, earlier, perSecond: (value - earlier) / secondsBetween };
}

const given = (name: string, reads: Reads | undefined): Reading<CounterReading> =>
  reads === undefined ? absent('not-in-this-kernel') : ok(reading(name, reads));

const shares = ({ drops, overflows = typeof drops === 'number' ? 0 : [0, 0], ...others }: Numbers) =>
  listenDropShares({
    drops: reading('ListenDrops', drops),
    overflows: reading('ListenOverflows', overflows),
    queueFull: given('TCPReqQFullDrop', others.queueFull),
    rejects: given('PAWSPassive', others.rejects),
    cookies: given('SyncookiesSent', others.cookies),
  });

/** `rest now` or `rest earlier>now`, and the names of what was taken away. */
function told(numbers: Numbers): string {
  const { rest, parts } = shares(numbers);
  const value = rest.earlier === undefined ? `${rest.value}` : `${rest.earlier}>${rest.value}`;
  return [value, ...parts.map(({ field }) => field.replace('TcpExt.', ''))].join(' ');
}

describe('what is left of ListenDrops', () => {
  test.each<[string, Numbers, string]>([
    ['nothing dropped', { drops: 0, queueFull: 0 }, '0 ListenOverflows TCPReqQFullDrop'],
    ['all are overflows', { drops: 40, overflows: 40, queueFull: 0 }, '0 ListenOverflows TCPReqQFullDrop'],
    [
      'each named cause, and a rest',
      { drops: 100, overflows: 40, queueFull: 30, rejects: 20, cookies: 0 },
      '10 ListenOverflows TCPReqQFullDrop PAWSPassive SyncookiesSent',
    ],
    [
      'between the samples it is the deltas that count',
      { drops: [90, 100], overflows: [80, 84], queueFull: [0, 0] },
      '10>16 ListenOverflows TCPReqQFullDrop',
    ],
    [
      'a rest that stands still',
      { drops: [90, 100], overflows: [40, 50], queueFull: [0, 0] },
      '50>50 ListenOverflows TCPReqQFullDrop',
    ],
    [
      'huoding-1123035: recycle drops are no part of it before 3.9',
      { drops: 438_798, overflows: 438_798, rejects: 1_123_035, cookies: 0 },
      '0 ListenOverflows',
    ],
    [
      'the same kernel, and a rest of its own: the numbers show that recycle drops are no part of it',
      { drops: 440_000, overflows: 438_798, rejects: 1_123_035 },
      '1202 ListenOverflows',
    ],
    [
      'shh-41: all drops are overflows, cookies unknown',
      { drops: 5_191_585, overflows: 5_191_585 },
      '0 ListenOverflows',
    ],
    ['more overflows than drops (3.8)', { drops: [10, 10], overflows: [400, 500] }, '0>0 ListenOverflows'],
    [
      'RHEL 7: SYNs answered with a cookie are counted',
      { drops: [7_000, 7_040], queueFull: [0, 0], rejects: [0, 0], cookies: [7_000, 7_040] },
      '0>0 ListenOverflows TCPReqQFullDrop PAWSPassive SyncookiesSent',
    ],
    [
      'no PAWSPassive: from 4.12 on cookies are not counted, however many there were',
      { drops: [7_000, 7_040], queueFull: [0, 0], cookies: [7_000, 7_040] },
      '7000>7040 ListenOverflows TCPReqQFullDrop',
    ],
    [
      '4.7 to 4.11: more cookies than drops, so they are no part of them',
      { drops: 100, queueFull: 0, rejects: 0, cookies: 5_000 },
      '100 ListenOverflows TCPReqQFullDrop PAWSPassive',
    ],
    [
      '4.7 to 4.11: fewer cookies than drops before, and none now; what rises now is certain',
      { drops: [1_700, 2_300], queueFull: [0, 0], rejects: [0, 0], cookies: [1_800, 1_800] },
      '0>600 ListenOverflows TCPReqQFullDrop PAWSPassive SyncookiesSent',
    ],
    [
      'a reject that is printed a moment before its drop is no proof of an old kernel',
      { drops: [5_000, 5_118], queueFull: [0, 0], rejects: [5_000, 5_120] },
      '0>0 ListenOverflows TCPReqQFullDrop PAWSPassive',
    ],
    [
      'a part that went backwards: the rise is unknown',
      { drops: [90, 100], overflows: [80, 60], queueFull: [0, 0] },
      '40 ListenOverflows TCPReqQFullDrop',
    ],
    ['one sample', { drops: 100, overflows: 60, queueFull: 0 }, '40 ListenOverflows TCPReqQFullDrop'],
  ])('%s', (_, numbers, expected) => {
    expect(told(numbers)).toBe(expected);
  });

  test('it has the rates of its own numbers', () => {
    expect(shares({ drops: [90, 100], overflows: [80, 84], queueFull: [0, 0] }).rest).toEqual({
      source: 'proc/net/netstat',
      field: 'unexplained ListenDrops',
      value: 16,
      earlier: 10,
      perSecond: 3,
      perHourSinceBoot: 1.6,
    });
  });
});

/** What happened on a host since boot, and between the samples on top of that. */
const events = fc.record({
  overflows: fc.nat(100_000),
  queueFull: fc.nat(100_000),
  rejects: fc.nat(100_000),
  cookies: fc.nat(100_000),
  other: fc.nat(100_000),
});
type Events = Readonly<Record<'overflows' | 'queueFull' | 'rejects' | 'cookies' | 'other', number>>;

/** Which events ListenDrops counts, and which counters there are. */
const eras = {
  'before 3.9': { counted: ['overflows', 'other'], columns: ['rejects', 'cookies'], exact: false },
  '3.9 to 4.6': {
    counted: ['overflows', 'queueFull', 'rejects', 'cookies', 'other'],
    columns: ['queueFull', 'rejects', 'cookies'],
    exact: true,
  },
  '4.7 to 4.11': {
    counted: ['overflows', 'queueFull', 'rejects', 'other'],
    columns: ['queueFull', 'rejects', 'cookies'],
    exact: false,
  },
  'from 4.12': { counted: ['overflows', 'queueFull', 'other'], columns: ['queueFull', 'cookies'], exact: true },
} as const;

describe.each(Object.entries(eras))('a kernel %s', (_, { counted, columns, exact }) => {
  const counters = (before: Events, during: Events): Numbers => {
    const both = (of: (happened: Events) => number): Reads => [of(before), of(before) + of(during)];
    return {
      drops: both(happened => counted.reduce((total, name) => total + happened[name], 0)),
      overflows: both(({ overflows }) => overflows),
      ...Object.fromEntries(columns.map(name => [name, both(happened => happened[name])])),
    };
  };

  test(exact ? 'the rest is what has no counter' : 'the rest is never more than what has no counter', () => {
    fc.assert(
      fc.property(events, events, (before, during) => {
        const { rest } = shares(counters(before, during));
        const rise = rest.value - (rest.earlier ?? Number.NaN);
        if (exact) expect([rest.value, rise]).toEqual([before.other + during.other, during.other]);
        expect(rest.value).toBeLessThanOrEqual(before.other + during.other);
        expect(rise).toBeLessThanOrEqual(during.other);
      }),
    );
  });
});

test('whatever a host says, the rest lies between 0 and ListenDrops', () => {
  const number = fc.oneof(fc.nat(20), fc.maxSafeNat(), fc.constantFrom(2 ** 53, 2 ** 64));
  const reads: fc.Arbitrary<Reads> = fc.oneof(number, fc.tuple(number, number));
  const column = fc.option(reads, { nil: undefined });
  fc.assert(
    fc.property(reads, reads, column, column, column, (drops, overflows, queueFull, rejects, cookies) => {
      const { rest } = shares({
        drops,
        overflows,
        ...(queueFull !== undefined && { queueFull }),
        ...(rejects !== undefined && { rejects }),
        ...(cookies !== undefined && { cookies }),
      });
      expect(rest.value).toBeGreaterThanOrEqual(0);
      expect(rest.value).toBeLessThanOrEqual(typeof drops === 'number' ? drops : drops[1]);
      expect(rest.earlier ?? 0).toBeLessThanOrEqual(rest.value);
      expect(rest.perSecond ?? 0).toBeGreaterThanOrEqual(0);
      expect(rest.perHourSinceBoot).toBeGreaterThanOrEqual(0);
    }),
  );
});
