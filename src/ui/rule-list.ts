import type { Verdict } from '../model/rule.ts';
import { allFindings } from '../model/run.ts';
import type { HostRow } from './host-row.ts';
import { lastAnswer } from './memo.ts';
import { rankOf, type Standing, worse } from './standing.ts';
import type { RuleHelp, RunData, State } from './state.ts';

/** A rule, and what it said over the fleet. */
export interface RuleRow {
  readonly rule: RuleHelp;
  readonly worst: Standing;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Hosts with a finding of it, waived ones included. */
  readonly hosts: readonly string[];
}

/** Rules that found something first, the worst of them foremost; the rest in the order of the registry. */
export const ruleList = (state: State): readonly RuleRow[] =>
  counted(state.data.rows, state.data.end, state.setup.rules);

const counted = lastAnswer(
  (rows: RunData['rows'], end: RunData['end'], rules: readonly RuleHelp[]): readonly RuleRow[] => {
    const all = new Map(rules.map(rule => [rule.id, emptyRow(rule)]));
    for (const row of rows.values()) addHost(all, row);
    for (const { rule, severity, hosts } of end?.fleet.findings ?? []) {
      const counts = all.get(rule);
      if (counts === undefined) continue;
      counts.worst = worse(counts.worst, severity);
      counts.verdicts.fail += hosts.length;
      counts.hosts.push(...hosts);
    }
    return [...all.values()].sort((a, b) => rankOf(a.worst) - rankOf(b.worst));
  },
);

interface Counting extends RuleRow {
  worst: Standing;
  readonly verdicts: Record<Verdict, number>;
  readonly hosts: string[];
}

const emptyRow = (rule: RuleHelp): Counting => ({
  rule,
  worst: 'ok',
  verdicts: { pass: 0, fail: 0, notapplicable: 0, notchecked: 0, informational: 0 },
  hosts: [],
});

function addHost(all: ReadonlyMap<string, Counting>, { name, result }: HostRow): void {
  for (const [id, verdict] of Object.entries(result.verdicts)) {
    const counts = all.get(id);
    if (counts !== undefined && verdict in counts.verdicts) counts.verdicts[verdict] += 1;
  }
  for (const { rule, severity, waived } of allFindings(result)) {
    const counts = all.get(rule);
    if (counts === undefined) continue;
    if (waived === null) counts.worst = worse(counts.worst, severity);
    if (counts.hosts.at(-1) !== name) counts.hosts.push(name);
  }
}
