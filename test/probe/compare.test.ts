import { describe, expect, test } from 'vitest';
import { compareProbes, isWorse } from '../../src/probe/compare.ts';
import { conclusionsOf } from '../../src/probe/conclusion.ts';
import fc from '../fast-check.ts';
import { documentOf, type Fared, resultOf } from './results.ts';

const fared = (connected: number, timeout: number, to = 'web01:80'): Fared => ({
  to,
  outcomes: { connected, timeout },
});

describe('before and after', () => {
  test('a share that fell is told with its interval, p, and in words', () => {
    const { failures, says } = compareProbes(documentOf([fared(800, 200)]), resultOf([fared(1_000, 0)]));
    expect(failures.verdict).toBe('better');
    expect(failures.difference).toBeCloseTo(-0.2);
    expect(failures.interval?.high).toBeLessThan(-0.17);
    expect(failures.p).toBeLessThan(1e-50);
    expect(says).toBe(
      'Failures fell from 20.0 % (200 of 1,000) to 0 % (0 of 1,000): 20.0 percentage points fewer (95 % interval 17.5 to 22.6). ' +
        "Chance alone would give this less than once in 10,000 cases (Fisher's exact test, p < 0.0001).",
    );
  });

  test('a share that rose', () => {
    const { failures, says } = compareProbes(documentOf([fared(99, 1)]), resultOf([fared(90, 10)]));
    expect(failures.verdict).toBe('worse');
    expect(says).toMatch(
      /^Failures rose from 1\.0 % \(1 of 100\) to 10\.0 % \(10 of 100\): 9\.0 percentage points more /,
    );
    expect(says).toContain('about once in');
  });

  test('an interval that holds 0, where Fisher tells a change, keeps its sign', () => {
    const { failures, says } = compareProbes(documentOf([fared(87, 13)]), resultOf([fared(30, 0)]));
    expect(failures.verdict).toBe('better');
    expect(failures.interval?.high).toBeGreaterThan(0);
    expect(says).toContain('13.0 percentage points fewer (95 % interval -2.2 to 21.6)');
    expect(compareProbes(documentOf([fared(30, 0)]), resultOf([fared(87, 13)])).says).toContain(
      '13.0 percentage points more (95 % interval -2.2 to 21.6)',
    );
  });

  test('where SYNs are sent again few attempts fail, and the first SYNs tell', () => {
    const slow = { outcomes: { connected: 160 }, times: Array.from({ length: 40 }, () => 1_002) };
    const { failures, firstSynLost, says } = compareProbes(documentOf([slow]), resultOf([fared(200, 0)]));
    expect([failures.verdict, firstSynLost.verdict]).toEqual(['untold', 'better']);
    expect(says).toContain('First SYNs without an answer in time fell from 20.0 % (40 of 200) to 0 % (0 of 200)');
  });

  test('too few attempts: nothing is told but how many it takes', () => {
    const { failures, says } = compareProbes(documentOf([fared(98, 2)]), resultOf([fared(99, 1)]));
    expect(failures.verdict).toBe('untold');
    expect(failures.attemptsNeeded).toBeGreaterThan(2_300);
    expect(says).toMatch(
      /^No change of failures can be told: .* it takes 2,\d{3} attempts before and as many after to show it\.$/,
    );
  });

  test('no failure in either: what may be there unseen', () => {
    const { says } = compareProbes(documentOf([fared(100, 0)]), resultOf([fared(100, 0)]));
    expect(says).toContain('Up to 4.6 % may fail unseen in 100 attempts.');
  });

  test('no attempt in one: unknown', () => {
    const { failures, says } = compareProbes(documentOf([fared(0, 0)]), resultOf([fared(100, 0)]));
    expect(failures).toMatchObject({ difference: null, p: null, verdict: 'untold', attemptsNeeded: null });
    expect(says).toContain('cannot be compared');
  });

  test('only pairs that both have count; the others are named', () => {
    const before = documentOf([fared(100, 0, 'a:1'), fared(0, 100, 'old:1')]);
    const { failures, onlyBefore, onlyAfter, pairs } = compareProbes(
      before,
      resultOf([fared(100, 0, 'a:1'), fared(0, 100, 'new:1')]),
    );
    expect([onlyBefore, onlyAfter]).toEqual([['here to old:1'], ['here to new:1']]);
    expect(pairs.map(({ to }) => to)).toEqual(['a:1']);
    expect(failures.after.attempts).toBe(100);
    expect(compareProbes(documentOf([fared(1, 1, 'a:1')]), resultOf([fared(1, 1, 'b:1')])).says).toContain(
      'no pair in common',
    );
  });

  test('other options and stopped probes are cautioned about', () => {
    const before = documentOf([fared(100, 0)], {
      interrupted: true,
      options: { attempts: 100, perSecond: 5, concurrency: 128, timeoutMs: 3_000 },
    });
    expect(compareProbes(before, resultOf([fared(100, 0)])).cautions).toEqual([
      expect.stringContaining('after 3 s before and after 10 s now'),
      expect.stringContaining('5 attempts per second'),
      'The earlier probe was stopped before all attempts were made.',
    ]);
    expect(compareProbes(documentOf([fared(100, 0)]), resultOf([fared(100, 0)])).cautions).toEqual([]);
  });
});

