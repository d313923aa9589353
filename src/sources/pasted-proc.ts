import type { CounterSource } from '../model/snapshot.ts';
import { conntrackStat } from './cache-stat.ts';
import { parseCounterLines } from './counter-line.ts';
import { counterSources } from './index.ts';
import { netDev } from './net-dev.ts';
import { sectionOf } from './pasted-counter-order.ts';
import { counterName, type PastedCounters } from './pasted-counters.ts';
import type { PastedText } from './pasted-lines.ts';
import { parseProcTcp, type SocketRow } from './pasted-sockets.ts';
import { sockstat } from './sockstat.ts';
import { softnetStat } from './softnet-stat.ts';
import { type FileSource, ParseError } from './source.ts';

/** Files of /proc in a text, as `cat` prints them. */
export interface PastedProc {
  readonly counters: readonly PastedCounters[];
  readonly sockets: readonly SocketRow[];
  /** Files that are there and make no sense, with the reason. */
  readonly malformed: Readonly<Record<string, string>>;
}

/** Names of `/proc/net/netstat` and `/proc/net/snmp`, with the values below them. */
const nameLine = /^([A-Z][A-Za-z0-9]+):((?: [A-Z][A-Za-z0-9]+)+) *$/;

/** Files that are known by their lines. */
const known: ReadonlyArray<{
  readonly source: FileSource<ReturnType<typeof parseCounterLines>>;
  readonly isLine: (line: string) => boolean;
  /** A text has these lines by chance, if it has fewer. */
  readonly fewest: number;
}> = [
  { source: sockstat, isLine: line => /^(?:sockets|TCP|UDP|UDPLITE|RAW|FRAG):(?: [a-z]+ \d+)+$/.test(line), fewest: 2 },
  { source: softnetStat, isLine: line => /^(?:[0-9a-f]{8} ){8,}[0-9a-f]{8} ?$/.test(line), fewest: 1 },
  { source: netDev, isLine: line => /^Inter-\||^ *face \||^ *[\w.:@-]+: *(?:\d+ +){15}\d+$/.test(line), fewest: 3 },
  {
    source: conntrackStat,
    isLine: line => /^entries +(?:searched|clashres) |^(?:[0-9a-f]{8} +){11,}[0-9a-f]{8} *$/.test(line),
    fewest: 2,
  },
];

/** Null: no such file is in the text. Source: the parsers that read the same files on a visit. */
export function parseProc(lines: readonly string[]): PastedProc | null {
  const counters = [...counterGroups(lines), ...known.flatMap(kind => fileOf(kind, lines))];
  const rows = lines.filter(line =>
    /^ *\d+: [0-9A-F]{8,32}:[0-9A-F]{4} [0-9A-F]{8,32}:[0-9A-F]{4} [0-9A-F]{2} /.test(line),
  );
  const { value: sockets = [], malformed } = attempt('proc/net/tcp', () => parseProcTcp(rows.join('\n')));
  return counters.length + sockets.length === 0 ? null : { counters, sockets, malformed };
}

/** A file whose place tells what it is. */
export function parseProcFile({ text, path = '' }: PastedText): PastedProc {
  if (path === 'proc/net/tcp' || path === 'proc/net/tcp6') {
    const { value: sockets = [], malformed } = attempt(path, () => parseProcTcp(text));
    return { counters: [], sockets, malformed };
  }
  const source = counterSources.find(candidate => candidate.path === path);
  if (source === undefined) return { counters: [], sockets: [], malformed: {} };
  const { value, malformed } = attempt(path, () => whole(path as CounterSource, source.parse(text)));
  return { counters: value === undefined ? [] : [value], sockets: [], malformed };
}

function attempt<T>(path: string, parse: () => T): { value?: T; malformed: Readonly<Record<string, string>> } {
  try {
    return { value: parse(), malformed: {} };
  } catch (error) {
    if (error instanceof ParseError) return { malformed: { [path]: `malformed: ${error.message}` } };
    throw error;
  }
}

function whole(source: CounterSource, table: Iterable<readonly [string, number]>): PastedCounters {
  return { source, from: `/${source}`, values: new Map(table), inferred: new Set(), partial: null, repeated: [] };
}

/** Pairs of lines may have been picked with `grep TcpExt`: another group of the same file is then unknown, not gone. */
function counterGroups(lines: readonly string[]): readonly PastedCounters[] {
  const found = new Map<CounterSource, Map<string, number>>();
  for (const [index, line] of lines.entries()) {
    const pair = pairAt(line, lines[index + 1] ?? '');
    const source = pair === null ? undefined : counterName(pair.group, '')?.source;
    if (pair === null || source === undefined) continue;
    const { group, names, values } = pair;
    const { value: table } = attempt(source, () => parseCounterLines(`${group}:${names}\n${group}:${values}`));
    if (table === undefined) continue;
    const all = found.get(source) ?? new Map<string, number>();
    for (const [name, value] of table) all.set(name, value);
    found.set(source, all);
  }
  return [...found].map(([source, values]) => ({
    ...whole(source, values),
    partial: isWhole(source, values) ? null : `the text holds a part of /${source}`,
  }));
}

interface Pair {
  readonly group: string;
  /** Without the group, with the blank behind it. */
  readonly names: string;
  readonly values: string;
}

/** A line of names and one of values; `awk` of a column leaves the group out, which TcpExt's own names tell. */
function pairAt(line: string, next: string): Pair | null {
  const [, group, names] = nameLine.exec(line) ?? [];
  if (group !== undefined && names !== undefined) {
    return next.startsWith(`${group}: `) ? { group, names, values: next.slice(group.length + 1) } : null;
  }
  const words = line.trim().split(' ');
  const isColumns = words.every(word => sectionOf(word) === 'TcpExt') && /^[ ]*\d+(?:[ ]+\d+)*$/.test(next);
  return isColumns ? { group: 'TcpExt', names: ` ${words.join(' ')}`, values: ` ${next.trim()}` } : null;
}

const isWhole = (source: CounterSource, values: ReadonlyMap<string, number>): boolean =>
  source === 'proc/net/netstat'
    ? values.has('TcpExt.SyncookiesSent') && values.has('TcpExt.ListenDrops')
    : values.has('Ip.InReceives') && values.has('Tcp.PassiveOpens');

function fileOf(
  { source, isLine, fewest }: (typeof known)[number],
  lines: readonly string[],
): readonly PastedCounters[] {
  const own = lines.filter(isLine);
  if (own.length < fewest) return [];
  const { value } = attempt(source.path, () => whole(source.path as CounterSource, source.parse(own.join('\n'))));
  return value === undefined ? [] : [value];
}
