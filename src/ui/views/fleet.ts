import { formatDuration } from '../../text/duration.ts';
import { foldHosts } from '../../text/host-set.ts';
import { type FleetNode, fleetTree } from '../fleet-tree.ts';
import type { HostRow } from '../host-row.ts';
import { bar, type Line } from '../line.ts';
import { windowIn } from '../lists.ts';
import { rankOf } from '../standing.ts';
import type { State } from '../state.ts';
import { type Column, fitted, headText, rateText, rowText, shareText } from './columns.ts';
import { labelled } from './panel.ts';
import { tableLines } from './table.ts';

const columnsOf = (width: number): readonly Column<FleetNode>[] => [
  { title: 'SERVICE / COHORT', width: Math.max(24, Math.min(44, Math.floor(width * 0.36))), text: labelText },
  { title: 'HOSTS', width: 6, align: 'right', text: ({ hosts }) => String(hosts.length) },
  { title: 'VERDICT', text: ({ verdict }) => verdict },
  { title: 'DROPS/S', width: 8, align: 'right', text: ({ drops }) => rateText(drops) },
  { title: 'BEHIND NAT', width: 17, from: 110, text: shareBar },
  { title: 'NAT', width: 5, align: 'right', text: ({ share }) => shareText(share) },
];

function labelText({ kind, label, isLast }: FleetNode): string {
  if (kind === 'cohort') return `${isLast ? '└' : '├'} ${label}`;
  return kind === 'group' ? `group ${label}` : kind === 'finding' ? `fleet: ${label}` : label;
}

const shareBar = ({ share }: FleetNode): string => (share === null ? '–' : bar(share, 17));

/** Where it burns, on how many hosts. */
export function fleetLines(state: State): readonly Line[] {
  const rows = fleetTree(state);
  const columns = fitted(columnsOf(state.columns), state.columns - 4);
  return tableLines(
    {
      headings: headText(columns),
      rows,
      window: windowIn(state, 'fleet'),
      text: row => rowText(columns, row),
      standing: ({ worst }) => worst,
      isHead: ({ kind }) => kind !== 'cohort',
      empty: 'services and hosts of equal settings appear as hosts answer',
    },
    state.columns,
  );
}

/** Why, which fix, for how many hosts; and while the run goes on, who keeps us waiting. */
export function fleetPanel(state: State): readonly Line[] {
  const node = fleetTree(state)[windowIn(state, 'fleet').index];
  const waiting = stillOpen(state);
  if (node === undefined) return waiting;
  const worst = worstHost(node.hosts);
  const leading = worst?.leading ?? null;
  const error = worst?.result.error ?? null;
  const reason = leading?.because ?? error?.message;
  const because = reason === undefined ? null : `${worst?.name}: ${reason}`;
  const why = node.kind === 'finding' ? node.because : (because ?? node.because ?? node.verdict);
  const fixed = node.hosts.filter(row => leading !== null && row.leading?.rule === leading.rule);
  const fix = leading?.remedy ?? null;
  return [
    ...labelled('why', why ?? '', state.columns, 2),
    ...(error === null ? [] : labelled('hint', error.hint, state.columns, 1)),
    ...(fix === null
      ? []
      : labelled(
          'fix',
          `${fix.summary} (${fixed.length} of ${node.hosts.length} hosts: ${foldHosts(fixed.slice(0, 500).map(({ name }) => name))})`,
          state.columns,
          2,
        )),
    ...waiting,
    ...(fix === null
      ? labelled('hosts', foldHosts(node.hosts.slice(0, 500).map(({ name }) => name)), state.columns, 1)
      : []),
  ];
}

const worstHost = (hosts: readonly HostRow[]): HostRow | undefined =>
  hosts.reduce<HostRow | undefined>(
    (worst, row) =>
      worst === undefined ||
      rankOf(row.standing) < rankOf(worst.standing) ||
      (row.standing === worst.standing && (row.drops ?? 0) > (worst.drops ?? 0))
        ? row
        : worst,
    undefined,
  );

/** Open longer than this is worth a name. Unit: ms. */
const slowMs = 2_000;

/** `nas1 exec 12 s`. Hosts are opened in order, so the first entries are the oldest. */
export function stillOpen({ data, now, columns }: State): readonly Line[] {
  const slow: string[] = [];
  for (const [host, { phase, since }] of data.open) {
    if (slow.length === 4 || now - since < slowMs) break;
    slow.push(`${host} ${phase} ${formatDuration(now - since)}`);
  }
  return slow.length === 0 ? [] : labelled('open', slow.join(' · '), columns, 1);
}
