import { randomUUID } from 'node:crypto';
import { access, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inputError } from '../model/input-error.ts';
import { makeStore, newRunId, storedIds } from './store.ts';

/** Probes kept: one of 100 pairs takes some 60 KB. */
export const probesKept = 200;

const suffix = '.json';

/** Like the id of a run, but probes of one second, which scripts make, sort by age as well. */
export const newProbeId = (startedAt: Date, random: Uint8Array): string =>
  newRunId(startedAt, Uint8Array.of(startedAt.getUTCMilliseconds() / 4, ...random));

/** Path of a probe's file. */
export const probeFile = (directory: string, id: string): string => join(directory, `${id}${suffix}`);

/**
 * Keeps a probe, for its owner alone: it is there as a whole or not at all. Probes beyond those kept go, the oldest first.
 * Rejects if it cannot be written.
 */
export async function storeProbe(directory: string, id: string, text: string): Promise<void> {
  await makeStore(directory);
  const unfinished = join(directory, `.${id}-${randomUUID()}`);
  try {
    await writeFile(unfinished, text, { mode: 0o600, flush: true });
    await rename(unfinished, probeFile(directory, id));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  for (const old of (await probeIds(directory)).slice(probesKept)) await rm(probeFile(directory, old), { force: true });
}

/** The ids of the probes in the store, newest first. */
export const probeIds = (directory: string): Promise<string[]> => storedIds(directory, suffix);

/** Path of the probe that somebody means: `latest`, an id, the beginning of one, or the path of a file. Throws InputError. */
export async function findProbe(directory: string, name: string): Promise<string> {
  const ids = await probeIds(directory);
  const [newest] = ids;
  if (name === 'latest') {
    if (newest === undefined) throw inputError(`no stored probe in ${directory}: run \`synaudit probe\` first`);
    return probeFile(directory, newest);
  }
  if (ids.includes(name)) return probeFile(directory, name);
  const matching = ids.filter(id => id.startsWith(name));
  const [only] = matching;
  if (only !== undefined && matching.length === 1) return probeFile(directory, only);
  if (matching.length > 1) throw inputError(`probe "${name}" is ambiguous: ${matching.slice(0, 5).join(', ')}`);
  const isFile = await access(name).then(
    () => true,
    () => false,
  );
  if (/[/.]/.test(name) && isFile) return name;
  const newestFew = ids.length === 0 ? 'the store is empty' : `newest: ${ids.slice(0, 3).join(', ')}`;
  throw inputError(`no stored probe "${name}" in ${directory}; ${newestFew}`);
}
