import { displayWidth } from '../../text/table.ts';
import { hostList } from '../host-list.ts';
import type { HostRow } from '../host-row.ts';
import { bar, type Line, safe, sparkline } from '../line.ts';
import { visibleRows, windowIn } from '../lists.ts';
import { standingLooks } from '../standing.ts';
import type { HostColumn, State } from '../state.ts';
import { type Column, fitted, headText, rateText, rowText } from './columns.ts';
import { stillOpen } from './fleet.ts';
import { labelled } from './panel.ts';
import { tableLines } from './table.ts';

const trendWidth = 12;

/** The table of hosts. */
export function hostsLines(state: State): readonly Line[] {
  const rows = hostList(state);
  const window = windowIn(state, 'hosts');
  const columns = fitted(columnsOf(state, visibleRows(rows, window)), state.columns - 4);
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

const emptyText = ({ data, filter, faultsOnly }: State): string =>
  data.rows.size === 0
    ? 'hosts appear as they answer'
    : filter.text !== '' || faultsOnly
      ? 'no host matches; Esc takes the filter away'
      : 'no host';

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
      from: 72,
      text: ({ result }) => result.kernel ?? '–',
    },
    { title: titled('verdict', 'VERDICT'), text: verdictText },
    { title: 'BEHIND NAT', width: 12, from: 170, text: ({ nat }) => (nat.share === null ? '–' : bar(nat.share, 12)) },
    { title: titled('nat', 'NAT'), width: state.columns >= 130 ? 24 : 16, from: 96, text: ({ nat }) => nat.words },
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
