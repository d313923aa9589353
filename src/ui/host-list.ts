import type { Filter } from './filter.ts';
import type { HostRow } from './host-row.ts';
import { lastAnswer } from './memo.ts';
import { rankOf } from './standing.ts';
import type { HostColumn, RunData, Sort, State } from './state.ts';

/** The hosts that are shown, in order; of 10,000, too, computed once per batch of events and not per key. */
export const hostList = (state: State): readonly HostRow[] =>
  listed(state.data.rows, state.filter, state.faultsOnly, state.sort);

const listed = lastAnswer(
  (rows: RunData['rows'], filter: Filter, faultsOnly: boolean, sort: Sort): readonly HostRow[] => {
    const shown: HostRow[] = [];
    for (const row of rows.values()) if (!(faultsOnly && isSound(row)) && filter.test(row)) shown.push(row);
    const compare = comparers[sort.column];
    const sign = sort.reversed ? -1 : 1;
    return shown.sort((a, b) => sign * compare(a, b) || byName(a, b));
  },
);

const isSound = ({ standing }: HostRow): boolean => standing === 'ok' || standing === 'info';

type Compare = (a: HostRow, b: HostRow) => number;

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byName: Compare = (a, b) => byText(a.order, b.order) || byText(a.name, b.name);
/** Largest first; what is not known stands last. */
const byNumber = (a: number | null, b: number | null): number => (b ?? -1) - (a ?? -1);
const bySeverity: Compare = (a, b) => rankOf(a.standing) - rankOf(b.standing) || byNumber(a.drops, b.drops);

const comparers: Readonly<Record<HostColumn, Compare>> = {
  severity: bySeverity,
  host: byName,
  kernel: (a, b) => byText(kernelOrder(a), kernelOrder(b)),
  verdict: (a, b) => byText(a.verdict, b.verdict),
  nat: (a, b) => byNumber(a.nat.share, b.nat.share),
  drops: (a, b) => byNumber(a.drops, b.drops),
};

/** Oldest kernel first; a host without one last. */
const kernelOrder = ({ result }: HostRow): string =>
  result.kernel === null ? '~' : result.kernel.slice(0, 64).replace(/\d+/g, digits => digits.padStart(8, '0'));
