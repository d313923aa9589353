import { ok, type Reading } from '../model/reading.ts';
import type { Evidence, Remedy } from '../model/rule.ts';
import { type CounterReading, type CounterSource, counter, type Snapshot, setting } from '../model/snapshot.ts';
import type { Input } from './inputs.ts';
import { writtenInteger } from './integer.ts';
import { percentOf } from './levels.ts';
import { evidenceIfRead, gaugeEvidence, type Movement, movementOf, settingEvidence } from './movement.ts';
import { riseOf } from './share-of-traffic.ts';
import { count, rate } from './wording.ts';

/** The table of neighbours of one IP version: one for the whole machine, whatever network namespace an entry is of. */
export interface NeighbourTable {
  readonly family: 'IPv4' | 'IPv6';
  /** `net.ipv4.neigh.default.gc_thresh` and 1, 2 or 3. */
  readonly key: string;
  /** Entries now, those that are never collected (permanent, learnt from outside) included. */
  readonly entries: Reading<CounterReading>;
  /** Entries that were refused. Older kernels do not count them. */
  readonly refused: Reading<CounterReading>;
  /** Runs of the collector because the table was large. */
  readonly collected: Reading<CounterReading>;
  /** gc_thresh3: at that many entries a new one is refused; null where it is not known. */
  readonly limit: number | null;
}

const families = [
  ['IPv4', 'arp_cache', 'net.ipv4.neigh.default.gc_thresh'],
  ['IPv6', 'ndisc_cache', 'net.ipv6.neigh.default.gc_thresh'],
] as const;

/** Both tables, as far as they could be read. Source: neigh_stat_seq_show() in net/core/neighbour.c. */
export const neighbourTables: Input<readonly NeighbourTable[]> = {
  name: 'arp_cache.entries',
  read: ({ snapshot }) => {
    const tables = families.map(([family, name, key]) => tableOf(snapshot, { family, name, key }));
    const read = tables.filter(({ entries, refused }) => entries.state === 'ok' || refused.state === 'ok');
    const missing = tables[0]?.entries;
    return read.length > 0 || missing === undefined || missing.state === 'ok' ? ok(read) : missing;
  },
};

interface Named {
  readonly family: NeighbourTable['family'];
  readonly name: 'arp_cache' | 'ndisc_cache';
  readonly key: string;
}

function tableOf(snapshot: Snapshot, { family, name, key }: Named): NeighbourTable {
  const source: CounterSource = `proc/net/stat/${name}`;
  const limit = setting(snapshot, `${key}3`);
  return {
    family,
    key,
    entries: counter(snapshot, source, `${name}.entries`),
    refused: counter(snapshot, source, `${name}.table_fulls`),
    collected: counter(snapshot, source, `${name}.forced_gc_runs`),
    limit: limit.state === 'ok' ? writtenInteger(limit.value) : null,
  };
}

/** What proves that entries were refused: their counter, or on older kernels that a full table is collected in vain. */
export function refusalOf(table: NeighbourTable, perHour: number, shareOf: Reading<CounterReading>): Movement | null {
  const { refused, collected } = table;
  if (refused.state === 'ok') return movementOf(refused.value, { perHour, shareOf });
  const inVain = collected.state === 'ok' && (riseOf(collected.value) ?? 0) > 0 && (fullness(table) ?? 0) >= 100;
  return inVain ? { kind: 'rising', counter: collected.value } : null;
}

/** How much of the table is used; null where one of the numbers is not known. Unit: %. */
export const fullness = ({ entries, limit }: NeighbourTable): number | null =>
  entries.state === 'ok' && limit !== null ? percentOf(entries.value.value, limit) : null;

/** `IPv4: 1,020 of 1,024 entries (99.6 %).`; empty where the level is not known. */
export function levelInWords(table: NeighbourTable): string {
  const { family, entries, limit } = table;
  if (entries.state !== 'ok' || limit === null) return '';
  const part = limit > 0 ? ` (${rate(percentOf(entries.value.value, limit))} %)` : '';
  return `${family}: ${count(entries.value.value)} of ${count(limit)} entries${part}.`;
}

/** The level with its limit, then what the table counts. */
export const tableEvidence = ({ entries, refused, collected, key, limit }: NeighbourTable): readonly Evidence[] => [
  ...(entries.state === 'ok' ? [gaugeEvidence(entries.value)] : []),
  ...(limit === null ? [] : settingEvidence(`${key}3`, ok(String(limit)))),
  ...[refused, collected].flatMap(evidenceIfRead),
];

/** Room for a /18 of neighbours; where that is not more, twice of what runs. Unit: entries. */
const ample = 16_384;
const most = 1_048_576;
export const remedyRisk = 'about 0.5 KB of kernel memory per entry, and scans of the network can fill a larger table';

/** All three thresholds, or advice where the last one is not known or is large already. */
export function remedyFor({ key, limit }: NeighbourTable, snapshot: Snapshot): Remedy {
  const running = ([1, 2, 3] as const).map(n => {
    const reading = setting(snapshot, `${key}${n}`);
    return [`${key}${n}`, reading.state === 'ok' ? writtenInteger(reading.value) : null] as const;
  });
  if (limit === null || limit < 0 || limit >= most || running.some(([, value]) => value === null)) {
    return {
      summary:
        'find out what fills the table (ip neigh, ip -6 neigh); smaller networks, or a gateway instead of a flat one',
      set: {},
      risk: 'none',
      undo: {},
    };
  }
  const top = limit < ample ? ample : Math.min(most, 2 * limit);
  const values = [top / 4, top / 2, top].map(value => String(Math.floor(value)));
  return {
    summary: `${key}1, 2 and 3 = ${values.join(', ')}; and find out what fills the table (ip neigh)`,
    set: Object.fromEntries(running.map(([name], index) => [name, values[index] ?? ''])),
    risk: remedyRisk,
    undo: Object.fromEntries(running.map(([name, value]) => [name, String(value)])),
  };
}
