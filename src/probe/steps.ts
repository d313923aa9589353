/**
 * When a SYN is sent again, by what a connect took. Linux waits 1 s for the first answer (TCP_TIMEOUT_INIT, RFC 6298 2.1) and
 * doubles that: SYNs at 0, 1, 3, 7, 15, 31, 63 s. Where tcp_syn_linear_timeouts is there (4 by default, Linux 6.5) the first
 * waits are 1 s each: 0, 1, 2, 3, 4, 5, 7, 11, 19, 35 s.
 */
export const synSteps: readonly number[] = [1, 2, 3, 4, 5, 7, 11, 15, 19, 31, 35, 63, 67];

/** An answer to a SYN that was sent again comes that much after the step at the most, beyond the usual time. Unit: ms. */
const toleranceMs = 300;
/** A connect above this is no measure of the usual time: the SYN may have been sent again. Unit: ms. */
const firstWaitMs = 1_000;

/** What connects say of the SYNs before them. */
export interface StepCounts {
  /** Step in seconds to the number of connects right after it; 0: the first SYN was answered before it was sent again. */
  readonly after: ReadonlyMap<number, number>;
  /** Connects between the steps: slow for another reason, or on another kernel's steps. */
  readonly between: number;
}

/** Which step each connect came after. Unit: ms, without the round trip of SSH. */
export function countSteps(connects: ArrayLike<number>): StepCounts {
  let usual = Number.POSITIVE_INFINITY;
  for (let i = 0; i < connects.length; i++) usual = Math.min(usual, connects[i] as number);
  const base = usual < firstWaitMs ? usual : 0;
  const after = new Map<number, number>();
  let between = 0;
  for (let i = 0; i < connects.length; i++) {
    const step = stepOf(connects[i] as number, base);
    if (step === null) between += 1;
    else after.set(step, (after.get(step) ?? 0) + 1);
  }
  return { after: new Map([...after].sort(([a], [b]) => a - b)), between };
}

/**
 * The step in seconds that a connect came after; null between steps. A SYN is never sent again early, so what took less than
 * a second was the answer to the first.
 */
export function stepOf(ms: number, usualMs: number): number | null {
  if (ms < firstWaitMs) return 0;
  for (const step of synSteps) {
    const late = ms - step * 1_000;
    if (late >= 0 && late <= usualMs + toleranceMs) return step;
  }
  return null;
}
