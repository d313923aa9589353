import type { CounterSource } from '../model/snapshot.ts';
import {
  addCounter,
  counterName,
  type GrowingCounters,
  growingCounters,
  type PastedCounters,
  splitCounter,
} from './pasted-counters.ts';
import { commandOf } from './pasted-lines.ts';

/** `TcpExtListenDrops   215   0.0`; `watch -d` puts marks between, `grep` leaves lines out, the rate may be cut. */
const row = /^(?:[ ]*\d{1,6}[:.)])?[^\p{L}\d]*([A-Z][A-Za-z0-9]+)[^\p{L}\d:]+(\d{1,20})(?:$|[^\p{L}\d.])/u;

/** What `nstat` said. */
export interface PastedNstat {
  readonly counters: readonly PastedCounters[];
  /** Without -a it tells increments since its last call; the text does not say which it is. */
  readonly mayBeIncrements: boolean;
}

/**
 * The output of `nstat`, whole or in part. Only with -z it prints zeros, and then a name that is missing is not in this kernel.
 * Null: nothing of it is in the text. Source: iproute2 misc/nstat.c.
 */
export function parseNstat(lines: readonly string[]): PastedNstat | null {
  const counters = new Map<CounterSource, GrowingCounters>();
  let isAbsolute = false;
  for (const line of lines) {
    const command = commandOf(line);
    if (command !== undefined) isAbsolute ||= /\bnstat\b.*\s-\w*a/.test(command);
    const [, word, digits] = row.exec(line) ?? [];
    const split = word === undefined ? null : splitCounter(word);
    const place = split === null ? null : counterName(split.group, split.field);
    if (place === null || digits === undefined) continue;
    const grown = counters.get(place.source) ?? growingCounters();
    counters.set(place.source, grown);
    addCounter(grown, place.name, Number(digits));
  }
  if (counters.size === 0) return null;
  const hasZeros = [...counters.values()].some(({ values }) => [...values.values()].includes(0));
  return {
    counters: [...counters].map(([source, grown]) => finish(source, grown, hasZeros)),
    mayBeIncrements: !isAbsolute && !hasZeros,
  };
}

/** The first and the last name of the file, which show that the text holds all of it. */
const ends: Readonly<Partial<Record<CounterSource, readonly [first: string, last: string]>>> = {
  'proc/net/netstat': ['TcpExt.SyncookiesSent', 'IpExt.OutBcastOctets'],
};

function finish(source: CounterSource, { values, repeated }: GrowingCounters, hasZeros: boolean): PastedCounters {
  const isWhole = hasZeros && (ends[source]?.every(name => values.has(name)) ?? false);
  const partial = isWhole ? null : 'the nstat text does not hold it';
  return { source, from: 'nstat', values, inferred: new Set(), partial, repeated: [...repeated] };
}
