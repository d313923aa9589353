import type { RateChange, RateTotal } from '../model/diff.ts';
import type { Finding } from '../model/rule.ts';
import type { HostResult, Rates } from '../model/run.ts';

/** A value of a record that came from a file: its keys are texts of hosts, `constructor` among them. */
export const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** The counter whose rate proves a finding: the first of its evidence that has one, or is one. Null: it rests on settings. */
export function provenBy(finding: Finding | undefined): string | null {
  if (finding === undefined) return null;
  const counters = finding.evidence.filter(({ source, value }) => isCounter(source) && typeof value === 'number');
  return (counters.find(({ perSecond }) => perSecond !== undefined) ?? counters[0])?.field ?? null;
}

const isCounter = (source: string): boolean => source.startsWith('proc/net/');

/** What a run knows of one counter: what the finding itself says, else what was kept of every host. */
export function rateIn(field: string, finding: Finding | undefined, rates: Rates | undefined): number | null {
  const said = finding?.evidence.find(evidence => evidence.field === field)?.perSecond;
  return said ?? own(rates ?? {}, field) ?? null;
}

/** All rates that a run knows of a host; runs of old versions kept only those of findings. */
function knownRates(result: HostResult | null): ReadonlyMap<string, number> {
  const rates = new Map<string, number>();
  if (result === null) return rates;
  for (const { evidence } of result.findings)
    for (const { field, perSecond, source } of evidence)
      if (perSecond !== undefined && isCounter(source)) rates.set(field, perSecond);
  for (const [field, perSecond] of Object.entries(result.rates ?? {})) rates.set(field, perSecond);
  return rates;
}

/** Adds up the counters of a fleet, host by host. */
export interface RateSums {
  /** Counters of one host that moved in one of the runs. */
  add(before: HostResult | null, after: HostResult | null): RateChange[];
  /** Counters that moved on any host, those that moved most first. */
  totals(): RateTotal[];
}

/** Counters that are told; a hostile host may name any number. */
const fieldsKept = 200;

export function createRateSums(): RateSums {
  const sums = new Map<string, { hosts: number; before: number; after: number }>();
  return {
    add(before, after) {
      const [was, is] = [knownRates(before), knownRates(after)];
      const moved: RateChange[] = [];
      for (const field of new Set([...was.keys(), ...is.keys()])) {
        const change = { field, before: was.get(field) ?? null, after: is.get(field) ?? null };
        if ((change.before ?? 0) > 0 || (change.after ?? 0) > 0) moved.push(change);
        if (change.before === null || change.after === null) continue;
        const sum = sums.get(field) ?? { hosts: 0, before: 0, after: 0 };
        if (sums.size < fieldsKept || sums.has(field)) sums.set(field, sum);
        sum.hosts += 1;
        sum.before += change.before;
        sum.after += change.after;
      }
      return moved;
    },
    totals: () =>
      [...sums]
        .filter(([, { before, after }]) => before > 0 || after > 0)
        .map(([field, { hosts, before, after }]) => ({ field, hosts, before: rounded(before), after: rounded(after) }))
        .sort((a, b) => Math.max(b.before, b.after) - Math.max(a.before, a.after) || (a.field < b.field ? -1 : 1)),
  };
}

/** Sums of doubles end in noise. */
const rounded = (perSecond: number): number => Number(perSecond.toPrecision(6));
