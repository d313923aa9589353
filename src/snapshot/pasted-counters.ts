import { CounterTable } from '../model/counter-table.ts';
import type { CounterSource, Excerpt } from '../model/snapshot.ts';
import type { Gleaned } from '../sources/pasted.ts';
import type { PastedCounters } from '../sources/pasted-counters.ts';

/** Counters of one source, joined from texts. */
interface Joined {
  readonly table: CounterTable;
  /** Null: the kernel's whole table. */
  readonly excerpt: Excerpt | null;
}

/** What other texts of the host say that bears on its counters. */
interface Known {
  /** Its sysctls are there, and tcp_tw_recycle is not among them: then PAWSPassive left with it, in 4.12. */
  readonly isRecycleGone: boolean;
}

/** What recycle drops are counted as. Source: kernel-facts A3, A8. */
const rejects = 'TcpExt.PAWSPassive';

/**
 * The counters of all texts of a host, by source. A whole table stands alone; excerpts are joined, and what a text says in so
 * many words stands before what another one shows by silence.
 */
export function countersOfPasted(gleaned: readonly Gleaned[], known: Known): ReadonlyMap<CounterSource, Joined> {
  const bySource = new Map<CounterSource, PastedCounters[]>();
  for (const { counters } of gleaned) {
    for (const pasted of counters) bySource.set(pasted.source, [...(bySource.get(pasted.source) ?? []), pasted]);
  }
  const joined = new Map([...bySource].map(([source, all]) => [source, join(all, known)]));
  const tracked = trackedConnections(gleaned);
  if (tracked !== undefined) joined.set('proc/sys/net/netfilter/nf_conntrack_count', tracked);
  return joined;
}

function join(all: readonly PastedCounters[], { isRecycleGone }: Known): Joined {
  const whole = all.filter(({ partial }) => partial === null).at(-1);
  if (whole !== undefined) return { table: CounterTable.of(whole.values), excerpt: null };
  const values = new Map<string, number>();
  const gone = new Set<string>();
  for (const { inferred } of all) for (const name of inferred) values.set(name, 0);
  for (const { values: own, inferred } of all) {
    for (const [name, value] of own) if (!inferred.has(name)) values.set(name, value);
  }
  if (isRecycleGone && values.get(rejects) === 0) {
    values.delete(rejects);
    gone.add(rejects);
  }
  return { table: CounterTable.of(values), excerpt: { why: all[0]?.partial ?? '', gone } };
}

/** `net.netfilter.nf_conntrack_count` of `sysctl -a`: a gauge among settings. */
function trackedConnections(gleaned: readonly Gleaned[]): Joined | undefined {
  const text = gleaned.map(({ sysctl }) => sysctl?.told.get('net.netfilter.nf_conntrack_count')).find(Boolean);
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  return { table: CounterTable.of([['nf_conntrack.count', Number(text)]]), excerpt: null };
}
