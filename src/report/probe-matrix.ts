/** The matrix of a probe: who reaches what. Rows are places, columns are targets. */
import type { ProbePair } from '../model/probe.ts';
import { groupBy } from '../text/group-by.ts';
import { foldHosts } from '../text/host-set.ts';
import { percent } from '../text/share.ts';
import { wrapColumns } from '../text/table.ts';
import { latencyCell, nameCell, tableBlocks } from './probe-cells.ts';

/** More lines or columns than this are folded: those that fared the same stand together. */
const foldAbove = 12;

/** Pairs of one cell. */
type Cells = ReadonlyMap<string, ReadonlyMap<string, readonly ProbePair[]>>;

/** Lines of the matrix; none where there is one place or one target, as the list of pairs says the same. */
export function matrixLines(pairs: readonly ProbePair[], width: number): string[] {
  const froms = [...new Set(pairs.map(({ from }) => from))];
  const tos = [...new Set(pairs.map(({ to }) => to))];
  if (froms.length < 2 || tos.length < 2) return [];
  const cells = cellsOf(pairs);
  const rows = folded(froms, from => tos.map(to => kindOf(cells.get(from)?.get(to) ?? [])).join());
  const columns = folded(tos, to => froms.map(from => kindOf(cells.get(from)?.get(to) ?? [])).join());
  const heads = columns.map(names => nameCell(foldHosts(names)));
  const body = rows.map(names => [
    nameCell(foldHosts(names)),
    ...columns.map(column => cellText(names.flatMap(from => column.flatMap(to => cells.get(from)?.get(to) ?? [])))),
  ]);
  return [
    ...wrapColumns(
      'From × to: share of attempts that failed, half of the connects (p50) and 99 of 100 (p99) within:',
      width,
    ),
    ...tableBlocks([['FROM', ...heads], ...body], { names: 1, width: width - 2 }).map(line => `  ${line}`.trimEnd()),
  ];
}

function cellsOf(pairs: readonly ProbePair[]): Cells {
  const cells = new Map<string, Map<string, ProbePair[]>>();
  for (const pair of pairs) {
    const row = cells.get(pair.from) ?? new Map<string, ProbePair[]>();
    cells.set(pair.from, row);
    row.set(pair.to, [...(row.get(pair.to) ?? []), pair]);
  }
  return cells;
}

/** Names with the same kinds together, if there are many; else each alone. In the order in which they first came. */
function folded(names: readonly string[], kindsOf: (name: string) => string): readonly (readonly string[])[] {
  if (names.length <= foldAbove) return names.map(name => [name]);
  return [...groupBy(names, kindsOf).values()];
}

/** Whether a cell is quiet, dead, or fails by about so many tenths. */
function kindOf(pairs: readonly ProbePair[]): string {
  const share = failing(pairs);
  if (share === null) return '?';
  return share === 0 ? 'quiet' : share === 1 ? 'dead' : String(Math.ceil(share * 10));
}

function failing(pairs: readonly ProbePair[]): number | null {
  const attempts = pairs.reduce((sum, pair) => sum + pair.attempts, 0);
  return attempts === 0 ? null : pairs.reduce((sum, { failures }) => sum + failures.count, 0) / attempts;
}

/** `20.0 %  0.4 ms / 1.0 s`; of several pairs the slowest. */
function cellText(pairs: readonly ProbePair[]): string {
  const share = failing(pairs);
  if (share === null) return pairs.length === 0 ? '' : 'no attempt';
  const slowest = (which: 'p50' | 'p99'): number | undefined => {
    const times = pairs.flatMap(({ latency }) => (latency === null ? [] : [latency[which]]));
    return times.length === 0 ? undefined : Math.max(...times);
  };
  const [p50, p99] = [slowest('p50'), slowest('p99')];
  return p50 === undefined ? percent(share) : `${percent(share)}  ${latencyCell(p50)} / ${latencyCell(p99)}`;
}
