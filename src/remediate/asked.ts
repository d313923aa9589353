import { plannedKey, plannedValue } from '../model/remediation.ts';
import { type Finding, type Severity, severities } from '../model/rule.ts';

/** What `fix` was asked for. */
export interface Asked {
  /** Rule ids; none: all rules. */
  readonly rules: readonly string[];
  /** This severity and worse. */
  readonly severity: Severity;
  /** Sysctl keys; none: all keys. Findings that no key clears are left out if there are some. */
  readonly keys: readonly string[];
}

export const everything: Asked = { rules: [], severity: 'info', keys: [] };

/** Position among the severities: 0 is the worst. */
export const rankOf = (severity: Severity): number => severities.indexOf(severity);

/** Whether a finding is one of those that were asked for, waived or not. */
export function isAsked(
  { rule, severity, remedy }: Pick<Finding, 'rule' | 'severity' | 'remedy'>,
  asked: Asked,
): boolean {
  if (asked.rules.length > 0 && !asked.rules.includes(rule)) return false;
  if (rankOf(severity) > rankOf(asked.severity)) return false;
  return asked.keys.length === 0 || askedKeys(remedy?.set ?? {}, asked).length > 0;
}

/** The keys of a remedy that were asked for, with their values as a plan writes them. */
export function askedKeys(set: Readonly<Record<string, string>>, { keys }: Asked): (readonly [string, string])[] {
  const entries = Object.entries(set).map(([key, value]) => [key, inOneSpacing(value)] as const);
  return keys.length === 0 ? entries : entries.filter(([key]) => keys.includes(key));
}

/** `32768\t60999` to `32768 60999`: the kernel prints tabs, people write spaces, and both mean the same. */
export const inOneSpacing = (value: string): string => value.trim().replace(/[ \t]+/g, ' ');

/** Whether key and value are of a shape that is written to hosts. What hosts say of themselves may be anything. */
export const isPlannable = (key: string, value: string): boolean => plannedKey.test(key) && plannedValue.test(value);
