/** Texts of one probe result that several tables show. */
import type { ProbeTally } from '../model/probe.ts';
import { stripControls } from '../text/ansi.ts';
import { formatDuration } from '../text/duration.ts';
import { grouped } from '../text/share.ts';
import { displayWidth, truncateColumns } from '../text/table.ts';

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
