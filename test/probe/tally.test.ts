import { describe, expect, test } from 'vitest';
import type { Attempt } from '../../src/model/probe.ts';
import { countSteps, stepOf } from '../../src/probe/steps.ts';
import { createRecorder, tallyOf } from '../../src/probe/tally.ts';
import fc from '../fast-check.ts';

const recorded = (attempts: readonly Attempt[], subtractMs = 0) => {
  const recorder = createRecorder();
  for (const attempt of attempts) recorder.add(attempt);
  return recorder.finish(subtractMs);
};
const connected = (...times: readonly number[]): Attempt[] => times.map(ms => ({ outcome: 'connected', ms }));
const stepsOf = (...times: readonly number[]) => Object.fromEntries(countSteps(times).after);

describe('steps at which SYNs are sent again', () => {
  test('1, 3, 7 s: waits that double', () => {
    expect(stepsOf(0.3, 0.4, 1_020.4, 3_050, 7_120)).toEqual({ 0: 2, 1: 1, 3: 1, 7: 1 });
  });

  test('1, 2, 3, 4, 5, 7 s: first waits of 1 s each', () => {
    expect(stepsOf(0.3, 1_001, 2_030, 3_060, 4_100, 5_130, 7_200)).toEqual({
      0: 1,
      1: 1,
      2: 1,
      3: 1,
      4: 1,
      5: 1,
      7: 1,
    });
  });

  test('a long way shifts them by what a connect takes', () => {
    expect(stepsOf(600, 610, 1_650, 3_690)).toEqual({ 0: 2, 1: 1, 3: 1 });
    expect(countSteps([5, 1_650]).between).toBe(1);
  });

  test('below a second it was the first SYN, however slow', () => {
    expect(stepOf(999, 1)).toBe(0);
    expect(stepOf(1_000, 1)).toBe(1);
  });

  test('what is slow for another reason is between them', () => {
    expect(countSteps([0.3, 1_500, 6_000, 9_000])).toEqual({ after: new Map([[0, 1]]), between: 3 });
  });

  test('every connect is counted once, in ascending steps', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 130_000, noNaN: true })), times => {
        const { after, between } = countSteps(times);
        expect([...after.values()].reduce((sum, n) => sum + n, between)).toBe(times.length);
        expect([...after.keys()]).toEqual([...after.keys()].sort((a, b) => a - b));
      }),
    );
  });
});

describe('a tally', () => {
  test('tells failures, lost first SYNs and latency apart', () => {
    const tally = tallyOf([
      recorded([
        ...connected(1, 2, 3, 4, 1_002, 3_003, 1_700),
        { outcome: 'timeout', ms: 10_000 },
        { outcome: 'refused', ms: 0.5, why: 'ECONNREFUSED' },
        { outcome: 'refused', ms: 1_001, why: 'ECONNREFUSED' },
        { outcome: 'reset', ms: 2, why: 'ECONNRESET' },
        { outcome: 'unreachable', ms: 3_060, why: 'EHOSTUNREACH' },
        { outcome: 'not-sent', ms: 0, why: 'EMFILE' },
      ]),
    ]);
    expect(tally.attempts).toBe(12);
    expect(tally.notSent).toBe(1);
    expect(tally.failures).toMatchObject({ count: 5, attempts: 12 });
    // the timeout, two connects and a refusal after a SYN was sent again; a router's word is no SYN lost
    expect(tally.firstSynLost).toMatchObject({ count: 4, attempts: 12 });
    expect(tally.steps).toEqual([
      { afterSeconds: 0, connects: 4 },
      { afterSeconds: 1, connects: 1 },
      { afterSeconds: 3, connects: 1 },
    ]);
    expect(tally.slow).toBe(1);
    expect(tally.latency).toEqual({ min: 1, p50: 4, p90: 3_003, p99: 3_003, max: 3_003 });
    expect(Object.entries(tally.reasons)[0]).toEqual(['ECONNREFUSED', 2]);
    expect(tally.reasons).toHaveProperty('EMFILE', 1);
    expect(tally.notSentReasons).toEqual({ EMFILE: 1 });
  });

  test('without attempts knows nothing', () => {
    const tally = tallyOf([recorded([{ outcome: 'not-sent', ms: 0 }])]);
    expect(tally).toMatchObject({
      attempts: 0,
      failures: { count: 0, attempts: 0, share: null, interval: null },
      latency: null,
    });
    expect(tallyOf([]).failures.share).toBeNull();
  });

  test('the round trip of SSH is taken off, and never makes a time negative', () => {
    const { latency, steps } = tallyOf([recorded(connected(30, 49, 1_052), 50)]);
    expect(latency).toMatchObject({ min: 0, p50: 0, max: 1_002 });
    expect(steps).toEqual([
      { afterSeconds: 0, connects: 2 },
      { afterSeconds: 1, connects: 1 },
    ]);
  });

  test('of several pairs is the sum, and each pair is judged by its own usual time', () => {
    const [near, far] = [recorded(connected(1, 1_400)), recorded(connected(500, 1_700))];
    const all = tallyOf([near, far]);
    expect(all.attempts).toBe(4);
    expect(all.slow).toBe(1);
    expect(all.firstSynLost.count).toBe(1);
  });

  test('words of other machines are bounded in number', () => {
    const attempts = Array.from(
      { length: 5_000 },
      (_, i): Attempt => ({ outcome: 'unreachable', ms: 1, why: `w${i}` }),
    );
    expect(Object.keys(tallyOf([recorded(attempts), recorded(attempts.reverse())]).reasons).length).toBeLessThanOrEqual(
      20,
    );
  });
});
