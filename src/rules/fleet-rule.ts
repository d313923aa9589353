import type { Evidence, Severity } from '../model/rule.ts';
import type { RuleText } from './define.ts';

/** What a fleet rule sees of one audited host. */
export interface FleetHost {
  readonly name: string;
  readonly groups: readonly string[];
  /** Major and minor: `5.14`; null if unknown. Defaults change from one to the next. */
  readonly kernel: string | null;
  /** Running values of `comparedSettings`; a key that the kernel does not have is left out. Shared by a cohort. */
  readonly settings: ReadonlyMap<string, string>;
  /** Which line sets the key at boot: `/etc/sysctl.conf:17`. Left out: no file does. */
  readonly origins: Readonly<Record<string, string>>;
}

/** What a fleet rule found, before waivers. */
export interface FleetJudgement {
  readonly severity: Severity;
  readonly state: string;
  readonly title: string;
  readonly because: string;
  readonly hosts: readonly string[];
  readonly evidence: readonly (Evidence & { readonly host: string })[];
}

/** A rule about hosts compared with each other: it is judged once, when all have answered. */
export interface FleetRule extends RuleText {
  readonly judgeFleet: (hosts: readonly FleetHost[]) => readonly FleetJudgement[];
}
