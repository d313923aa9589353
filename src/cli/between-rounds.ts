import { rm } from 'node:fs/promises';
import { runFile } from '../history/store.ts';
import type { RunEvent } from '../model/run.ts';
import type { Session } from './conduct.ts';
import type { Progress } from './progress.ts';
import { runsDirectory, type World } from './world.ts';

/** Without what only the first round goes on with. */
export function afresh({ resumed: _, ...session }: Session): Session {
  return session;
}

/** Progress that tells somebody else, too. */
export const alsoTold = (progress: Progress, accept: (event: RunEvent) => void): Progress => ({
  ...progress,
  accept(event) {
    accept(event);
    progress.accept(event);
  },
});

/** Of the rounds of a watch the first and the latest stay stored: a night of them must not push out everything else. */
export function keptRounds(world: World) {
  const ids: string[] = [];
  return {
    accept(event: RunEvent) {
      if (event.type === 'run' && ids.at(-1) !== event.run.id) ids.push(event.run.id);
    },
    async prune() {
      const [middle] = ids.length > 2 ? ids.splice(1, 1) : [];
      if (middle !== undefined) await rm(runFile(runsDirectory(world), middle), { force: true });
    },
  };
}

/** Waits for the next round of a watch. */
export async function pause(ms: number, world: World): Promise<'over' | 'stopped'> {
  const ended = new AbortController();
  try {
    return await Promise.race([
      sleep(ms, ended.signal).then(() => 'over' as const),
      untilStopped(world, ended.signal).then(() => 'stopped' as const),
    ]);
  } finally {
    ended.abort();
  }
}

/** Resolves after so long; never, once `signal` is aborted. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, Math.max(0, ms));
    signal.addEventListener('abort', () => clearTimeout(timer));
  });
}

/** Resolves at Ctrl-C or SIGTERM; listens no longer once `signal` is aborted. */
export function untilStopped(world: World, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const stop = world.stopSignals(() => resolve());
    stop.winding.addEventListener('abort', () => resolve());
    stop.now.addEventListener('abort', () => resolve());
    signal.addEventListener('abort', () => stop.release());
  });
}
