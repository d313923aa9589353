import type { State } from './state.ts';

/** How the rows of the screen are shared out. Unit: rows. */
export interface Layout {
  readonly header: number;
  /** Between header and footer. */
  readonly body: number;
  /** Rows of a list: the body without its headings and without the panel. */
  readonly list: number;
  /** What explains the row that is selected, its rule included; 0 where there is no room. */
  readonly panel: number;
  readonly footer: number;
}

const header = 3;
const footer = 2;
/** Less is no dashboard; the frame is cut then. Unit: rows. */
const fewest = 8;

export function layoutOf({ rows }: Pick<State, 'rows'>): Layout {
  const body = Math.max(fewest, rows) - header - footer;
  const panel = rows >= 40 ? 8 : rows >= 28 ? 6 : rows >= 20 ? 5 : 0;
  return { header, body, list: Math.max(1, body - 1 - panel), panel, footer };
}
