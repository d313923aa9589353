import type { Finding, Severity, Verdict } from './rule.ts';
import type { Snapshot } from './snapshot.ts';
import type { Outcome, Phase, VisitError } from './visit.ts';

/** Name of the schema of a run's document and of its stored form. Fields may be added within /1. */
export const runSchema = 'synaudit/run/1';

export type Profile = 'audit' | 'readiness';

/** Identity of a run: schema `synaudit/run/1`, `run`. */
export interface RunInfo {
  readonly id: string;
  readonly startedAt: string;
  readonly version: string;
  readonly profile: Profile;
  readonly intervalMs: number;
  /** What was audited, for people: `inventory.yaml`, `demo`. */
  readonly subject: string;
  readonly hostCount: number;
  readonly failOn: Severity | 'never';
  readonly allowIncomplete: boolean;
}

/** One setting of a host: its running value, and who sets it at boot. */
export interface SettingResult {
  readonly value: string | null;
  readonly boot?: { readonly value: string; readonly file: string; readonly line: number };
}

/** Peers of a host's listening ports. */
export interface ClientsResult {
  readonly connections: number;
  readonly addresses: number;
  readonly shared: readonly {
    readonly address: string;
    readonly connections: number;
    readonly because: readonly string[];
  }[];
}

/** One host of a run, as it is printed and stored: schema `synaudit/run/1`, `hosts[]`. */
export interface HostResult {
  readonly name: string;
  readonly groups: readonly string[];
  readonly address: string;
  readonly outcome: Outcome;
  readonly kernel: string | null;
  readonly os: string | null;
  readonly primary: string | null;
  readonly error: Omit<VisitError, 'outcome'> | null;
  readonly timing: { readonly connectMs: number | null; readonly totalMs: number };
  /** Sources that exist but could not be read or parsed, with the reason; empty unless `partial`. */
  readonly unread: Readonly<Record<string, string>>;
  /** Remarks worth a line: `host key was not checked (--host-keys off)`. */
  readonly notes: readonly string[];
  readonly findings: readonly Finding[];
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly notChecked: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, SettingResult>>;
  readonly clients: ClientsResult | null;
}

export interface Summary {
  /** `total`, and a key per outcome that occurs. */
  readonly hosts: Readonly<Record<string, number>>;
  /** Host × rule, unwaived. */
  readonly findings: Readonly<Record<Severity, number>>;
  readonly exitCode: number;
}

/** What happens during a run, in order. Sinks, the progress line and the store all read this one stream. */
export type RunEvent =
  | { readonly type: 'run'; readonly run: RunInfo }
  | { readonly type: 'phase'; readonly host: string; readonly phase: Phase }
  | { readonly type: 'host'; readonly result: HostResult; readonly snapshot: Snapshot | null }
  | { readonly type: 'end'; readonly finishedAt: string; readonly interrupted: boolean; readonly summary: Summary };
