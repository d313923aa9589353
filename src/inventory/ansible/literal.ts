import { maxValueDepth } from './bounds.ts';

/** Thrown inside of this file alone: the text is no literal, and so is text. */
const notLiteral = Symbol('no literal');

/** What a reader knows of where it is. */
interface Reader {
  readonly text: string;
  at: number;
}

/**
 * The value of a variable in an INI inventory: what Python's `ast.literal_eval` makes of the text, or the text itself if that is
 * no literal. Source: `_parse_value` in lib/ansible/plugins/inventory/ini.py. Numbers that a double cannot hold stay text.
 */
export function literalOrText(text: string): unknown {
  // Most values are words, addresses and paths: no literal begins like them.
  if (!/^[ \t]*(?:[-+0-9.'"[({]|(?:True|False|None)\b|[bBrRuU]{1,2}['"])/.test(text)) return text;
  const reader: Reader = { text, at: 0 };
  try {
    const value = readValue(reader, 0);
    skipBlanks(reader);
    return reader.at === text.length || text[reader.at] === '#' ? value : text;
  } catch (error) {
    if (error === notLiteral) return text;
    throw error;
  }
}

function skipBlanks(reader: Reader): void {
  while (/[\s]/.test(reader.text[reader.at] ?? '')) reader.at += 1;
}

function take(reader: Reader, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = reader.at;
  const match = pattern.exec(reader.text);
  if (match !== null) reader.at += match[0].length;
  return match;
}

const word = /(?:True|False|None)(?![\w])/y;
const number =
  /[-+]?(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|(?:\d[\d_]*)?\.?\d[\d_]*(?:[eE][-+]?\d+)?|\d+\.(?:[eE][-+]?\d+)?)(?![\w.])/y;
const string = /(?:[bBuU]|[rR]|[bB][rR]|[rR][bB])?(?:'((?:[^'\\\n]|\\[\s\S])*)'|"((?:[^"\\\n]|\\[\s\S])*)")/y;

function readValue(reader: Reader, depth: number): unknown {
  if (depth > maxValueDepth) throw notLiteral;
  skipBlanks(reader);
  const char = reader.text[reader.at];
  if (char === '[') return readItems(reader, { close: ']', depth });
  if (char === '(') return readTuple(reader, depth);
  if (char === '{') return readBraces(reader, depth);
  const constant = take(reader, word)?.[0];
  if (constant !== undefined) return constant === 'None' ? null : constant === 'True';
  const numeral = take(reader, number)?.[0];
  if (numeral !== undefined) return numberOf(numeral);
  return readStrings(reader);
}

function numberOf(numeral: string): number | string {
  const digits = numeral.replaceAll('_', '');
  // Python allows no leading zeros, and no `_` at an end or beside another.
  if (/^[-+]?0\d*[1-9]\d*$/.test(digits) || /__|_$|_\.|\._/.test(numeral)) throw notLiteral;
  const unsigned = Number(digits.replace(/^[-+]/, ''));
  const value = digits.startsWith('-') ? -unsigned : unsigned;
  if (Number.isNaN(value)) throw notLiteral;
  return /^[-+]?\d+$/.test(digits) && !Number.isSafeInteger(value) ? digits : value;
}

/** Strings that stand side by side are one. */
function readStrings(reader: Reader): string {
  let text: string | undefined;
  for (let match = take(reader, string); match !== null; match = take(reader, string)) {
    const isRaw = /^[a-zA-Z]*[rR]/.test(match[0]);
    const inside = match[1] ?? match[2] ?? '';
    text = (text ?? '') + (isRaw ? inside : unescaped(inside));
    skipBlanks(reader);
  }
  if (text === undefined) throw notLiteral;
  return text;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

const unescaped = (text: string): string =>
  text.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([\s\S]))/g, (all, byte, unit, char) => {
    if (byte !== undefined || unit !== undefined) return String.fromCharCode(Number.parseInt(byte ?? unit, 16));
    if (char === '\n') return '';
    return escapes[char] ?? (/['"\\]/.test(char) ? char : all);
  });

interface Enclosed {
  readonly close: string;
  readonly depth: number;
}

function readItems(reader: Reader, { close, depth }: Enclosed): unknown[] {
  const items: unknown[] = [];
  reader.at += 1;
  for (;;) {
    skipBlanks(reader);
    if (reader.text[reader.at] === close) break;
    items.push(readValue(reader, depth + 1));
    skipBlanks(reader);
    if (reader.text[reader.at] === ',') reader.at += 1;
    else if (reader.text[reader.at] !== close) throw notLiteral;
  }
  reader.at += 1;
  return items;
}

/** `(1)` is a number in brackets, `(1,)` a list of one. */
function readTuple(reader: Reader, depth: number): unknown {
  const start = reader.at;
  const items = readItems(reader, { close: ')', depth });
  const inside = reader.text.slice(start + 1, reader.at - 1).trimEnd();
  return items.length === 1 && !inside.endsWith(',') ? items[0] : items;
}

/** A mapping, or a set, which becomes a list. */
function readBraces(reader: Reader, depth: number): unknown {
  const pairs: [string, unknown][] = [];
  const start = reader.at;
  reader.at += 1;
  for (;;) {
    skipBlanks(reader);
    if (reader.text[reader.at] === '}') break;
    const key = readValue(reader, depth + 1);
    skipBlanks(reader);
    if (reader.text[reader.at] !== ':') {
      reader.at = start;
      return readItems(reader, { close: '}', depth });
    }
    reader.at += 1;
    pairs.push([String(key), readValue(reader, depth + 1)]);
    skipBlanks(reader);
    if (reader.text[reader.at] === ',') reader.at += 1;
    else if (reader.text[reader.at] !== '}') throw notLiteral;
  }
  reader.at += 1;
  return Object.fromEntries(pairs);
}
