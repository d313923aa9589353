/** Deadlines that are ours, can be held while a person types, and never outlive what they bound. */

/** A running deadline. */
export interface Deadline {
  /** Stops the clock, for instance while a passphrase is typed; the returned function lets it go on. */
  readonly hold: () => () => void;
  readonly clear: () => void;
}

/** Calls `onLate` once `ms` have passed, holds not counted. */
export function startDeadline(ms: number, onLate: () => void): Deadline {
  let left = ms;
  let startedAt = performance.now();
  let holds = 0;
  let timer: NodeJS.Timeout | undefined = setTimeout(onLate, ms);
  const clear = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const release = (): void => {
    holds -= 1;
    if (holds > 0 || timer === undefined) return;
    startedAt = performance.now();
    timer = setTimeout(onLate, left);
  };
  return {
    hold: () => {
      if (holds === 0 && timer !== undefined) {
        clearTimeout(timer);
        left = Math.max(0, left - (performance.now() - startedAt));
      }
      holds += 1;
      return once(release);
    },
    clear,
  };
}

/** Several holds as one. */
export const holdAll =
  (...holds: readonly (() => () => void)[]): (() => () => void) =>
  () => {
    const releases = holds.map(hold => hold());
    return () => {
      for (const release of releases) release();
    };
  };

/** Makes a function do its work the first time only. */
export function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}

/** How one step of a visit tells its end. Only the first call counts. */
export interface Settle<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
  /** The step's own deadline, to be held while a person is asked. */
  readonly deadline: Deadline;
}

/** Bounds of one step. */
export interface Bounds {
  readonly ms: number;
  /** Aborted when the whole visit is over; its reason is the error. */
  readonly signal: AbortSignal;
  readonly onLate: () => Error;
}

/**
 * Runs one step: settled by the step itself, by its deadline, or by the signal, whichever is first. What `begin` returns
 * is called exactly once, at the end, however it ended: it lets go of listeners (and of the work, unless it succeeded).
 */
export function bounded<T>(bounds: Bounds, begin: (settle: Settle<T>) => (succeeded: boolean) => void): Promise<T> {
  const { ms, signal, onLate } = bounds;
  return new Promise<T>((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    let over = false;
    let cleanup: ((succeeded: boolean) => void) | undefined;
    const end = (succeeded: boolean, settle: () => void): void => {
      if (over) return;
      over = true;
      deadline.clear();
      signal.removeEventListener('abort', onAbort);
      cleanup?.(succeeded);
      settle();
    };
    const fail = (error: Error): void => end(false, () => reject(error));
    const onAbort = (): void => fail(signal.reason);
    const deadline = startDeadline(ms, () => fail(onLate()));
    signal.addEventListener('abort', onAbort);
    cleanup = begin({ resolve: value => end(true, () => resolve(value)), reject: fail, deadline });
    if (over) cleanup(false);
  });
}
