import type { CounterSource } from '../model/snapshot.ts';
import { isOrdered, sectionOf, zerosOf } from './pasted-counter-order.ts';
import {
  addCounter,
  counterName,
  type GrowingCounters,
  growingCounters,
  type PastedCounters,
} from './pasted-counters.ts';
import { commandOf, isEllipsis } from './pasted-lines.ts';
import { type FoundPhrase, phrasesOf } from './pasted-netstat-phrases.ts';

/** What is known of a section while its lines come. */
interface OpenSection {
  readonly name: string;
  readonly fields: string[];
  /** Since the last counter came a blank line, `...`, or a line that is none of netstat's. */
  isInterrupted: boolean;
  /** There was such a gap between two counters. */
  isCut: boolean;
  isEnded: boolean;
}

interface Reading {
  readonly counters: Map<CounterSource, GrowingCounters>;
  /** The last occurrence of each section. */
  readonly sections: Map<string, OpenSection>;
  open: OpenSection | null;
}

const header = /^[ ]*(Ip6?|Icmp6?|IcmpMsg|Tcp6?|Udp6?|UdpLite6?|TcpExt|IpExt|MPTcpExt|Sctp):$/;
/** A field that this release of net-tools has no phrase for. */
const raw = /^[^\p{L}\d]*([A-Z][A-Za-z0-9]{1,40})["']?(:?) +(\d{1,20})(?![\w.])/u;

/**
 * The output of `netstat -s` or `-st`, whole or in part, also single lines of it (`netstat -s | grep -i listen`). A line that
 * is 0 is left out by netstat; what a whole stretch of a section leaves out is therefore 0, what lies in a gap is unknown.
 * Null: nothing of it is in the text. Source: net-tools statistics.c, printval().
 */
export function parseNetstat(lines: readonly string[]): readonly PastedCounters[] | null {
  const reading: Reading = { counters: new Map(), sections: new Map(), open: null };
  const isDoubleSpaced = doubleSpaced(lines);
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') {
      if (reading.open !== null && !isDoubleSpaced) reading.open.isInterrupted = true;
    } else readLine(reading, line, lines[index + 1] ?? '');
  }
  return reading.counters.size === 0
    ? null
    : [...reading.counters].map(([source, grown]) => finish(reading, source, grown));
}

/** Every other line is blank: that is how it was pasted, and nothing was cut there. */
const doubleSpaced = (lines: readonly string[]): boolean =>
  lines.length > 4 && lines.every((line, index) => line.trim() === '' || (lines[index + 1] ?? '').trim() === '');

function readLine(reading: Reading, line: string, next: string): void {
  const title = header.exec(line)?.[1];
  const { open } = reading;
  const found = phrasesIn(line, next, open?.name ?? null);
  const [, field, colon, digits] = raw.exec(line) ?? [];
  if (title !== undefined) openSection(reading, title);
  else if (commandOf(line) !== undefined) reading.open = null;
  else if (found.length > 0) for (const phrase of found) add(reading, phrase.section, phrase);
  else if (field === undefined || digits === undefined) passOver(reading, line);
  else {
    const section = colon === ':' && open !== null ? open.name : sectionOf(field);
    if (section !== null) add(reading, section, { field, value: Number(digits) });
  }
}

/** A line that is no counter: a phrase that we do not know, or something that another text put there. */
function passOver(reading: Reading, line: string): void {
  const { open } = reading;
  if (open === null || !isProse(line)) return;
  open.isInterrupted = true;
  // what stands at the left margin ends the section
  if (/^\S/.test(line) && !isEllipsis(line)) reading.open = null;
}

/** Not a line of netstat: it holds no number. Histograms of ICMP, and phrases that we do not know, hold one. */
const isProse = (line: string): boolean => !/\d/.test(line) && !/histogram:$/.test(line);

/** Phrases of a line, or of it and the next one, where an editor broke a phrase in two. */
function phrasesIn(line: string, next: string, section: string | null): readonly FoundPhrase[] {
  const found = phrasesOf(line, section);
  const isBroken = found.length === 0 && /^[ ]*\d/.test(line) && /^[ ]*[a-zA-Z]/.test(next) && !header.test(next);
  return isBroken ? phrasesOf(`${line} ${next.trim()}`, section) : found;
}

function openSection(reading: Reading, name: string): void {
  if (reading.open !== null && !reading.open.isInterrupted) reading.open.isEnded = true;
  reading.open = { name, fields: [], isInterrupted: false, isCut: false, isEnded: false };
  reading.sections.set(name, reading.open);
}

function add({ counters, open }: Reading, section: string, { field, value }: { field: string; value: number }): void {
  // in the sections of IPv6, names carry their group already
  const bare = section.endsWith('6') && field.startsWith(section) ? field.slice(section.length) : field;
  const place = counterName(section, bare);
  if (place === null) return;
  const grown = counters.get(place.source) ?? growingCounters();
  counters.set(place.source, grown);
  addCounter(grown, place.name, value);
  if (open === null) return;
  open.fields.push(bare);
  open.isCut ||= open.isInterrupted;
}

/** Why a counter that the text does not hold is unknown. */
const partial = 'the netstat -s text has no such line, and does not show that it is 0';

function finish({ sections }: Reading, source: CounterSource, { values, repeated }: GrowingCounters): PastedCounters {
  const inferred = new Set<string>();
  for (const section of sections.values()) {
    if (!isOrdered(section.name)) continue;
    for (const field of zerosOf(section.name, section)) {
      const place = counterName(section.name, field);
      if (place?.source === source && !values.has(place.name)) inferred.add(place.name);
    }
  }
  const all = new Map(values);
  for (const name of inferred) all.set(name, 0);
  return { source, from: 'netstat -s', values: all, inferred, partial, repeated: [...repeated] };
}
