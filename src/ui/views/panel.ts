import { truncateColumns, wrapColumns } from '../../text/table.ts';
import { type Line, safe } from '../line.ts';

/** Width of a label and the gap behind it. Unit: columns. */
export const margin = 8;

/** ` why   SYNs are being dropped …`, wrapped to so many lines at most; what does not fit ends in an ellipsis. */
export function labelled(label: string, text: string, columns: number, most: number): readonly Line[] {
  const width = Math.max(8, columns - margin - 1);
  const wrapped = wrapColumns(safe(text), width);
  const shown = wrapped.slice(0, most);
  if (wrapped.length > most)
    shown[most - 1] = truncateColumns(`${shown[most - 1] ?? ''} ${wrapped[most] ?? ''}`, width);
  return shown.map((part, i) => [{ text: (i === 0 ? ` ${label}` : '').padEnd(margin), tone: 'dim' }, { text: part }]);
}
