import { randomBytes } from 'node:crypto';
import { findRun, loadRun, type StoredRun } from '../history/read.ts';
import { newRunId, pruneRuns, runsKept } from '../history/store.ts';
import { RunWriter } from '../history/writer.ts';
import type { RunEvent } from '../model/run.ts';
import { reasonOf } from './errno.ts';
import type { Progress } from './progress.ts';
import { expandHome, runsDirectory, type World } from './world.ts';

/** A run that is being stored. */
export interface Storing {
  accept(event: RunEvent): void;
  /** Completes the file and removes runs beyond what is kept. */
  close(): Promise<void>;
}

export interface StoringOptions {
  readonly id: string;
  readonly mode: 'create' | 'append';
  readonly progress: Progress;
}

/** Opens the file of a run. A store that cannot be written is told once; the run goes on without it. */
export async function openStore({ id, mode, progress }: StoringOptions, world: World): Promise<Storing> {
  const directory = runsDirectory(world);
  const writer = await RunWriter.open({
    directory,
    id,
    mode,
    onTrouble: error => progress.note(`this run is not stored: ${directory}: ${reasonOf(error)}`),
  });
  return {
    accept: event => writer.accept(event),
    async close() {
      await writer.close();
      if (writer.works)
        await pruneRuns(directory, runsKept).catch(error => progress.note(`old runs stay: ${reasonOf(error)}`));
    },
  };
}

export const freshRunId = (startedAt: Date): string => newRunId(startedAt, randomBytes(3));

/** Loads the run that somebody named. Throws InputError. */
export async function namedRun(name: string, world: World): Promise<StoredRun> {
  return loadRun(await findRun(runsDirectory(world), expandHome(name, world)));
}
