export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info';

/** Worst first. */
export const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info'];

export type Confidence = 'certain' | 'high' | 'medium' | 'low';

/** Verdict of a rule on a host. */
export type Verdict = 'pass' | 'fail' | 'notapplicable' | 'notchecked' | 'informational';

/** One fact that a verdict rests on: which source, which field, which value. */
export interface Evidence {
  /** Path of the source without the leading slash: `proc/net/netstat`. */
  readonly source: string;
  /** `TcpExt.PAWSPassive`, `net.ipv4.tcp_tw_recycle`, … as the kernel spells it. */
  readonly field: string;
  readonly value: number | string;
  /** The first sample's value, where there were two. */
  readonly earlier?: number;
  /** Rate between the two samples. Unit: 1/s. */
  readonly perSecond?: number;
  /** Average since boot. Unit: 1/h. */
  readonly perHour?: number;
}

/** A change that would clear the finding. Keys are sysctl keys with dots. */
export interface Remedy {
  readonly summary: string;
  readonly set: Readonly<Record<string, string>>;
  readonly risk: string;
  readonly undo: Readonly<Record<string, string>>;
}

export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  /** Which rung of the rule's ladder, for instance `firing`; absent where a rule has one. */
  readonly state: string | null;
  readonly title: string;
  /** Why, in full sentences. */
  readonly because: string;
  readonly confidence: Confidence;
  readonly evidence: readonly Evidence[];
  readonly remedy: Remedy | null;
  readonly waived: { readonly reason: string; readonly expires: string; readonly owner?: string } | null;
}

/** Whether the counter that proves it rose between the two samples. */
export const isActing = ({ state }: Pick<Finding, 'state'>): boolean => state === 'firing' || state === 'active';

/** What a rule answers. A `fail` and an `informational` become a Finding. */
export type Judgement =
  | { readonly verdict: 'pass'; readonly because: string }
  | { readonly verdict: 'notapplicable'; readonly because: string }
  | { readonly verdict: 'notchecked'; readonly because: string }
  | ({ readonly verdict: 'fail' | 'informational' } & Omit<Finding, 'rule' | 'waived'>);
