import { foldHosts } from '../../text/host-set.ts';
import type { Line } from '../line.ts';
import { windowIn } from '../lists.ts';
import { type ProblemRow, problemList } from '../problem-list.ts';
import type { State } from '../state.ts';
import { type Column, fitted, headText, rowText } from './columns.ts';
import { stillOpen } from './fleet.ts';
import { labelled } from './panel.ts';
import { tableLines } from './table.ts';

/** More names than this are not folded for one cell. */
const folded = (hosts: readonly string[]): string => foldHosts(hosts.slice(0, 200));

const columnsOf = (width: number): readonly Column<ProblemRow>[] => [
  { title: 'OUTCOME', width: 16, text: ({ outcome }) => outcome },
  { title: 'COUNT', width: 6, align: 'right', text: ({ hosts }) => String(hosts.length) },
  { title: 'HOSTS', width: Math.max(14, Math.min(40, Math.floor(width / 4))), text: ({ hosts }) => folded(hosts) },
  { title: 'REASON', text: ({ message }) => message },
];

/** Hosts that were not audited, by reason. */
export function problemsLines(state: State): readonly Line[] {
  const columns = fitted(columnsOf(state.columns), state.columns - 4);
  return tableLines(
    {
      headings: headText(columns),
      rows: problemList(state),
      window: windowIn(state, 'problems'),
      text: row => rowText(columns, row),
      standing: ({ outcome }) => (outcome === 'partial' ? 'info' : 'lost'),
      toned: 16,
      empty: 'every host that answered was audited',
    },
    state.columns,
  );
}

export function problemsPanel(state: State): readonly Line[] {
  const row = problemList(state)[windowIn(state, 'problems').index];
  if (row === undefined) return stillOpen(state);
  return [
    ...labelled('reason', row.message, state.columns, 2),
    ...labelled('hint', row.hint, state.columns, 2),
    ...labelled('hosts', folded(row.hosts), state.columns, 1),
    ...stillOpen(state),
  ];
}
