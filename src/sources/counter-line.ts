import { ParseError } from './source.ts';

/** `TcpExt: a b c` to its prefix and words. */
function splitGroup({ text, number }: Line): { prefix: string; words: string[] } {
  const colon = text.indexOf(':');
  if (colon < 1) throw new ParseError(`expected "Group: …", got ${quoted(text)}`, number);
  return { prefix: text.slice(0, colon), words: wordsOf(text, colon + 1) };
}

/** Names repeat on every host of a kernel: keep the split of the header lines seen, up to a bound. */
const headers = new Map<string, readonly string[]>();
const headersKept = 256;

function fieldNames({ text, number }: Line): readonly string[] {
  const seen = headers.get(text);
  if (seen !== undefined) return seen;
  const { prefix, words } = splitGroup({ text, number });
  const names = words.map(word => `${prefix}.${word}`);
  if (headers.size < headersKept) headers.set(text, names);
  return names;
}

/**
 * The format of `/proc/net/netstat` and `/proc/net/snmp`: pairs of lines, names then values, each with the group's
 * prefix. Order and number of fields change with the kernel, so everything is kept by name: `TcpExt.ListenDrops`.
 * Values are unsigned 64 bit; beyond 2^53 they lose their last bits, which no rate can see. `Tcp.MaxConn` may be -1.
 * @throws ParseError where names and values do not fit together.
 * @see https://www.kernel.org/doc/html/latest/networking/snmp_counter.html and net/ipv4/proc.c
 */
export function parseCounterLines(text: string): ReadonlyMap<string, number> {
  const lines = linesOf(text);
  const table = new Map<string, number>();
  for (let i = 0; i < lines.length; i += 2) {
    const header = lines[i] as Line;
    const names = fieldNames(header);
    const values = lines[i + 1];
    if (values === undefined) {
      throw new ParseError(`the line of names ${quoted(header.text)} has no values`, header.number);
    }
    addGroup(table, names, values);
  }
  if (table.size === 0) throw new ParseError('empty');
  return table;
}

function addGroup(table: Map<string, number>, names: readonly string[], values: Line): void {
  const { prefix, words } = splitGroup(values);
  if (names[0]?.startsWith(`${prefix}.`) === false) {
    throw new ParseError(`values of ${quoted(prefix)} under the names of ${quoted(names[0])}`, values.number);
  }
  if (words.length !== names.length) {
    throw new ParseError(`${prefix}: ${names.length} names but ${words.length} values`, values.number);
  }
  for (let i = 0; i < words.length; i++) table.set(names[i] as string, decimal(words[i] as string, values.number));
}

/** An unsigned or negative decimal counter. */
export function decimal(word: string, line: number): number {
  const digits = word.charCodeAt(0) === minus ? 1 : 0;
  let value = 0;
  for (let i = digits; i < word.length; i++) {
    const digit = word.charCodeAt(i) - zero;
    if (digit < 0 || digit > 9) throw new ParseError(`expected a number, got ${quoted(word)}`, line);
    value = value * 10 + digit;
  }
  // 2^64 has 20 digits
  const length = word.length - digits;
  if (length === 0 || length > 20) throw new ParseError(`expected a number, got ${quoted(word)}`, line);
  return digits === 1 ? -value : length > 15 ? Number(word) : value;
}

const minus = 0x2d;
const zero = 0x30;
const space = 0x20;
const tab = 0x09;

/** Words between spaces and tabs. By hand: it is most of what a visit costs here, and `split` by a pattern is thrice as slow. */
export function wordsOf(text: string, from = 0): string[] {
  const words: string[] = [];
  let start = -1;
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const blank = code === space || code === tab;
    if (blank && start >= 0) {
      words.push(text.slice(start, i));
      start = -1;
    } else if (!blank && start < 0) {
      start = i;
    }
  }
  if (start >= 0) words.push(text.slice(start));
  return words;
}

/** A counter printed as `%08x`, as in softnet_stat and /proc/net/stat. */
export function hexadecimal(word: string, line: number): number {
  if (!/^[0-9a-fA-F]{1,16}$/.test(word))
    throw new ParseError(`expected a hexadecimal number, got ${quoted(word)}`, line);
  return Number.parseInt(word, 16);
}

/** A line that holds something. `number` counts from 1, empty lines included. */
export interface Line {
  readonly text: string;
  readonly number: number;
}

/** Lines without their endings (LF or CRLF), empty ones left out. A NUL is refused: no text has one. */
export function linesOf(text: string): Line[] {
  if (text.includes('\0')) throw new ParseError('contains NUL bytes');
  const lines: Line[] = [];
  let start = 0;
  for (let number = 1; start < text.length; number++) {
    const newline = text.indexOf('\n', start);
    const next = newline < 0 ? text.length : newline;
    const end = next > start && text.endsWith('\r', next) ? next - 1 : next;
    if (end > start) lines.push({ text: text.slice(start, end), number });
    start = next + 1;
  }
  return lines;
}

/** Short, printable quotation of hostile text for a message. */
export function quoted(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return JSON.stringify(short);
}
