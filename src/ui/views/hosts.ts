import { displayWidth } from '../../text/table.ts';
import { hostList } from '../host-list.ts';
import type { HostRow } from '../host-row.ts';
import { bar, type Line, safe, sparkline } from '../line.ts';
import { visibleRows, windowIn } from '../lists.ts';
import { standingLooks } from '../standing.ts';
import { type HostColumn, hostColumns, type State } from '../state.ts';
import { type Column, fitted, headText, rateText, rowText } from './columns.ts';
import { stillOpen } from './fleet.ts';
import { labelled } from './panel.ts';
import { tableLines } from './table.ts';

const trendWidth = 12;

/** What sign and mark leave. Unit: columns. */
const tableWidth = ({ columns }: Pick<State, 'columns'>): number => columns - 4;

/** A column is left out of a table that is narrower. Unit: columns of the table. */
const from: Readonly<Record<HostColumn, number>> = { severity: 0, host: 0, kernel: 72, verdict: 0, nat: 96, drops: 0 };

/** What the table can be sorted by: the columns that it has room for. */
export const sortColumns = (state: Pick<State, 'columns'>): readonly HostColumn[] =>
  hostColumns.filter(column => tableWidth(state) >= from[column]);

/** The table of hosts. */
export function hostsLines(state: State): readonly Line[] {
  const rows = hostList(state);
  const window = windowIn(state, 'hosts');
  const columns = fitted(columnsOf(state, visibleRows(rows, window)), tableWidth(state));
  return tableLines(
    {
      headings: headText(columns),
      rows,
      window,
      text: row => rowText(columns, row),
      standing: ({ standing }) => standing,
      toned: 8,
      isMarked: ({ name }) => state.marked.has(name),
      empty: emptyText(state),
    },
    state.columns,
  );
}

function emptyText({ data, scope, filter, faultsOnly }: State): string {
  if (data.rows.size === 0) return data.end === null ? 'hosts appear as they answer' : 'no host is in this run';
  if (filter.text !== '') return 'no host matches; Esc takes the filter away';
  return faultsOnly ? `no host${scope === null ? '' : ' of these'} has a fault; f shows all` : 'no host';
}

function columnsOf(state: State, visible: readonly HostRow[]): readonly Column<HostRow>[] {
  const watching = state.setup.watchSeconds !== null;
  const longest = visible.reduce((width, { name }) => Math.max(width, displayWidth(safe(name))), 8);
  const most = Math.max(12, Math.floor(state.columns / 5));
  const titled = (column: HostColumn, title: string) =>
    state.sort.column === column ? `${title}${state.sort.reversed ? '▴' : '▾'}` : title;
  return [
    { title: titled('severity', 'SEV'), width: 8, text: ({ standing }) => standingLooks[standing].word },
    { title: titled('host', 'HOST'), width: Math.min(most, longest), text: ({ name }) => name },
    { title: 'GROUPS', width: 14, from: 150, text: ({ result }) => result.groups.join(',') },
    {
      title: titled('kernel', 'KERNEL'),
      width: state.columns >= 120 ? 24 : 12,
      from: from.kernel,
      text: ({ result }) => result.kernel ?? '–',
    },
    { title: titled('verdict', 'VERDICT'), text: verdictText },
    { title: 'BEHIND NAT', width: 12, from: 170, text: ({ nat }) => (nat.share === null ? '–' : bar(nat.share, 12)) },
    {
      title: titled('nat', 'NAT'),
      width: state.columns >= 130 ? 24 : 16,
      from: from.nat,
      text: ({ nat }) => nat.words,
    },
    ...(watching
      ? [{ title: 'TREND', width: trendWidth, from: 90, text: ({ trend }: HostRow) => sparkline(trend, trendWidth) }]
      : []),
    { title: titled('drops', 'DROPS/S'), width: 8, align: 'right', text: ({ drops }) => rateText(drops) },
  ];
}

/** What changed since the round before stands first. */
const verdictText = ({ changed, verdict }: HostRow): string =>
  changed === null ? verdict : `↻ ${changed} · ${verdict}`;

/** Why, and what to do, for the selected host. */
export function hostsPanel(state: State): readonly Line[] {
  const row = hostList(state)[windowIn(state, 'hosts').index];
  if (row === undefined) return stillOpen(state);
  const { result, leading, verdict } = row;
  const boot = leading === null ? undefined : bootOf(row);
  return [
    ...labelled(
      'why',
      leading?.because ?? (result.quiet === null ? verdict : `${verdict}. ${result.quiet.excludes}`),
      state.columns,
      2,
    ),
    ...(leading?.remedy == null ? [] : labelled('fix', leading.remedy.summary, state.columns, 1)),
    ...(result.error === null ? [] : labelled('hint', result.error.hint, state.columns, 2)),
    ...(boot === undefined ? [] : labelled('set by', boot, state.columns, 1)),
    ...stillOpen(state),
  ];
}

/** The file that sets, at boot, the first key that the fix changes. */
function bootOf({ result, leading }: HostRow): string | undefined {
  const [key] = Object.keys(leading?.remedy?.set ?? {});
  const boot = key === undefined ? undefined : result.settings[key]?.boot;
  return boot === undefined ? undefined : `${boot.file}:${boot.line} (${key} = ${boot.value})`;
}
