import { type Finding, isActing, severities } from '../../model/rule.ts';
import { allFindings, type HostResult } from '../../model/run.ts';

/** How a host stands in one word, for the numbers on the first screen. */
export type Standing = 'dropping' | 'at-risk' | 'clean' | 'not-audited';

const isDropping = (finding: Finding): boolean =>
  isActing(finding) && (finding.severity === 'critical' || finding.severity === 'high');

/** Unwaived findings, the worst first; of equally bad ones that which the rules say leads. */
export function openFindings(result: HostResult): Finding[] {
  const rank = ({ rule, severity }: Finding): number =>
    severities.indexOf(severity) * 2 + (rule === result.primary ? 0 : 1);
  return allFindings(result)
    .filter(({ waived }) => waived === null)
    .sort((a, b) => rank(a) - rank(b));
}

/** Dropping: a counter of drops rose during the visit. At risk: an unwaived finding of medium or worse that did not act then. */
export function standingOf(result: HostResult, open: readonly Finding[]): Standing {
  if (result.error !== null) return 'not-audited';
  if (open.some(isDropping)) return 'dropping';
  return open.some(({ severity }) => severities.indexOf(severity) <= severities.indexOf('medium'))
    ? 'at-risk'
    : 'clean';
}

/** The fastest counter that a finding rests on, 1/s. */
export const fastest = (open: readonly Finding[]): number =>
  open.flatMap(({ evidence }) => evidence).reduce((most, { perSecond = 0 }) => Math.max(most, perSecond), 0);
