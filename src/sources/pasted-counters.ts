import type { CounterSource } from '../model/snapshot.ts';

/** Counters that a text holds, of one source of the kernel. */
export interface PastedCounters {
  readonly source: CounterSource;
  /** `netstat -s`, `nstat`, `/proc/net/netstat`: what printed it. */
  readonly from: string;
  /** By the name the kernel prints: `TcpExt.ListenDrops`. What the text shows to be 0 by leaving it out is among them. */
  readonly values: ReadonlyMap<string, number>;
  /** Names in `values` that stand nowhere in the text. */
  readonly inferred: ReadonlySet<string>;
  /** Why a name that is not in `values` says nothing; null: the kernel's whole table. */
  readonly partial: string | null;
  /** Names that stand in the text more than once, with different values; the last one counts. */
  readonly repeated: readonly string[];
}

/** Counters that grow line by line; the last value of a name counts. */
export interface GrowingCounters {
  readonly values: Map<string, number>;
  readonly repeated: Set<string>;
}

export const growingCounters = (): GrowingCounters => ({ values: new Map(), repeated: new Set() });

export function addCounter({ values, repeated }: GrowingCounters, name: string, value: number): void {
  const before = values.get(name);
  if (before !== undefined && before !== value) repeated.add(name);
  values.set(name, value);
}

/** Prefixes of counters and the file that the kernel prints them in. Longest first. */
const files: ReadonlyArray<readonly [prefix: string, source: CounterSource]> = [
  ['TcpExt', 'proc/net/netstat'],
  ['IpExt', 'proc/net/netstat'],
  ['MPTcpExt', 'proc/net/netstat'],
  ['UdpLite6', 'proc/net/snmp6'],
  ['Udp6', 'proc/net/snmp6'],
  ['Icmp6', 'proc/net/snmp6'],
  ['Ip6', 'proc/net/snmp6'],
  ['IcmpMsg', 'proc/net/snmp'],
  ['UdpLite', 'proc/net/snmp'],
  ['Icmp', 'proc/net/snmp'],
  ['Tcp', 'proc/net/snmp'],
  ['Udp', 'proc/net/snmp'],
  ['Ip', 'proc/net/snmp'],
];

/** Where a counter belongs: `TcpExt`, `ListenDrops` to `TcpExt.ListenDrops` of proc/net/netstat; null for other groups. */
export function counterName(group: string, field: string): { source: CounterSource; name: string } | null {
  const source = files.find(([prefix]) => prefix === group)?.[1];
  if (source === undefined) return null;
  return { source, name: source === 'proc/net/snmp6' ? `${group}${field}` : `${group}.${field}` };
}

/** `TcpExtListenDrops` to its group and field; null for a word that is no counter. */
export function splitCounter(word: string): { group: string; field: string } | null {
  if (files.some(([prefix]) => prefix === word)) return null;
  const group = files.find(([prefix]) => word.startsWith(prefix) && /^[A-Z]/.test(word.slice(prefix.length)))?.[0];
  return group === undefined ? null : { group, field: word.slice(group.length) };
}
