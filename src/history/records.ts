import { known } from '../model/reading.ts';
import { type HostResult, type RunEvent, type RunInfo, runSchema } from '../model/run.ts';
import type { CounterSource, Sample, Snapshot } from '../model/snapshot.ts';
import { createLayouts, type Layouts, type StoredTable, storedTable } from './layouts.ts';

/** One line of a stored run. `--format ndjson` prints the same `run`, `host` and `end` records. */
export type StoredRecord =
  | ({ readonly type: 'run'; readonly schema: typeof runSchema } & RunInfo)
  | { readonly type: 'layout'; readonly id: number; readonly keys: readonly string[] }
  | StoredSnapshot
  | ({ readonly type: 'host' } & HostResult)
  | Extract<RunEvent, { type: 'end' }>;

/**
 * What later runs compare with. The first four fields stand first and in this order: `earlierCounters` reads them from the
 * beginning of the line without parsing the rest.
 */
export interface StoredSnapshot {
  readonly type: 'snapshot';
  readonly host: string;
  readonly bootId: string | null;
  /** When the record was made, ms since 1970. */
  readonly at: number;
  /** TcpExt.PAWSPassive; null where the kernel has no such column. */
  readonly pawsPassive: number | null;
  readonly uptimeSeconds: number | null;
  /** Tables of the latest sample; a source that was not there has none. */
  readonly counters: Readonly<Partial<Record<CounterSource, StoredTable<number>>>>;
  /** Running sysctl values; null where the key is there but could not be read. */
  readonly settings: StoredTable<string | null>;
}

/** Turns the events of a run into the lines of its file, newline included. */
export function createLineWriter(now: () => number): (event: RunEvent) => string {
  let announced = '';
  const layouts = createLayouts((id, keys) => {
    announced += line({ type: 'layout', id, keys });
  });
  return event => {
    switch (event.type) {
      case 'run':
        return line({ type: 'run', schema: runSchema, ...event.run });
      case 'end':
        return line(event);
      case 'phase':
        return '';
      case 'host': {
        const snapshot =
          event.snapshot === null ? '' : line(storedSnapshot(event.result.name, event.snapshot, { layouts, now }));
        const text = announced + snapshot + line({ type: 'host', ...event.result });
        announced = '';
        return text;
      }
    }
  };
}

const line = (record: StoredRecord): string => `${JSON.stringify(record)}\n`;

interface Writing {
  readonly layouts: Layouts;
  readonly now: () => number;
}

function storedSnapshot(host: string, snapshot: Snapshot, { layouts, now }: Writing): StoredSnapshot {
  const latest = snapshot.samples[snapshot.samples.length - 1] as Sample;
  const settings = [...snapshot.settings.values()].map(value => known(value) ?? null);
  return {
    type: 'snapshot',
    host,
    bootId: known(snapshot.bootId) ?? null,
    at: now(),
    pawsPassive: known(latest.tables['proc/net/netstat'])?.get('TcpExt.PAWSPassive') ?? null,
    uptimeSeconds: known(latest.uptimeSeconds) ?? null,
    counters: storedTables(latest, layouts),
    settings: storedTable(layouts, [...snapshot.settings.keys()], settings),
  };
}

/** Sources worth keeping: the cumulative TCP and IP counters. The rest (interfaces, CPUs) is in the findings if it mattered. */
const keptSources: readonly CounterSource[] = ['proc/net/netstat', 'proc/net/snmp', 'proc/net/snmp6'];

function storedTables(sample: Sample, layouts: Layouts): StoredSnapshot['counters'] {
  const tables: Partial<Record<CounterSource, StoredTable<number>>> = {};
  for (const source of keptSources) {
    const table = known(sample.tables[source]);
    if (table !== undefined) tables[source] = storedTable(layouts, table.names, table.values);
  }
  return tables;
}
