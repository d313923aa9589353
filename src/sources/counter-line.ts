import { CounterTable } from '../model/counter-table.ts';
import { detached } from '../text/detached.ts';
import { ParseError } from './source.ts';

/**
 * The format of `/proc/net/netstat` and `/proc/net/snmp`: pairs of lines, names then values, each with the group's
 * prefix. Order and number of fields change with the kernel, so everything is kept by name: `TcpExt.ListenDrops`.
 * Values are unsigned 64 bit; beyond 2^53 they lose their last bits, which no rate can see. `Tcp.MaxConn` may be -1.
 * @throws ParseError where names and values do not fit together.
 * @see https://www.kernel.org/doc/html/latest/networking/snmp_counter.html and net/ipv4/proc.c
 */
export function parseCounterLines(text: string): CounterTable {
  const lines = linesOf(text);
  const table = new CounterTable();
  for (let i = 0; i < lines.length; i += 2) {
    const header = lines[i] as Line;
    const values = lines[i + 1];
    if (values === undefined) {
      throw new ParseError(`the line of names ${quoted(header.text)} has no values`, header.number);
    }
    addGroup(table, header, values);
  }
  if (table.size === 0) throw new ParseError('empty');
  return table;
}

function addGroup(table: CounterTable, header: Line, line: Line): void {
  const prefix = prefixOf(header);
  const before = table.size;
  const values = table.addLine(header.text, () =>
    wordsOf(header.text, prefix.length + 1).map(name => detached(`${prefix}.${name}`)),
  );
  const names = table.names.length - before;
  const valuePrefix = prefixOf(line);
  if (valuePrefix !== prefix) {
    throw new ParseError(`values of ${quoted(valuePrefix)} under the names of ${quoted(prefix)}`, line.number);
  }
  appendDecimals(values, line, prefix.length + 1);
  if (values.length - before !== names) {
    throw new ParseError(`${prefix}: ${names} names but ${values.length - before} values`, line.number);
  }
}

function prefixOf({ text, number }: Line): string {
  const colon = text.indexOf(':');
  if (colon < 1) throw new ParseError(`expected "Group: …", got ${quoted(text)}`, number);
  return text.slice(0, colon);
}

/** All numbers of a line, without making a string of each: they are most of what a host prints. */
function appendDecimals(values: number[], { text, number }: Line, from: number): void {
  let i = from;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    if (code === space || code === tab) {
      i++;
      continue;
    }
    const start = i;
    let value = 0;
    for (; i < text.length; i++) {
      const digit = text.charCodeAt(i) - zero;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const end = i === text.length || text.charCodeAt(i) === space || text.charCodeAt(i) === tab;
    if (end && i > start && i - start <= exactDigits) {
      values.push(value);
    } else {
      while (i < text.length && text.charCodeAt(i) !== space && text.charCodeAt(i) !== tab) i++;
      values.push(decimal(text.slice(start, i), number));
    }
  }
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
  return length > exactDigits ? Number(word) : digits === 1 ? -value : value;
}

/** Numbers up to this length are exact when summed up digit by digit. */
const exactDigits = 15;

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