describe('several pairs', () => {
  test('one of many that changed a little is chance; the same alone is not', () => {
    const changed = [fared(100, 0, 'a:1'), fared(93, 7, 'a:1')] as const;
    expect(compareProbes(documentOf([changed[0]]), resultOf([changed[1]])).pairs[0]?.failures.verdict).toBe('worse');
    const others = Array.from({ length: 30 }, (_, i) => fared(100, 0, `b${i}:1`));
    const among = compareProbes(documentOf([changed[0], ...others]), resultOf([changed[1], ...others]));
    expect(among.pairs[0]?.failures.verdict).toBe('untold');
  });
});

describe('the gate of a rollout', () => {
  test.each<[string, Fared[], Fared[], boolean]>([
    ['nothing failed before or after', [fared(100, 0)], [fared(100, 0)], false],
    ['all fail after', [fared(100, 0)], [fared(0, 100)], true],
    ['refused counts as well', [fared(20, 0)], [{ outcomes: { refused: 20 } }], true],
    ['fewer fail', [fared(80, 20)], [fared(100, 0)], false],
    ['one more by chance', [fared(99, 1)], [fared(98, 2)], false],
    ['one of many pairs is dead', many(0), many(1), true],
    ['no attempt after', [fared(100, 0)], [fared(0, 0)], false],
  ])('%s', (_name, before, after, worse) => {
    expect(isWorse(resultOf(before), resultOf(after))).toBe(worse);
  });

  function many(dead: number): Fared[] {
    return Array.from({ length: 50 }, (_, i) => (i < dead ? fared(0, 20, `h${i}:1`) : fared(20, 0, `h${i}:1`)));
  }

  test('two probes of the same thing are called worse seldom', () => {
    let worse = 0;
    const draw = (seed: number): number => {
      let [state, failed] = [seed, 0];
      for (let i = 0; i < 100; i++) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        if (state / 2 ** 32 < 0.1) failed += 1;
      }
      return failed;
    };
    for (let run = 0; run < 500; run++) {
      const [a, b] = [draw(run * 2 + 1), draw(run * 7_919 + 123_457)];
      if (isWorse(resultOf([fared(100 - a, a)]), resultOf([fared(100 - b, b)]))) worse += 1;
    }
    expect(worse).toBeLessThan(500 * 0.05);
  });

  test('never both ways', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), (a, b) => {
        const [before, after] = [resultOf([fared(100 - a, a)]), resultOf([fared(100 - b, b)])];
        expect(isWorse(before, after) && isWorse(after, before)).toBe(false);
        if (a >= b) expect(isWorse(before, after)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });
});

describe('what the numbers come to', () => {
  test('a program that was kept from running says so', () => {
    expect(conclusionsOf(resultOf([fared(1, 0)]), 99).join()).not.toContain('kept from running');
    expect(conclusionsOf(resultOf([fared(1, 0)]), 250.4)).toContainEqual(expect.stringContaining('for up to 250 ms'));
  });

  test.each<[string, Fared, string | RegExp]>([
    [
      'failures',
      fared(80, 20),
      '20.0 % (20 of 100) of the attempts failed; the true share lies between 12.9 % and 29.4 % (95 %).',
    ],
    [
      'none',
      fared(100, 0),
      /^No failure in 100 attempts leaves up to 4\.6 % possible \(95 %\); to see 1 % it takes 299 attempts/,
    ],
    ['no attempt', { outcomes: { 'not-sent': 3 } }, 'No attempt was made: nothing is known.'],
    [
      'SYNs sent again',
      { outcomes: { connected: 8 }, times: [1_001, 3_002] },
      /20\.0 % \(2 of 10\) of the first SYNs got no answer in time/,
    ],
    ['linear waits', { outcomes: { connected: 8 }, times: [2_001] }, /tcp_syn_linear_timeouts/],
    [
      'not sent, and why: not what the others failed of',
      { outcomes: { connected: 8, refused: 50, 'not-sent': 2 } },
      'Attempts that could not be made: 2 (EMFILE). They say nothing of the targets and are in no share.',
    ],
    ['given up', { ...fared(1, 0), stopped: 'EMFILE' }, 'here to web01:80 was given up: EMFILE.'],
    ['from a host', { ...fared(1, 0), from: 'app1' }, 'Times from hosts: the SSH round trip is subtracted (13 ms).'],
  ])('%s', (_name, one, sentence) => {
    const says = conclusionsOf(resultOf([one]));
    expect(says).toContainEqual(typeof sentence === 'string' ? sentence : expect.stringMatching(sentence));
  });

  test('pairs given up for one reason stand together; of many reasons it is told how many more', () => {
    const given = (from: string, to: string, stopped: string) => ({ ...fared(1, 0, to), from, stopped });
    const pairs = [1, 2, 3].map(n => given('app1', `db${n}:80`, 'lost'));
    const others = [1, 2, 3, 4, 5, 6].map(n => given(`app2${n}`, 'db1:80', 'lost'));
    const says = conclusionsOf(resultOf([...pairs, ...others]));
    expect(says).toContain('app1 to db1:80 and 2 more were given up: lost.');
    expect(says.filter(text => text.includes('given up: lost'))).toHaveLength(5);
    expect(says).toContain('… and 2 more were given up, for other reasons or at other places.');
  });
});
