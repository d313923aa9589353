import { detached } from '../text/detached.ts';
import { fileLines } from './lines.ts';
import { loadRun, recordOf, type StoredRun } from './read.ts';
import type { StoredRecord, StoredSnapshot } from './records.ts';

/** What a comparison takes from the snapshot of a host. */
export interface ComparedSnapshot {
  /** Changes at every boot. */
  readonly bootId: string | null;
  /** Every running sysctl value that was read; null: the key is there, its value could not be read. */
  readonly settings: ReadonlyMap<string, string | null>;
}

/** A stored run with what its snapshots add. A file without them (`-f ndjson`) adds nothing. */
export interface ComparedRun extends StoredRun {
  readonly snapshots: ReadonlyMap<string, ComparedSnapshot>;
}

/** The beginning of a snapshot record (records.ts): strings as JSON writes them. */
const head = /^\{"type":"snapshot","host":("(?:[^"\\]|\\.)*"),"bootId":("(?:[^"\\]|\\.)*"|null),/;

/** Begins the last field of such a record. No string of a host holds it: there quotes stand behind a backslash. */
const settingsField = ',"settings":';

/** Loads a run to compare it. Hosts with equal settings share them in memory. Throws InputError if the file holds no run. */
export async function loadComparedRun(file: string): Promise<ComparedRun> {
  const reader = createSnapshotReader();
  return { ...(await loadRun(file, recordsOf(file, reader))), snapshots: reader.snapshots };
}

async function* recordsOf(file: string, reader: SnapshotReader): AsyncIterable<StoredRecord> {
  for await (const text of fileLines(file)) {
    if (text.startsWith('{"type":"snapshot"')) {
      reader.add(text);
      continue;
    }
    const record = recordOf(text);
    if (record?.type === 'layout') reader.addLayout(record.id, record.keys);
    else if (record !== undefined) {
      if (record.type === 'host') reader.addHost(record.name);
      yield record;
    }
  }
}

/** Takes boot id and settings out of snapshots, whose counters are most of a run's file and are not parsed. */
interface SnapshotReader {
  readonly snapshots: ReadonlyMap<string, ComparedSnapshot>;
  add(line: string): void;
  addLayout(id: number, keys: readonly string[]): void;
  /** A snapshot stands before the result that was made from it; a result without one has none, whatever came earlier. */
  addHost(name: string): void;
}

function createSnapshotReader(): SnapshotReader {
  const layouts = new Map<number, readonly string[]>();
  /** By their text; a run that was resumed numbers its layouts anew. */
  const shared = new Map<string, ComparedSnapshot['settings']>();
  const snapshots = new Map<string, ComparedSnapshot>();
  let latest: (ComparedSnapshot & { readonly host: string }) | undefined;

  function settingsIn(line: string): ComparedSnapshot['settings'] {
    const text = line.slice(line.indexOf(settingsField) + settingsField.length, -1);
    const known = shared.get(text);
    if (known !== undefined) return known;
    const [layout, values] = JSON.parse(text) as StoredSnapshot['settings'];
    const made = new Map((layouts.get(layout) ?? []).map((key, i) => [key, values[i] ?? null]));
    shared.set(detached(text), made);
    return made;
  }

  return {
    snapshots,
    add(line) {
      latest = undefined;
      const [, host, bootId] = head.exec(line) ?? [];
      if (host === undefined || bootId === undefined) return;
      try {
        latest = { host: JSON.parse(host), bootId: JSON.parse(bootId), settings: settingsIn(line) };
      } catch {
        // a crash tore the line
      }
    },
    addLayout(id, keys) {
      if (layouts.has(id)) shared.clear();
      layouts.set(id, keys);
    },
    addHost(name) {
      if (latest?.host === name) snapshots.set(name, { bootId: latest.bootId, settings: latest.settings });
      else snapshots.delete(name);
      latest = undefined;
    },
  };
}
