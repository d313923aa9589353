import type { Evidence, Finding, Severity } from '../../model/rule.ts';
import type { ClientAnswer, ClientsResult, HostResult, SettingResult } from '../../model/run.ts';
import type { Standing } from './standing.ts';

/** The index of a value in `Island.pool`, where everything that repeats stands once. */
export type Ref<T> = number & { readonly of?: T };

/** What equal findings of many hosts share. */
export interface FindingKind extends Omit<Finding, 'because' | 'evidence'> {}

/** `[kind, because, evidence]`; evidence is `[source, field, value, earlier, perSecond]`. */
export type PackedFinding = readonly [
  kind: Ref<FindingKind>,
  because: Ref<string>,
  evidence: readonly PackedEvidence[],
];

export type PackedEvidence = readonly [
  source: Ref<Evidence['source']>,
  field: Ref<string>,
  value: number | string,
  earlier: number | null,
  perSecond: number | null,
];

/** What the drawer shows of a host beside its columns. */
export interface HostDetail {
  readonly findings: readonly PackedFinding[];
  readonly namespaces: readonly { readonly owner: string; readonly findings: readonly PackedFinding[] }[];
  readonly verdicts: Ref<HostResult['verdicts']>;
  readonly notChecked: Ref<HostResult['notChecked']>;
  readonly settings: Ref<Readonly<Record<string, SettingResult>>>;
  readonly error: HostResult['error'];
  readonly unread: HostResult['unread'];
  readonly notes: readonly string[];
  readonly clients: ClientsResult | null;
  readonly quiet: Ref<HostResult['quiet']>;
  readonly client: ClientAnswer | null;
}

/** One entry per host in every column. Sorting and filtering need nothing else. */
export interface HostColumns {
  readonly name: readonly string[];
  readonly address: readonly string[];
  readonly groups: readonly Ref<readonly string[]>[];
  readonly outcome: readonly Ref<HostResult['outcome']>[];
  readonly kernel: readonly Ref<string | null>[];
  readonly os: readonly Ref<string | null>[];
  readonly cohort: readonly Ref<string | null>[];
  /** Worst unwaived severity. */
  readonly severity: readonly Ref<Severity | null>[];
  readonly standing: readonly Ref<Standing>[];
  /** Rules with an unwaived finding; the first leads. */
  readonly rules: readonly Ref<readonly string[]>[];
  /** What leads, as `tw-recycle · firing`. */
  readonly leading: readonly Ref<string>[];
  /** Of the fastest counter of a finding, 1/s. */
  readonly perSecond: readonly number[];
  readonly totalMs: readonly number[];
  readonly connectMs: readonly (number | null)[];
  readonly detail: readonly Ref<HostDetail>[];
}

/** The data of the page: what its script is given. */
export interface Island {
  readonly pool: readonly unknown[];
  readonly hosts: HostColumns;
}
