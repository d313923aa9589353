import { highlighted, type Line, line, type Tone } from '../line.ts';
import { visibleRows, type Window } from '../lists.ts';
import { type Standing, type StandingLook, standingLooks, toned } from '../standing.ts';

/** A list as a table: headings, and of the rows those that are on the screen. */
export interface TableView<T> {
  readonly headings: string;
  readonly rows: readonly T[];
  readonly window: Window;
  readonly text: (row: T) => string;
  /** Null: nothing is known of it, and it has no sign. */
  readonly standing: (row: T) => Standing | null;
  /** Columns of the text that are in the tone of the standing; the word that the sign stands for. */
  readonly toned?: number;
  readonly isHead?: (row: T) => boolean;
  readonly isMarked?: (row: T) => boolean;
  /** What stands there while there is no row. */
  readonly empty: string;
}

/** Mark, sign of the standing and text of each visible row; the sign alone is coloured, the selected row inverse and pointed at. */
export function tableLines<T>(table: TableView<T>, columns: number): readonly Line[] {
  const { headings, rows, window, text, standing, isMarked = () => false, isHead = () => false, empty } = table;
  const head = line(`   ${headings}`, 'dim');
  if (rows.length === 0) return [head, line(`   ${empty}`, 'dim')];
  const shown = visibleRows(rows, window).map((row, i): Line => {
    const { sign, tone } = lookOf(standing(row));
    const isSelected = window.top + i === window.index;
    const spans: Line = [
      { text: isSelected ? '▸' : isMarked(row) ? '*' : ' ' },
      { text: isSelected && isMarked(row) ? '*' : sign, tone },
      { text: ' ' },
      ...textSpans(text(row), table.toned ?? 0, { tone, isHead: isHead(row) }),
    ];
    return isSelected ? highlighted(spans, columns) : spans;
  });
  return [head, ...shown];
}

const lookOf = (standing: Standing | null): Pick<StandingLook, 'sign' | 'tone'> =>
  standing === null ? { sign: ' ', tone: 'dim' } : standingLooks[standing];

function textSpans(text: string, columns: number, { tone, isHead }: { tone: Tone; isHead: boolean }): Line {
  const rest = text.slice(columns);
  return [toned(text.slice(0, columns), tone), isHead ? { text: rest, tone: 'bold' } : { text: rest }];
}
