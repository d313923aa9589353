/** How long a probe goes on. */
import { setMaxListeners } from 'node:events';

/** The time of a probe: since when, and what stops it. */
export interface Course {
  /** Since it began. Unit: ms. */
  elapsed(): number;
  readonly winding: AbortSignal;
  readonly now: AbortSignal;
  /** Resolves then, or at once when nothing more is to begin. */
  until(ms: number): Promise<void>;
  /** Something was not made, or not to an end. */
  noteStopped(): void;
  wasStopped(): boolean;
  end(): void;
}

/** What ends a probe before all attempts are made. */
export interface CourseBounds {
  readonly winding?: AbortSignal;
  readonly now?: AbortSignal;
  readonly deadlineMs?: number;
  readonly timeoutMs: number;
}

/** Begins now. `end` lets go of timers and signals. */
export function startCourse({ winding, now, deadlineMs, timeoutMs }: CourseBounds): Course {
  const began = performance.now();
  const [windingAll, nowAll] = [new AbortController(), new AbortController()];
  // Every attempt and every wait listens to them; Node warns from ten on.
  setMaxListeners(0, windingAll.signal, nowAll.signal);
  const wind = (): void => windingAll.abort();
  const cut = (): void => {
    wind();
    nowAll.abort();
  };
  const follow = (signal: AbortSignal | undefined, act: () => void): void => {
    if (signal?.aborted === true) act();
    else signal?.addEventListener('abort', act);
  };
  follow(winding, wind);
  follow(now, cut);
  const timers =
    deadlineMs === undefined
      ? []
      : [setTimeout(wind, Math.max(0, deadlineMs - timeoutMs)), setTimeout(cut, deadlineMs)];
  let stopped = false;
  return {
    elapsed: () => performance.now() - began,
    winding: windingAll.signal,
    now: nowAll.signal,
    until: ms => pauseUntil(ms - (performance.now() - began), windingAll.signal),
    noteStopped() {
      stopped = true;
    },
    wasStopped: () => stopped,
    end() {
      for (const timer of timers) clearTimeout(timer);
      winding?.removeEventListener('abort', wind);
      now?.removeEventListener('abort', cut);
    },
  };
}

function pauseUntil(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise(resolve => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
