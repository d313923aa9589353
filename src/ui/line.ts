import { stripControls } from '../text/ansi.ts';
import { alignRight, displayWidth, padColumns, truncateColumns } from '../text/table.ts';

/** The 16 system colours and three attributes: they follow the user's palette, on light and dark backgrounds. */
const codes = {
  bold: '1',
  dim: '2',
  inverse: '7',
  red: '31',
  green: '32',
  yellow: '33',
  magenta: '35',
  cyan: '36',
} as const;

export type Tone = keyof typeof codes;

/** Attributes stay where colour is off (no-color.org speaks of colour): a selected row must be seen. */
const attributes: ReadonlySet<Tone> = new Set(['bold', 'dim', 'inverse']);

/** A piece of a line. Its text may come from a host as it is: it is made safe where it is painted. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone;
}

export type Line = readonly Span[];

/** A plain line, or a line of one tone. */
export const line = (text: string, tone?: Tone): Line => [tone === undefined ? { text } : { text, tone }];

export const blank: Line = [];

/** More of one text than this is never looked at for one line: hosts may print 64 KiB. Unit: UTF-16 code units. */
const longestText = 2_000;

/** Text of whatever source, safe for one line of a terminal, and bounded. */
export const safe = (text: string): string =>
  stripControls(text.length > longestText ? text.slice(0, longestText) : text);

/** Safe text in exactly so many columns: cut with an ellipsis, or padded. */
export const cell = (text: string, columns: number): string =>
  columns <= 0 ? '' : padColumns(truncateColumns(safe(text), columns), columns);

/** The same, aligned to the right, for numbers. */
export const numberCell = (text: string, columns: number): string =>
  columns <= 0 ? '' : alignRight(truncateColumns(safe(text), columns), columns);

/** The end of what is typed, in so many columns at most: where the cursor is. What is cut before it is marked. */
export function typedEnd(text: string, columns: number): string {
  const chars = [...safe(text)];
  if (displayWidth(chars.join('')) <= columns) return chars.join('');
  let end = '';
  for (let i = chars.length - 1; i >= 0 && displayWidth(`${chars[i]}${end}`) < columns; i--) end = `${chars[i]}${end}`;
  return `…${end}`;
}

/** How lines become text for a terminal. */
export interface Theme {
  readonly color: boolean;
  /** Paint in ASCII alone. */
  readonly ascii: boolean;
}

/**
 * A line as text with SGR codes, never wider than `columns`. The one place where texts become output: nothing but these codes
 * is ever a control character.
 */
export function paintLine(spans: Line, columns: number, { color, ascii }: Theme): string {
  let left = columns;
  let painted = '';
  for (const { text, tone } of spans) {
    if (left <= 0) break;
    const cut = truncateColumns(safe(text), left);
    const shown = ascii ? asAscii(cut) : cut;
    left -= displayWidth(shown);
    painted += tone === undefined || !(color || attributes.has(tone)) ? shown : `\x1b[${codes[tone]}m${shown}\x1b[0m`;
  }
  return painted;
}

/** A line in one tone over the full width: the row that is selected. */
export const highlighted = (spans: Line, columns: number): Line => [
  { text: cell(spans.map(({ text }) => safe(text)).join(''), columns), tone: 'inverse' },
];

/** What ASCII has for the signs that the dashboard draws. Same width each. */
const asciiSigns: Readonly<Record<string, string>> = {
  '●': '*',
  '▲': '^',
  '◆': '+',
  '▽': 'v',
  '✗': 'x',
  '✓': '=',
  '▸': '>',
  '▾': 'v',
  '▴': '^',
  '─': '-',
  '│': '|',
  '├': '|',
  '└': '`',
  '█': '#',
  '░': '.',
  '▕': '[',
  '▏': ']',
  '·': '-',
  '–': '-',
  '…': '~',
  '→': '>',
  '↑': '^',
  '↓': 'v',
  '←': '<',
  '≤': '<',
  '≥': '>',
  '×': 'x',
  '▁': '_',
  '▂': '_',
  '▃': '.',
  '▄': '-',
  '▅': '-',
  '▆': '=',
  '▇': '=',
  '“': '"',
  '”': '"',
  '’': "'",
  '↻': '~',
};

/** Text in ASCII of the same width: signs by their likes, every other character by `?`. */
export function asAscii(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  let ascii = '';
  for (const char of text) ascii += char <= '~' ? char : (asciiSigns[char] ?? '?'.repeat(displayWidth(char)));
  return ascii;
}

/** A bar of so many columns, filled to `share` (0 to 1). */
export function bar(share: number, columns: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * columns);
  return '█'.repeat(full) + '░'.repeat(Math.max(0, columns - full));
}

const levels = '▁▂▃▄▅▆▇█';

/** The latest values as a line of blocks, the highest the tallest; all zero is a flat line. */
export function sparkline(values: readonly number[], columns: number): string {
  const shown = values.slice(-columns);
  const top = Math.max(...shown, 0);
  return shown
    .map(value => levels[top === 0 ? 0 : Math.min(7, Math.floor((value / top) * 7.999))] ?? ' ')
    .join('')
    .padStart(columns);
}
