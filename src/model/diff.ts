import type { Severity } from './rule.ts';
import type { Profile, SettingResult } from './run.ts';
import type { Outcome } from './visit.ts';

/** Name of the schema of a comparison of two runs. Fields may be added within /1. */
export const diffSchema = 'synaudit/diff/1';

/**
 * What became of a finding between two runs. `fixed` and `new`: the other run looked and did not find it. `worse`, `better`,
 * `changed`, `same`: both found it; `changed` also where it acts in one run and the other did not measure that. `unknown`: the later run did not look; `first-seen`: the earlier one did not.
 */
export const findingChanges = ['new', 'worse', 'first-seen', 'fixed', 'better', 'changed', 'same', 'unknown'] as const;
export type FindingChangeKind = (typeof findingChanges)[number];

/** Why the other run says nothing of a finding. */
export type NotLooked = 'host-missing' | 'host-not-audited' | 'not-checked' | 'namespace-not-seen' | 'run-not-ended';

/** A finding in one of the two runs. */
export interface FindingThen {
  readonly severity: Severity;
  readonly state: string | null;
  readonly because: string;
  readonly waived: boolean;
}

/** A counter in both runs. Unit: 1/s between the two samples of a visit; null: not measured, which is not 0. */
export interface RateChange {
  /** `TcpExt.PAWSPassive`. */
  readonly field: string;
  readonly before: number | null;
  readonly after: number | null;
}

/** One rule on one host, or in one network namespace of it. */
export interface FindingChange {
  readonly change: FindingChangeKind;
  readonly rule: string;
  /** The network namespace, `nginx[4711]`; null: the host's own. */
  readonly owner: string | null;
  /** Null: the earlier run has no such finding. */
  readonly before: FindingThen | null;
  readonly after: FindingThen | null;
  /** Of `unknown` and `first-seen`; else null. */
  readonly notLooked: NotLooked | null;
  readonly waiver: 'given' | 'ended' | null;
  /** Of the counter that proves it; null where none does. */
  readonly rate: RateChange | null;
}

/** Who sets a key at the next boot. */
export type BootLine = NonNullable<SettingResult['boot']>;

/** A setting that is not what it was. A part that did not change, or that one of the runs does not know, is left out. */
export interface SettingChange {
  readonly key: string;
  /** Running values; null: this kernel does not have the key. */
  readonly running?: { readonly before: string | null; readonly after: string | null };
  /** Null: no file sets it. */
  readonly boot?: { readonly before: BootLine | null; readonly after: BootLine | null };
}

/** How a visit of one of the runs went. */
export interface VisitThen {
  readonly outcome: Outcome;
  readonly kernel: string | null;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string } | null;
}

/** A host of which there is something to tell: schema `synaudit/diff/1`, `hosts[]`. */
export interface HostDiff {
  readonly name: string;
  /** Null: not in the earlier run. */
  readonly before: VisitThen | null;
  /** Null: not in the later run. */
  readonly after: VisitThen | null;
  /** `lost`: audited before and not any more; `regained`: the other way round. */
  readonly reach: 'lost' | 'regained' | null;
  /** Null where it cannot be told. */
  readonly rebooted: boolean | null;
  readonly findings: readonly FindingChange[];
  readonly settings: readonly SettingChange[];
  /** Counters that moved in one of the runs. */
  readonly rates: readonly RateChange[];
}

/** One counter over all hosts that both runs measured: schema `synaudit/diff/1`, `rates[]`. */
export interface RateTotal {
  readonly field: string;
  readonly hosts: number;
  /** Sums. Unit: 1/s. */
  readonly before: number;
  readonly after: number;
}

/** One of the two runs. */
export interface ComparedInfo {
  readonly id: string;
  readonly startedAt: string;
  readonly version: string;
  readonly subject: string;
  readonly profile: Profile;
  readonly intervalMs: number;
  readonly hosts: number;
  readonly audited: number;
  /** False: it crashed, was interrupted, or still runs. */
  readonly ended: boolean;
}

export interface DiffSummary {
  readonly hosts: {
    /** In both runs. */
    readonly both: number;
    /** Only in the earlier, only in the later run. */
    readonly gone: number;
    readonly added: number;
    readonly lost: number;
    readonly regained: number;
    readonly rebooted: number;
  };
  /** Host × network namespace × rule, unwaived; by the severity of the later run, where that has it. */
  readonly findings: Readonly<Record<FindingChangeKind, Readonly<Record<Severity, number>>>>;
  readonly waivers: { readonly given: number; readonly ended: number };
  /** Host × key. */
  readonly settings: number;
  readonly exitCode: number;
}

/** What is otherwise in the later of two runs: the document `synaudit/diff/1`. */
export interface RunDiff {
  readonly before: ComparedInfo;
  readonly after: ComparedInfo;
  /** What makes the runs hard to compare, in full sentences. */
  readonly remarks: readonly string[];
  readonly summary: DiffSummary;
  readonly rates: readonly RateTotal[];
  readonly hosts: readonly HostDiff[];
}

/** Whether a finding counts: some run has it without a waiver, and the later one does not waive it. */
export const isCounted = ({ before, after }: FindingChange): boolean => !(after ?? before)?.waived;
