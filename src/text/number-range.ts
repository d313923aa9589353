/** One item between the brackets of a host pattern: a run of numbers or letters. */
export interface RangeItem {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly print: (value: number) => string;
}

/** What is wrong between the brackets, and how many characters in. */
export interface RangeProblem {
  readonly problem: string;
  readonly offset: number;
}

/** `01-40`, `01:40`, `01:40:2`, `a-f`, `a:f:2`, `7`, `x`. 15 digits are the most that a double holds exactly. */
const item = /^(\d{1,15}|[A-Za-z])(?:[-:](\d{1,15}|[A-Za-z])(?::(\d{1,6}))?)?$/;

/** Reads what stands between the brackets: items with commas between them. */
export function readItems(text: string): readonly RangeItem[] | RangeProblem {
  const items: RangeItem[] = [];
  let offset = 0;
  for (const part of text.split(',')) {
    const read = readItem(part);
    if (typeof read === 'string') return { problem: read, offset };
    items.push(read);
    offset += part.length + 1;
  }
  return items;
}

function readItem(text: string): RangeItem | string {
  const match = item.exec(text);
  if (match === null) return `expected a number, a letter or a range such as 01-40 or 01:40:2, found "${text}"`;
  const [, from = '', to = from, by = '1'] = match;
  const step = Number(by);
  if (step === 0) return `the range "${text}" has a step of 0`;
  return /\d/.test(from) ? numbers({ from, to, step }) : letters({ from, to, step });
}

interface Bounds {
  readonly from: string;
  readonly to: string;
  readonly step: number;
}

function numbers({ from, to, step }: Bounds): RangeItem | string {
  if (!/\d/.test(to)) return `the range from "${from}" to "${to}" mixes a number and a letter`;
  if (isPadded(to) && to.length !== from.length) {
    return `the range from "${from}" to "${to}" has leading zeros on one side only`;
  }
  const [first, last] = [Number(from), Number(to)];
  if (first > last) return `the range from "${from}" to "${to}" runs backwards`;
  const width = isPadded(from) ? from.length : 0;
  return { first, last, step, print: value => String(value).padStart(width, '0') };
}

function letters({ from, to, step }: Bounds): RangeItem | string {
  const alphabet = /[a-z]/.test(from) ? /[a-z]/ : /[A-Z]/;
  if (!alphabet.test(to)) return `the range from "${from}" to "${to}" mixes kinds: both must be a-z, or both A-Z`;
  const [first, last] = [from.charCodeAt(0), to.charCodeAt(0)];
  if (first > last) return `the range from "${from}" to "${to}" runs backwards`;
  return { first, last, step, print: value => String.fromCharCode(value) };
}

const isPadded = (digits: string): boolean => digits.length > 1 && digits.startsWith('0');

const sizeOf = ({ first, last, step }: RangeItem): number => Math.floor((last - first) / step) + 1;

/** How many values the items stand for. */
export const sizeOfItems = (items: readonly RangeItem[]): number =>
  items.reduce((sum, range) => sum + sizeOf(range), 0);

/** The values of the items as text, in the order written. */
export const expandItems = (items: readonly RangeItem[]): string[] =>
  items.flatMap(range => Array.from({ length: sizeOf(range) }, (_, i) => range.print(range.first + i * range.step)));

/**
 * Folds different texts of digits: `01 02 04` becomes `[01-02,04]`, a single one stays as it is. A run never joins numbers that
 * it would print with another padding.
 */
export function foldNumbers(texts: readonly string[]): string {
  const runs: { readonly from: string; to: string }[] = [];
  for (const text of inPaddingOrder(texts)) {
    const run = runs.at(-1);
    if (run !== undefined && text === successor(run.from, run.to)) run.to = text;
    else runs.push({ from: text, to: text });
  }
  const items = runs.map(({ from, to }) => (from === to ? from : `${from}-${to}`));
  return texts.length === 1 ? items.join() : `[${items.join()}]`;
}

/** What follows `to` in a range that begins with `from`: the start decides the padding. */
const successor = (from: string, to: string): string =>
  String(Number(to) + 1).padStart(isPadded(from) ? from.length : 0, '0');

/** By padding, then by value: `10` belongs to `01 02 …` if some number of two digits is padded, else to `1 2 …`. */
function inPaddingOrder(texts: readonly string[]): string[] {
  const widths = [...new Set(texts.filter(isPadded).map(text => text.length))].sort((a, b) => b - a);
  const widthOf = (text: string): number => (isPadded(text) ? text.length : (widths.find(w => w <= text.length) ?? 0));
  return texts
    .map(text => ({ text, value: Number(text), width: widthOf(text) }))
    .sort((a, b) => a.width - b.width || a.value - b.value)
    .map(({ text }) => text);
}
