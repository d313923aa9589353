import type { Severity } from '../model/rule.ts';
import { severities } from '../model/rule.ts';
import { allFindings, type FleetFinding, type HostResult, type Summary } from '../model/run.ts';

/** What decides the exit code of a run, beside its results. */
export interface ExitPolicy {
  readonly failOn: Severity | 'never';
  readonly allowIncomplete: boolean;
}

/** How a run ended, as far as its results do not say. */
export interface RunEnd {
  /** The user stopped it. */
  readonly interrupted: boolean;
  /** A bug of ours showed on some host. */
  readonly internalError: boolean;
}

/** Counts results one by one and keeps nothing else of them: a run of any length takes the same memory. */
export interface Tally {
  add(result: HostResult): void;
  /** What the fleet as a whole showed: host × rule, the worst of a rule on a host. */
  addFleet(found: readonly FleetFinding[]): void;
  summary(policy: ExitPolicy, end: RunEnd): Summary;
}

export function createTally(): Tally {
  const hosts: Record<string, number> = { total: 0 };
  const findings: Record<Severity, number> = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  return {
    add(result) {
      hosts['total'] = (hosts['total'] ?? 0) + 1;
      hosts[result.outcome] = (hosts[result.outcome] ?? 0) + 1;
      for (const { severity, waived } of allFindings(result)) if (waived === null) findings[severity] += 1;
    },
    addFleet(found) {
      const counted = new Set<string>();
      const worstFirst = [...found].sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
      for (const { rule, severity, hosts: names } of worstFirst) {
        for (const name of names) {
          const key = `${rule}\n${name}`;
          if (!counted.has(key)) findings[severity] += 1;
          counted.add(key);
        }
      }
    },
    summary(policy, end) {
      const counts = { hosts: { ...hosts }, findings: { ...findings } };
      return { ...counts, exitCode: exitCodeOf(counts, policy, end) };
    },
  };
}

/** DESIGN.md, "Exit codes": 4 internal > 130 interrupted > 1 findings > 3 incomplete > 0. (2, bad input, ends before any run.) */
export function exitCodeOf(counts: Omit<Summary, 'exitCode'>, policy: ExitPolicy, end: RunEnd): number {
  if (end.internalError) return 4;
  if (end.interrupted) return 130;
  if (atOrAbove(policy.failOn).some(severity => counts.findings[severity] > 0)) return 1;
  const { total = 0, audited = 0, partial = 0 } = counts.hosts;
  return audited + partial < total && !policy.allowIncomplete ? 3 : 0;
}

const atOrAbove = (least: Severity | 'never'): readonly Severity[] =>
  least === 'never' ? [] : severities.slice(0, severities.indexOf(least) + 1);
