/** Bounds attempts open at once from one place, with those counted in that the place itself has not given up yet. */
export interface Places {
  /** Waits for a place; null once the signal is aborted. The place is given back by calling the result. */
  enter(signal: AbortSignal): Promise<(() => void) | null>;
}

/** How often it is looked whether the other side has given up one of its connects: that is not told. Unit: ms. */
const lookEveryMs = 200;

/** `pending`: connects that the sshd of the place has under way although we wait for them no more. */
export function createPlaces(limit: number, pending: () => number = () => 0): Places {
  let open = 0;
  const waiting = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  const admit = (): void => {
    for (const enter of [...waiting]) {
      if (open + pending() >= limit) break;
      enter();
    }
    if (waiting.size === 0) clearInterval(timer);
    if (waiting.size === 0) timer = undefined;
  };
  const take = (): (() => void) => {
    open += 1;
    return () => {
      open -= 1;
      admit();
    };
  };
  return {
    enter(signal) {
      if (signal.aborted) return Promise.resolve(null);
      if (waiting.size === 0 && open + pending() < limit) return Promise.resolve(take());
      return new Promise(resolve => {
        const leaveLine = (place: (() => void) | null): void => {
          waiting.delete(enter);
          signal.removeEventListener('abort', stop);
          resolve(place);
        };
        const enter = (): void => leaveLine(take());
        const stop = (): void => {
          leaveLine(null);
          admit();
        };
        waiting.add(enter);
        signal.addEventListener('abort', stop);
        timer ??= setInterval(admit, lookEveryMs);
      });
    },
  };
}
