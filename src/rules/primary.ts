import type { Finding } from '../model/rule.ts';

/** A finding that may lead the report of a host: one state of one rule. */
type Lead = readonly [rule: string, state: string];

/**
 * Which cause leads, first found first. DESIGN.md, "primary": what drops SYNs now before what dropped them since boot, before
 * what will; among causes that act now, the order of kernel-facts B43. What only may drop some day never leads.
 */
const leads: readonly Lead[] = [
  ['tw-recycle', 'firing'],
  ['tw-recycle', 'fired'],
  ['tw-recycle', 'exposed'],
];

/** The rule id of the one cause that leads a host's report, or null. */
export function primaryOf(findings: readonly Finding[]): string | null {
  const lead = leads.find(([rule, state]) =>
    findings.some(finding => finding.rule === rule && finding.state === state),
  );
  return lead?.[0] ?? null;
}
