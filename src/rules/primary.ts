import type { Finding } from '../model/rule.ts';

/**
 * Causes that drop SYNs or leave them without an answer, in the order of kernel-facts B43, steps 2 to 7. A listener with
 * backlog 0 overflows its accept queue with every connection, so it stands before that; rfc1337 makes of a late SYN, which the
 * collision is, one that is not answered.
 */
const causes: readonly string[] = [
  'zero-backlog',
  'accept-queue-overflow',
  'syn-queue-full',
  'conntrack-full',
  'conntrack-insert-failed',
  'neighbour-overflow',
  'softnet-drops',
  'rp-filter-drops',
  'nic-drops',
  'md5-mismatch',
  'rfc1337',
  'time-wait-collision',
  'challenge-ack',
  'syncookies-off',
  'tcp-memory-pressure',
  'unexplained-listen-drops',
  'port-exhaustion',
  'abort-on-overflow',
  'tcp-backlog-drops',
  'checksum-errors',
  'synack-lost',
];

/**
 * The rule id of the one cause that leads a host's report, or null. DESIGN.md, "primary": recycle that drops now, what else
 * drops now, recycle since boot, what else did since boot (the most frequent), recycle that waits for it. What only may drop
 * some day never leads, nor does what is low or for information.
 */
export function primaryOf(all: readonly Finding[]): string | null {
  const findings = all.filter(({ severity }) => severity !== 'low' && severity !== 'info');
  const recycle = (state: string): boolean =>
    findings.some(finding => finding.rule === 'tw-recycle' && finding.state === state);
  if (recycle('firing')) return 'tw-recycle';
  const active = causes.find(cause => findings.some(finding => finding.rule === cause && acts(finding)));
  if (active !== undefined) return active;
  if (recycle('fired')) return 'tw-recycle';
  const [past] = findings.filter(({ rule, state }) => state === 'past' && causes.includes(rule)).sort(moreOftenFirst);
  if (past !== undefined) return past.rule;
  return recycle('exposed') ? 'tw-recycle' : null;
}

/** Used-up local ports have no counter that could rise: the level is what acts. */
const acts = ({ rule, state }: Finding): boolean =>
  state === 'active' || (rule === 'port-exhaustion' && state === 'exhausted');

/** By the average since boot of what proves it; where the time is unknown, by the total; where equal, by the order above. */
function moreOftenFirst(a: Finding, b: Finding): number {
  const weight = ({ evidence: [proof] }: Finding): number => proof?.perHour ?? Number(proof?.value ?? 0);
  return weight(b) - weight(a) || causes.indexOf(a.rule) - causes.indexOf(b.rule);
}
