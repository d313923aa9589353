import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Runs kept when nothing else is asked for. At 10,000 hosts a run takes some 50 MB. */
export const runsKept = 50;

const suffix = '.ndjson';

/** Path of a run's file. */
export const runFile = (directory: string, id: string): string => join(directory, `${id}${suffix}`);

/** Ids begin with their time in UTC, so that they sort by age: `20261122T194947Z-3f9c`. */
export function newRunId(startedAt: Date, random: Uint8Array): string {
  const stamp = startedAt.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${stamp}-${Buffer.from(random.subarray(0, 3)).toString('hex')}`;
}

/** The ids of the runs in the store, newest first. */
export const runIds = (directory: string): Promise<string[]> => storedIds(directory, suffix);

/** Names of the files of one kind without their ending, newest first. A directory that does not exist yet holds none. Rejects if it cannot be read. */
export async function storedIds(directory: string, ending: string): Promise<string[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter(name => name.endsWith(ending) && !name.startsWith('.'))
    .map(name => name.slice(0, -ending.length))
    .sort()
    .reverse();
}

/** Makes the store's directory, for its owner alone: results name addresses and weak hosts. */
export async function makeStore(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
}

/** Removes all but the newest runs. Gives back the ids that are gone. */
export async function pruneRuns(directory: string, keep: number): Promise<string[]> {
  const old = (await runIds(directory)).slice(keep);
  for (const id of old) await rm(runFile(directory, id), { force: true });
  return old;
}
