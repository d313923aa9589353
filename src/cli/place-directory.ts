import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { inputError } from '../model/input-error.ts';
import { planSchema } from '../model/remediation.ts';
import type { PlanFile } from '../remediate/files.ts';
import { isMapping, parsedJson } from '../text/json.ts';
import { errnoText, isErrno } from './errno.ts';
import { SurroundingsError } from './exit.ts';
import { longFlag } from './settings.ts';

/** What `fix` writes, and hence what it may replace. */
const ownEntries: readonly string[] = ['plan.json', 'README.md', 'scripts', 'sysctl.d', 'ansible'];

/**
 * Where a plan may be written: a directory that does not exist yet, an empty one, or, with `mayReplace`, one that holds a
 * plan and nothing else. Throws InputError. Resolves to its absolute path, links followed.
 */
export async function freeDirectory(directory: string, mayReplace: boolean): Promise<string> {
  const path = await realpath(directory).catch(() => resolve(directory));
  // it would be another directory afterwards, while the shell of the user stays in the one that is gone
  if (path === (await realpath('.')))
    throw inputError(`${directory}: is the directory that you are in; give a new one`);
  const entries = await entriesOf(path);
  if (entries.length === 0) return path;
  const isPlan = (await planIn(path)) !== undefined;
  const [other] = entries.filter(name => !ownEntries.includes(name));
  if (!isPlan) throw inputError(`${directory}: is not empty and holds no plan; give a new directory`);
  if (other !== undefined) throw inputError(`${directory}: holds "${other}" beside its plan; give a new directory`);
  if (!mayReplace) throw inputError(`${directory}: holds a plan already; ${longFlag('force')} replaces it`);
  return path;
}

async function entriesOf(path: string): Promise<string[]> {
  return readdir(path).catch((error: unknown) => {
    if (!isErrno(error)) throw error;
    if (error.code === 'ENOENT') return [];
    throw inputError(`${path}: ${error.code === 'ENOTDIR' ? 'is no directory' : errnoText(error)}`);
  });
}

/** Id of the plan that a directory holds, empty where it has none; undefined where there is no plan. */
export async function planIn(path: string): Promise<string | undefined> {
  const value = parsedJson(await readFile(join(path, 'plan.json'), 'utf8').catch(() => ''));
  return isMapping(value) && value['schema'] === planSchema ? String(value['id'] ?? '') : undefined;
}

/**
 * Writes files as a directory at `path` (from `freeDirectory`), for their owner alone: made beside it and moved there when
 * complete, so that nobody ever sees half a plan. Throws SurroundingsError; then everything is as before.
 */
export async function placeDirectory(path: string, files: readonly PlanFile[]): Promise<void> {
  let unfinished: string | undefined;
  try {
    unfinished = await mkdtemp(`${path}.unfinished-`);
    for (const { path: file, text, executable } of files) {
      await mkdir(join(unfinished, dirname(file)), { recursive: true, mode: 0o700 });
      await writeFile(join(unfinished, file), text, { mode: executable ? 0o700 : 0o600, flush: true });
    }
    await moveTo(path, unfinished);
  } catch (error) {
    if (unfinished !== undefined) await rm(unfinished, { recursive: true, force: true });
    if (!isErrno(error)) throw error;
    throw new SurroundingsError(`could not write ${path}: ${errnoText(error)}`);
  }
}

/** An older plan goes only when the new one stands in its place. */
async function moveTo(path: string, finished: string): Promise<void> {
  if ((await entriesOf(path)).length === 0) return rename(finished, path);
  const older = `${finished}-older`;
  await rename(path, older);
  try {
    await rename(finished, path);
  } catch (error) {
    await rename(older, path);
    throw error;
  }
  await rm(older, { recursive: true, force: true });
}
