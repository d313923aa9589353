import type { Filter } from './filter.ts';
import type { HostRow } from './host-row.ts';
import { nextAnswer } from './memo.ts';
import { rankOf } from './standing.ts';
import type { HostColumn, RunData, Scope, Sort, State } from './state.ts';

/** The hosts that are shown, in order; computed once per batch of events and not per key. */
export const hostList = (state: State): readonly HostRow[] =>
  listed(state.data.rows, state.scope, state.filter, state.faultsOnly, state.sort).shown;

interface Listed {
  readonly rows: RunData['rows'];
  readonly scope: Scope | null;
  readonly filter: Filter;
  readonly faultsOnly: boolean;
  readonly sort: Sort;
  readonly shown: readonly HostRow[];
}

const listed = nextAnswer(
  (
    last: Listed | undefined,
    rows: RunData['rows'],
    scope: Scope | null,
    filter: Filter,
    faultsOnly: boolean,
    sort: Sort,
  ): Listed => {
    const isShown = (row: HostRow) =>
      scope?.names.has(row.name) !== false && !(faultsOnly && isSound(row)) && filter.test(row);
    const isSame =
      last?.scope === scope && last.filter === filter && last.faultsOnly === faultsOnly && last.sort === sort;
    const shown = isSame
      ? renewed(
          last.shown,
          [...rows.values()].filter(row => last.rows.get(row.name) !== row && isShown(row)),
          rows,
          sort,
        )
      : sorted(byName(rows).filter(isShown), sort);
    return { rows, scope, filter, faultsOnly, sort, shown };
  },
);

/** A list some of whose rows are others now: those are put where they belong, the rest stays in its order. */
function renewed(
  last: readonly HostRow[],
  changed: readonly HostRow[],
  rows: RunData['rows'],
  sort: Sort,
): readonly HostRow[] {
  const compare = comparison(sort);
  const kept = last.filter(row => rows.get(row.name) === row);
  const merged: HostRow[] = [];
  let next = 0;
  for (const row of changed.toSorted(compare)) {
    for (let other = kept[next]; other !== undefined && compare(other, row) < 0; other = kept[next]) {
      merged.push(other);
      next += 1;
    }
    merged.push(row);
  }
  return merged.concat(kept.slice(next));
}

/** Rows that are in the order of their names, in another. */
function sorted(rows: readonly HostRow[], { column, reversed }: Sort): readonly HostRow[] {
  if (column === 'host') return reversed ? rows.toReversed() : rows;
  const sign = reversed ? -1 : 1;
  const key = keyOf(column, rows);
  const keyed = rows.map(row => ({ row, key: sign * key(row) }));
  // sorting is stable: among equals the order of names holds
  return keyed.sort((a, b) => a.key - b.key).map(({ row }) => row);
}

function comparison({ column, reversed }: Sort): (a: HostRow, b: HostRow) => number {
  const sign = reversed ? -1 : 1;
  if (column === 'host') return (a, b) => sign * compareNames(a, b);
  const text = textOf[column];
  if (text !== undefined) return (a, b) => sign * byText(text(a), text(b)) || compareNames(a, b);
  const key = keyOf(column, []);
  return (a, b) => sign * (key(a) - key(b)) || compareNames(a, b);
}

/** All hosts in natural order of their names. New ones are merged into the order that was: nothing is sorted twice. */
const byName = nextAnswer((last: readonly HostRow[] | undefined, rows: RunData['rows']): readonly HostRow[] => {
  const known = (last ?? []).flatMap(({ name }) => rows.get(name) ?? []);
  if (known.length === rows.size) return known;
  const names = new Set(known.map(({ name }) => name));
  const added = [...rows.values()].filter(({ name }) => !names.has(name));
  return [...known, ...added.sort(compareNames)].sort(compareNames);
});

const isSound = ({ standing }: HostRow): boolean => standing === 'ok' || standing === 'info';

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const compareNames = (a: HostRow, b: HostRow): number => byText(a.order, b.order) || byText(a.name, b.name);

/** Columns that are sorted by a text; the others by a number. */
const textOf: Readonly<Partial<Record<HostColumn, (row: HostRow) => string>>> = {
  kernel: ({ kernelOrder }) => kernelOrder,
  verdict: ({ verdict }) => verdict,
};

/** The number that rows are sorted by, smallest first: 10,000 numbers are sorted in a tenth of the time of texts. */
function keyOf(column: Exclude<HostColumn, 'host'>, rows: readonly HostRow[]): (row: HostRow) => number {
  switch (column) {
    case 'severity':
      return ({ standing, drops }) => rankOf(standing) * 2 * mostDrops + largestFirst(drops);
    case 'nat':
      return ({ nat }) => largestFirst(nat.share);
    case 'drops':
      return ({ drops }) => largestFirst(drops);
    default:
      return rankOfText(textOf[column] ?? (({ name }) => name), rows);
  }
}

/** No host drops more; hosts say what they like. Unit: 1/s. */
const mostDrops = 1e9;

/** What is not known stands last. */
const largestFirst = (value: number | null): number => -Math.min(value ?? -1, mostDrops);

/** Thousands of hosts have few texts: only those are compared. */
function rankOfText(text: (row: HostRow) => string, rows: readonly HostRow[]): (row: HostRow) => number {
  const ranks = new Map([...new Set(rows.map(text))].sort().map((each, rank) => [each, rank]));
  return row => ranks.get(text(row)) ?? 0;
}
