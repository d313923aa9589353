import { access } from 'node:fs/promises';
import { inputError } from '../model/input-error.ts';
import type { HostResult, RunEvent, RunInfo } from '../model/run.ts';
import { fileLines } from './lines.ts';
import type { StoredRecord } from './records.ts';
import { runFile, runIds } from './store.ts';

/** A record, or undefined for a line that is none: what a crash tore, or a later version wrote. */
export function recordOf(text: string): StoredRecord | undefined {
  try {
    const record: unknown = JSON.parse(text);
    return typeof record === 'object' && record !== null && 'type' in record ? (record as StoredRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** The records of a run but the snapshots, which are skipped unparsed. */
export async function* readRecords(file: string): AsyncIterable<StoredRecord> {
  for await (const text of fileLines(file)) {
    if (text.startsWith('{"type":"snapshot"') || text.startsWith('{"type":"layout"')) continue;
    const record = recordOf(text);
    if (record !== undefined) yield record;
  }
}

/** A stored run as a whole. `end` is null if it crashed or still runs. */
export interface StoredRun {
  readonly run: RunInfo;
  /** The latest result of each host, in the order in which the hosts first came. */
  readonly results: ReadonlyMap<string, HostResult>;
  readonly end: Omit<Extract<RunEvent, { type: 'end' }>, 'type'> | null;
}

/** Loads a run; an interrupted or crashed one, too. Throws InputError if the file holds no run. */
export async function loadRun(
  file: string,
  records: AsyncIterable<StoredRecord> = readRecords(file),
): Promise<StoredRun> {
  let run: RunInfo | undefined;
  let end: StoredRun['end'] = null;
  const results = new Map<string, HostResult>();
  for await (const record of records) {
    if (record.type === 'run') {
      const { type: _, schema: __, ...info } = record;
      run = info;
      end = null;
    } else if (record.type === 'host') {
      const { type: _, ...result } = record;
      results.set(result.name, completed(result));
    } else if (record.type === 'end') end = record;
  }
  if (run === undefined) throw inputError(`${file} holds no stored run: expected a first line {"type":"run",…}`);
  return { run, results, end };
}

/** A result as it is today: runs of earlier versions lack what was added within /1. */
const completed = (stored: Omit<HostResult, 'hostname'> & Partial<HostResult>): HostResult => ({
  ...stored,
  hostname: stored.hostname ?? null,
});

/**
 * Path of the run that somebody means: `latest`, `previous`, an id, the beginning of one, or the path of a file.
 * Throws InputError that names the newest runs.
 */
export async function findRun(directory: string, name: string): Promise<string> {
  const ids = await runIds(directory);
  const [newest] = ids;
  if (name === 'latest' || (name === 'previous' && newest === undefined)) {
    if (newest === undefined) throw inputError(`no stored run in ${directory}: run \`synaudit audit\` first`);
    return runFile(directory, newest);
  }
  if (name === 'previous') {
    const before = ids[1];
    if (before === undefined) throw inputError(`no run before the latest in ${directory}`);
    return runFile(directory, before);
  }
  const matching = ids.filter(id => id.startsWith(name));
  const [only] = matching;
  if (only !== undefined && matching.length === 1) return runFile(directory, only);
  if (ids.includes(name)) return runFile(directory, name);
  if (matching.length > 1) throw inputError(`run "${name}" is ambiguous: ${matching.slice(0, 5).join(', ')}`);
  if (/[/.]/.test(name) && (await isThere(name))) return name;
  const newestFew = ids.length === 0 ? 'the store is empty' : `newest: ${ids.slice(0, 3).join(', ')}`;
  throw inputError(`no stored run "${name}" in ${directory}; ${newestFew} (synaudit runs list)`);
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
