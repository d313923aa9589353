import { closeSync, fsyncSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type RolloutRecord, rolloutSchema } from '../model/rollout.ts';
import { isMapping, parsedJson } from '../text/json.ts';
import { makeStore } from './store.ts';

/** The log of a rollout or rollback, as it lies on disk. */
export interface StoredRollout {
  readonly id: string;
  readonly file: string;
  /** The first is of type `rollout`. A line that a crash tore is left out. */
  readonly records: readonly RolloutRecord[];
}

const suffix = '.ndjson';

/** The first record names its plan before its hosts, of which there may be thousands. Unit: bytes. */
const headBytes = 4_096;

/** The rollouts and rollbacks of a plan, the oldest first. A store that does not exist yet holds none. */
export async function rolloutsOf(directory: string, plan: string): Promise<StoredRollout[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const logs = names.filter(name => name.endsWith(suffix) && !name.startsWith('.')).sort();
  const found = logs.flatMap(name => {
    const file = join(directory, name);
    if (!headOf(file).includes(JSON.stringify(plan))) return [];
    const text = readFileSync(file, 'utf8');
    // Most logs are of other plans: their first record tells.
    const [first] = recordsIn(text.split('\n', 1).join());
    const isOfPlan = first?.type === 'rollout' && first.schema === rolloutSchema && first.plan === plan;
    return isOfPlan ? [{ id: name.slice(0, -suffix.length), file, records: recordsIn(text), at: first.at }] : [];
  });
  // Ids tell the second; two of one second are told apart by their first record.
  return found.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).map(({ at: _, ...log }) => log);
}

/** So that logs of other plans are not read. */
function headOf(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const head = Buffer.alloc(headBytes);
    return head.toString('utf8', 0, readSync(descriptor, head, 0, headBytes, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** Every whole record of a log's text. */
export const recordsIn = (text: string): RolloutRecord[] =>
  text.split('\n').flatMap(line => {
    const record = line === '' ? undefined : parsedJson(line);
    return isMapping(record) && typeof record['type'] === 'string' && typeof record['at'] === 'string'
      ? [record as unknown as RolloutRecord]
      : [];
  });

/** A log that is being written. */
export interface RolloutLog {
  readonly file: string;
  /** Appends one record; returns when the disk has it. Throws where it cannot be written: then nothing may be changed any more. */
  readonly append: (record: RolloutRecord) => void;
  readonly close: () => void;
}

/**
 * Opens the log of a rollout for its owner alone: a new one, or one that is gone on with. Each record is on disk before `append`
 * returns, as what follows it changes a host.
 */
export async function openRolloutLog(directory: string, id: string, mode: 'create' | 'append'): Promise<RolloutLog> {
  await makeStore(directory);
  const file = join(directory, `${id}${suffix}`);
  const descriptor = openSync(file, mode === 'create' ? 'ax' : 'a', 0o600);
  if (mode === 'create') syncDirectory(dirname(file));
  else writeAll(descriptor, '\n'); // ends a torn last line; readers skip empty ones
  return {
    file,
    append(record) {
      writeAll(descriptor, `${JSON.stringify(record)}\n`);
      fsyncSync(descriptor);
    },
    close: () => closeSync(descriptor),
  };
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

/** Without it, a new file may be gone after a power cut. */
function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
