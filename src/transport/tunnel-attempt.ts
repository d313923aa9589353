/**
 * One connection attempt through a tunnel. Where an answer takes long, or does not come, round trips tell whether the SSH
 * connection stood still meanwhile: nothing is then known of the target.
 */
import type { Attempt } from '../model/probe.ts';

/** What an attempt needs of its tunnel. `ask` and `roundTrip` throw where the connection is gone. */
export interface AttemptWay {
  /** Asks the server to connect; calls back with its answer, unless the connection ends before. */
  readonly ask: (onAnswer: (answer: Omit<Attempt, 'ms'>) => void) => void;
  /** A round trip to the server; calls back with its length. Unit: ms. */
  readonly roundTrip: (onBack: (ms: number) => void) => void;
  /** The shortest round trip so far. Unit: ms. */
  readonly shortestMs: () => number;
}

/** An attempt under way. */
export interface RunningAttempt {
  readonly result: Promise<Attempt>;
  /** Ends it as `not-sent`. */
  readonly stop: (why: string) => void;
}

/** A round trip so much longer than the shortest says that the SSH connection stood still. Unit: ms. */
const stallMs = 500;
/**
 * The first round trip starts so long after the attempt: most are answered by then. At the same time it would be in their
 * way: sshd leaves Nagle's algorithm on where there is no terminal, so an answer waits for the receipt of the one before.
 */
const probeMs = 250;
/** How long the round trip after a timeout is waited for. Unit: ms. */
const checkMs = 5_000;

/** Starts an attempt. Throws what `way` throws, and has then left nothing behind. */
export function startAttempt(way: AttemptWay, timeoutMs: number): RunningAttempt {
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  const slowMs = way.shortestMs() + stallMs;
  let resolve = (_: Attempt): void => {};
  const result = new Promise<Attempt>(settle => {
    resolve = settle;
  });
  let answer: Attempt | undefined;
  let isLate = false;
  /** The round trip that started behind the request and tells that it has arrived. */
  let behindMs: number | undefined;
  let probe: NodeJS.Timeout | undefined;
  let deadline: NodeJS.Timeout | undefined;

  const end = (attempt: Attempt): void => {
    clearTimeout(probe);
    clearTimeout(deadline);
    resolve(attempt);
  };
  const stop = (why: string): void => end({ outcome: 'not-sent', ms: elapsed(), why });
  const judge = (roundTripMs: number): void => {
    if (roundTripMs > slowMs) stop(stoodStill(roundTripMs));
    else if (answer !== undefined) end(answer);
  };
  const roundTrip = (onBack: (ms: number) => void): void => {
    try {
      way.roundTrip(onBack);
    } catch {
      stop('the SSH connection ended');
    }
  };
  const onAnswer = (said: Omit<Attempt, 'ms'>): void => {
    const ms = elapsed();
    answer ??= { ...said, ms };
    if (isLate) return;
    if (ms <= slowMs) end(answer);
    else if (behindMs !== undefined) judge(behindMs);
  };
  const onProbe = (): void =>
    roundTrip(ms => {
      behindMs = ms;
      if (!isLate) judge(ms);
    });
  const onTimeout = (): void => {
    isLate = true;
    answer ??= { outcome: 'timeout', ms: elapsed() };
    deadline = setTimeout(() => stop(stoodStill(checkMs)), checkMs);
    roundTrip(ms => judge(Math.max(ms, behindMs ?? 0)));
  };
  way.ask(onAnswer);
  if (answer === undefined) {
    probe = setTimeout(onProbe, probeMs);
    deadline = setTimeout(onTimeout, timeoutMs);
  }
  return { result, stop };
}

const stoodStill = (ms: number): string => `the SSH connection stood still for ${(ms / 1_000).toFixed(1)} s`;
