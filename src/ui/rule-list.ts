import { type Severity, severities, type Verdict } from '../model/rule.ts';
import { allFindings, type HostResult } from '../model/run.ts';
import { lastAnswer } from './memo.ts';
import { rankOf, type Standing, worse } from './standing.ts';
import type { RuleCounts, RuleHelp, RunData, State } from './state.ts';

/** A rule, and what it said over the fleet. */
export interface RuleRow {
  readonly rule: RuleHelp;
  /** Null: it has not judged any host yet, which is no `ok`. */
  readonly worst: Standing | null;
  readonly verdicts: Readonly<Record<Verdict, number>>;
}

/** Rules that found something first, the worst of them foremost; the rest in the order of the registry. */
export const ruleList = (state: State): readonly RuleRow[] =>
  listed(state.data.counts, state.data.end, state.setup.rules);

const listed = lastAnswer(
  (counts: RunData['counts'], end: RunData['end'], rules: readonly RuleHelp[]): readonly RuleRow[] => {
    const rows = rules.map((rule): RuleRow => {
      const { verdicts, found } = counts.get(rule.id) ?? noCounts;
      const fleet = (end?.fleet.findings ?? []).filter(finding => finding.rule === rule.id);
      const judged = verdicts.pass + verdicts.fail + verdicts.informational + verdicts.notapplicable;
      const worst = fleet.reduce<Standing>(
        (so, { severity }) => worse(so, severity),
        severities.find(severity => found[severity] > 0) ?? 'ok',
      );
      return {
        rule,
        worst: worst === 'ok' && judged === 0 ? null : worst,
        verdicts: { ...verdicts, fail: fleet.reduce((sum, { hosts }) => sum + hosts.length, verdicts.fail) },
      };
    });
    return rows.sort((a, b) => rankOf(a.worst ?? 'ok') - rankOf(b.worst ?? 'ok'));
  },
);

/** Hosts with a finding of a rule, waived ones included. */
export const hostsOf = lastAnswer((rule: string, rows: RunData['rows'], end: RunData['end']): readonly string[] => [
  ...[...rows.values()]
    .filter(({ result }) => allFindings(result).some(finding => finding.rule === rule))
    .map(({ name }) => name),
  ...(end?.fleet.findings ?? []).filter(finding => finding.rule === rule).flatMap(({ hosts }) => hosts),
]);

const noCounts: RuleCounts = {
  verdicts: { pass: 0, fail: 0, notapplicable: 0, notchecked: 0, informational: 0 },
  found: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
};

/** Counts that can be added to. */
export type CountsDraft = Map<string, { verdicts: Record<Verdict, number>; found: Record<Severity, number> }>;

export const countsDraft = (counts: RunData['counts']): CountsDraft =>
  new Map([...counts].map(([rule, { verdicts, found }]) => [rule, { verdicts: { ...verdicts }, found: { ...found } }]));

/** Adds what a host says of each rule, or with -1 takes it away again: 10,000 hosts are not counted anew for each that changes. */
export function countVerdicts(counts: CountsDraft, result: HostResult, sign: 1 | -1): void {
  const of = (rule: string) => {
    const known = counts.get(rule);
    if (known !== undefined) return known;
    const fresh = { verdicts: { ...noCounts.verdicts }, found: { ...noCounts.found } };
    counts.set(rule, fresh);
    return fresh;
  };
  for (const rule in result.verdicts) {
    const verdict = result.verdicts[rule];
    if (verdict !== undefined) of(rule).verdicts[verdict] += sign;
  }
  for (const { rule, severity, waived } of allFindings(result)) if (waived === null) of(rule).found[severity] += sign;
}
