import { cell, numberCell } from '../line.ts';

/** A column of a table. */
export interface Column<T> {
  readonly title: string;
  /** Unit: columns of the terminal. The one column without a width takes what is left. */
  readonly width?: number;
  readonly align?: 'right';
  /** Left out on a terminal that is narrower than this. */
  readonly from?: number;
  readonly text: (row: T) => string;
}

const gap = '  ';

/** The columns that have room, each with its width. */
export function fitted<T>(columns: readonly Column<T>[], width: number): readonly (Column<T> & { width: number })[] {
  const shown = columns.filter(({ from = 0 }) => width >= from);
  const taken = shown.reduce((sum, column) => sum + (column.width ?? 0), 0) + gap.length * (shown.length - 1);
  return shown.map(column => ({ ...column, width: column.width ?? Math.max(0, width - taken) }));
}

/** The cells of a row, apart by two spaces. */
export const rowText = <T>(columns: readonly (Column<T> & { width: number })[], row: T): string =>
  columns.map(({ text, width, align }) => (align === 'right' ? numberCell : cell)(text(row), width)).join(gap);

export const headText = <T>(columns: readonly (Column<T> & { width: number })[]): string =>
  columns.map(({ title, width, align }) => (align === 'right' ? numberCell : cell)(title, width)).join(gap);

/** A rate for a table: `214.0`, `0`; a missing one is a dash and never 0. Unit: 1/s. */
export const rateText = (rate: number | null): string =>
  rate === null ? '–' : rate === 0 ? '0' : rate >= 9_999.5 ? '>9999' : rate.toFixed(rate < 99.95 ? 2 : 0);

/** A share as `81 %`. */
export const shareText = (share: number | null): string => (share === null ? '–' : `${Math.round(share * 100)} %`);
