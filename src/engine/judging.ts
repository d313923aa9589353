import type { Facts } from '../model/facts.ts';
import type { Host } from '../model/host.ts';
import type { Finding, Verdict } from '../model/rule.ts';
import { judge, type Rule } from '../rules/define.ts';

/** What all rules together say of one host, or of one network namespace. */
export interface Judged {
  readonly findings: readonly Finding[];
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly notChecked: Readonly<Record<string, string>>;
}

/** Asks every rule; `parameters` are those of the host's groups. */
export function judgeAll(rules: readonly Rule[], facts: Facts, parameters: Host['rules']): Judged {
  const findings: Finding[] = [];
  const verdicts: Record<string, Verdict> = {};
  const notChecked: Record<string, string> = {};
  for (const rule of rules) {
    const judgement = judge(rule, facts, numbersOf(parameters[rule.id]));
    verdicts[rule.id] = judgement.verdict;
    if (judgement.verdict === 'notchecked') notChecked[rule.id] = judgement.because;
    if (judgement.verdict === 'fail' || judgement.verdict === 'informational') {
      const { verdict: _, ...found } = judgement;
      findings.push({ rule: rule.id, ...found, waived: null });
    }
  }
  return { findings, verdicts, notChecked };
}

/** Checked before the run (cli/rule-parameters.ts); what is no number here was no parameter. */
function numbersOf(chosen: unknown): Readonly<Record<string, number>> | undefined {
  if (chosen === undefined) return undefined;
  const entries = typeof chosen === 'object' && chosen !== null ? Object.entries(chosen) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}
