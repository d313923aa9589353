import type { Host, Waiver } from '../model/host.ts';
import type { Finding } from '../model/rule.ts';

/** Whether a host pattern, as in `--limit`, covers a host. */
export type MatchesHost = (pattern: string, host: Host) => boolean;

/** What the inventory's waivers say of one host's findings. */
export interface AppliedWaivers {
  readonly findings: readonly Finding[];
  /** Waivers that would hold but for their date, said in full: an expiry must not pass in silence. */
  readonly notes: readonly string[];
}

/** A waiver holds up to the end of its last day, in UTC. Both dates are `YYYY-MM-DD`, which sort as text. */
export const hasExpired = (waiver: Waiver, today: string): boolean => waiver.expires < today;

/** Marks the findings that somebody has accepted; the first waiver that holds wins. */
export function createWaiving(waivers: readonly Waiver[], today: string, matches: MatchesHost) {
  return (host: Host, findings: readonly Finding[]): AppliedWaivers => {
    const notes: string[] = [];
    const waive = (finding: Finding): Finding => {
      const candidates = waivers.filter(({ rule, hosts }) => rule === finding.rule && matches(hosts, host));
      const holding = candidates.find(waiver => !hasExpired(waiver, today));
      if (holding !== undefined) return { ...finding, waived: waivedBy(holding) };
      for (const waiver of candidates) notes.push(expiryNote(waiver));
      return finding;
    };
    return waivers.length === 0 ? { findings, notes } : { findings: findings.map(waive), notes };
  };
}

/** Whether a waiver that still holds covers a rule on a host: for findings that no single host has. */
export const createIsWaived =
  (waivers: readonly Waiver[], today: string, matches: MatchesHost) =>
  (rule: string, host: Host): boolean =>
    waivers.some(waiver => waiver.rule === rule && !hasExpired(waiver, today) && matches(waiver.hosts, host));

function waivedBy({ reason, expires, owner }: Waiver): NonNullable<Finding['waived']> {
  return owner === undefined ? { reason, expires } : { reason, expires, owner };
}

function expiryNote({ rule, expires, reason, location }: Waiver): string {
  return `the waiver of ${rule} expired on ${expires} ("${reason}", ${location.file}:${location.line}): the finding counts again`;
}
