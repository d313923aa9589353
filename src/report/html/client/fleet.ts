import type { Severity } from '../../../model/rule.ts';
import type { HostResult } from '../../../model/run.ts';
import type { HostDetail, Island, Ref } from '../island.ts';
import type { Standing } from '../standing.ts';

/** One host as the table sorts, filters and shows it. */
export interface Row {
  /** In the order of the run. */
  readonly index: number;
  readonly name: string;
  /** Place in the natural order of names. */
  readonly nameRank: number;
  readonly address: string;
  readonly groups: readonly string[];
  readonly outcome: HostResult['outcome'];
  readonly kernel: string;
  readonly os: string;
  readonly severity: Severity | null;
  readonly standing: Standing;
  readonly rules: readonly string[];
  readonly leading: string;
  readonly perSecond: number;
  readonly totalMs: number;
  /** Everything of it that a search looks at, in lower case. */
  readonly searched: string;
}

/** The island, understood. */
export interface Fleet {
  readonly rows: readonly Row[];
  /** What stands behind a reference of the pool. */
  readonly get: <T>(ref: Ref<T>) => T;
  readonly detail: (row: Row) => HostDetail;
  readonly connectMs: (row: Row) => number | null;
}

export function readFleet({ pool, hosts }: Island): Fleet {
  const get = <T>(ref: Ref<T>): T => pool[ref] as T;
  const column = <T>(values: readonly T[], i: number): T => values[i] as T;
  const ranks = nameRanks(hosts.name);
  const rows = hosts.name.map((name, index): Row => {
    const groups = get(column(hosts.groups, index));
    const rules = get(column(hosts.rules, index));
    const outcome = get(column(hosts.outcome, index));
    const kernel = get(column(hosts.kernel, index)) ?? '';
    const os = get(column(hosts.os, index)) ?? '';
    const address = column(hosts.address, index);
    const leading = get(column(hosts.leading, index));
    return {
      index,
      name,
      nameRank: ranks[index] ?? 0,
      address,
      groups,
      outcome,
      kernel,
      os,
      severity: get(column(hosts.severity, index)),
      standing: get(column(hosts.standing, index)),
      rules,
      leading,
      perSecond: column(hosts.perSecond, index),
      totalMs: column(hosts.totalMs, index),
      searched: [name, address, ...groups, ...rules, leading, outcome, kernel, os].join('\n').toLowerCase(),
    };
  });
  return {
    rows,
    get,
    detail: ({ index }) => get(column(hosts.detail, index)),
    connectMs: ({ index }) => column(hosts.connectMs, index),
  };
}

/** Compared once: comparing names again for every sort would be felt. */
function nameRanks(names: readonly string[]): number[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  const order = names.map((_, i) => i).sort((a, b) => compare(names[a] ?? '', names[b] ?? ''));
  const ranks: number[] = new Array(names.length).fill(0);
  for (const [rank, index] of order.entries()) ranks[index] = rank;
  return ranks;
}

export const counted = (n: number, noun: string): string => `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;

/** `0`, `3.1`, `59.5`, `1,204`: per second, three digits. */
export const rate = (perSecond: number): string =>
  perSecond === 0 ? '–' : perSecond.toLocaleString('en-US', { maximumSignificantDigits: 3 });

export const milliseconds = (ms: number): string =>
  ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toLocaleString('en-US', { maximumFractionDigits: 1 })} s`;
