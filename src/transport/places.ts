/** A bounded number of places: at most that many holders at a time, first come, first served. */
import { once } from './deadline.ts';

export interface Places {
  /** Resolves, once there is a place, to what gives it back (any number of calls). Rejects with the signal's reason. */
  enter(signal: AbortSignal): Promise<() => void>;
}

/** Makes `limit` places. */
export function createPlaces(limit: number): Places {
  let free = limit;
  const waiting = new Set<() => void>();
  const leave = (): void => {
    const [next] = waiting;
    if (next === undefined) free += 1;
    else next();
  };
  return {
    enter: signal =>
      new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        if (free > 0) {
          free -= 1;
          resolve(once(leave));
          return;
        }
        const onAbort = (): void => {
          waiting.delete(take);
          reject(signal.reason);
        };
        const take = (): void => {
          waiting.delete(take);
          signal.removeEventListener('abort', onAbort);
          resolve(once(leave));
        };
        waiting.add(take);
        signal.addEventListener('abort', onAbort, { once: true });
      }),
  };
}
