import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMapping, parsedJson } from '../text/json.ts';
import { makeStore } from './store.ts';

/** What the store keeps of a plan that `fix` wrote here: `plans/<plan id>.json`. */
export interface PlanRecord {
  readonly id: string;
  /** `sha256:` and the SHA-256 of the bytes of its plan.json, in hex. */
  readonly digest: string;
  /** Where it was written to; absolute. */
  readonly directory: string;
  /** ISO 8601, UTC. */
  readonly recordedAt: string;
  /** Who wrote it: login on this machine. */
  readonly user: string;
  /** The run that it follows from. */
  readonly run: string;
}

const suffix = '.json';

/** Keeps what `fix` wrote, for its owner alone: a later rollout changes hosts because of it. Rejects if it cannot be written. */
export async function recordPlan(directory: string, record: PlanRecord): Promise<void> {
  await makeStore(directory);
  const file = join(directory, `${record.id}${suffix}`);
  const unfinished = join(directory, `.${record.id}-${randomUUID()}`);
  try {
    await writeFile(unfinished, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600, flush: true });
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** The plan of this digest, if `fix` wrote it here; else undefined. A store that does not exist yet holds none. */
export async function recordedPlan(directory: string, digest: string): Promise<PlanRecord | undefined> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const plans = names.filter(name => name.endsWith(suffix) && !name.startsWith('.'));
  for (const name of plans.sort().reverse()) {
    const record = recordOf(await readFile(join(directory, name), 'utf8').catch(() => ''));
    if (record?.digest === digest) return record;
  }
  return undefined;
}

const fields = ['id', 'digest', 'directory', 'recordedAt', 'user', 'run'] as const satisfies (keyof PlanRecord)[];

function recordOf(text: string): PlanRecord | undefined {
  const value = parsedJson(text);
  if (!isMapping(value) || !fields.every(field => typeof value[field] === 'string')) return undefined;
  return Object.fromEntries(fields.map(field => [field, value[field]])) as unknown as PlanRecord;
}
