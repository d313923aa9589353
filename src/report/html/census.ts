import type { Severity, Verdict } from '../../model/rule.ts';
import type { HostResult } from '../../model/run.ts';
import type { Outcome } from '../../model/visit.ts';
import { openFindings, type Standing, standingOf } from './standing.ts';

/** What one host counts as in a bar: its worst unwaived finding, none, or not audited. */
export type Worst = Severity | 'clean' | 'not-audited';

export const worsts: readonly Worst[] = ['critical', 'high', 'medium', 'low', 'info', 'clean', 'not-audited'];

/** Number of hosts by what is worst on them. */
export type Shares = Map<Worst, number>;

/** Counts over the fleet that the charts show. */
export interface Census {
  readonly standings: Map<Standing, number>;
  readonly groups: Map<string, Shares>;
  readonly kernels: Map<string, Shares>;
  readonly cohorts: Map<string, Shares>;
  readonly outcomes: Map<Outcome, number>;
  /** Rule to verdict to number of hosts. */
  readonly verdicts: Map<string, Map<Verdict, number>>;
  hosts: number;
}

export const emptyCensus = (): Census => ({
  standings: new Map(),
  groups: new Map(),
  kernels: new Map(),
  cohorts: new Map(),
  outcomes: new Map(),
  verdicts: new Map(),
  hosts: 0,
});

/** Counts one host. */
export function countHost(census: Census, result: HostResult): void {
  const open = openFindings(result);
  const standing = standingOf(result, open);
  const worst: Worst = standing === 'not-audited' ? standing : (open[0]?.severity ?? 'clean');
  census.hosts++;
  increase(census.standings, standing);
  increase(census.outcomes, result.outcome);
  for (const group of result.groups) increase(within(census.groups, group), worst);
  if (result.kernel !== null) increase(within(census.kernels, result.kernel), worst);
  if (result.cohort !== null) increase(within(census.cohorts, result.cohort), worst);
  for (const [rule, verdict] of Object.entries(result.verdicts)) increase(within(census.verdicts, rule), verdict);
}

function increase<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function within<K>(tables: Map<string, Map<K, number>>, key: string): Map<K, number> {
  const known = tables.get(key);
  if (known !== undefined) return known;
  const made = new Map<K, number>();
  tables.set(key, made);
  return made;
}

/** The counts of several entries as one. */
export function sumOf(shares: Iterable<Shares>): Shares {
  const sum: Shares = new Map();
  for (const each of shares) for (const [worst, n] of each) sum.set(worst, (sum.get(worst) ?? 0) + n);
  return sum;
}
