/** Texts and tables of one probe result that several tables are made of. */
import type { ProbeTally } from '../model/probe.ts';
import { stripControls } from '../text/ansi.ts';
import { formatDuration } from '../text/duration.ts';
import { grouped } from '../text/share.ts';
import { alignRows, displayWidth, truncateColumns } from '../text/table.ts';

/** `0.05 ms`, `4.1 ms`, `412 ms`, `1.0 s`; a dash where nothing connected. */
export function latencyCell(ms: number | undefined): string {
  if (ms === undefined) return '–';
  if (ms < 10) return `${Number(ms.toPrecision(2))} ms`;
  return formatDuration(ms);
}

/** What failed, in the order of the outcomes: `19 timeout, 1 refused`. */
export function outcomesCell({ outcomes, notSent, unfinished }: ProbeTally): string {
  const { timeout, refused, reset, unreachable } = outcomes;
  const parts = Object.entries({ timeout, refused, reset, unreachable, 'not sent': notSent, unfinished })
    .filter(([, n]) => n > 0)
    .map(([word, n]) => `${grouped(n)} ${word}`);
  return parts.join(', ');
}

/** Names of hosts and targets may be long, and are somebody's words. */
export const nameCell = (name: string): string => {
  const text = stripControls(name);
  return displayWidth(text) <= 48 ? text : truncateColumns(text, 48);
};

/**
 * Lines of a table. Columns that do not fit beside each other stand in a further block, each block with the names of the rows,
 * which are the first so many columns.
 */
export function tableBlocks(
  table: readonly (readonly string[])[],
  { names, width }: { readonly names: number; readonly width: number },
): string[] {
  const widths = (table[0] ?? []).map((_, i) => 2 + Math.max(...table.map(row => displayWidth(row[i] ?? ''))));
  const taken = (first: number, end: number): number =>
    widths.slice(0, names).reduce(sum, -2) + widths.slice(first, end).reduce(sum, 0);
  const lines: string[] = [];
  for (let first = names; first < widths.length; ) {
    let end = first + 1;
    while (end < widths.length && taken(first, end + 1) <= width) end += 1;
    if (lines.length > 0) lines.push('');
    const [from, to] = [first, end];
    lines.push(...alignRows(table.map(row => [...row.slice(0, names), ...row.slice(from, to)])));
    first = end;
  }
  return lines;
}

const sum = (a: number, b: number): number => a + b;
