import type { PlannedBoot, ScriptMode, ScriptReport } from './remediation.ts';

/** Name of the schema of a rollout's document and of its log. Fields may be added within /1. */
export const rolloutSchema = 'synaudit/rollout/1';

/** How careful a rollout is. */
export interface RolloutOptions {
  /** Hosts of a cohort that are changed first, alone. */
  readonly canary: number;
  /** Hosts of each further batch, as typed: `10%`, `5`. */
  readonly batch: string;
  /** What that comes to for the hosts of this rollout. */
  readonly batchSize: number;
  /** Hosts of a batch that may fail before everything stops. */
  readonly maxFail: number;
  /** Whether connections to the hosts' services are part of the gate. */
  readonly probe: boolean;
  /** Between the two samples of an audit at the gate. Unit: s. */
  readonly intervalSeconds: number;
  /** How long a host whose session was lost may take to come back. Unit: ms. */
  readonly waitMs: number;
}

/** One host of a rollout. */
export interface RolloutHost {
  readonly name: string;
  readonly cohort: string;
  /** Groups of the inventory in which no more than `serial` of the hosts that have one are changed at a time. */
  readonly groups: readonly string[];
  readonly serial: number | null;
}

/** Who did it: login name and host name of the machine that the program ran on. */
export interface RolloutActor {
  readonly user: string;
  readonly host: string;
}

/** What a gate looks at on one host, at one moment. */
export interface HostHealth {
  /** Why the host could not be audited; null where it was. */
  readonly problem: string | null;
  /** Rules whose cause acts now: `accept-queue-overflow`, `listen-drops in nginx[4711]`. */
  readonly acting: readonly string[];
  /** Counters that the change is about. `rise`: between the two samples of the audit; null where that is not known. */
  readonly counters: Readonly<Record<string, { readonly value: number; readonly rise: number | null }>>;
  /** Connections to its services; null where none were tried. */
  readonly probe: { readonly attempts: number; readonly failed: number } | null;
}

/**
 * How one call of a script ended. `not-reached`: the script was surely not begun there. `lost`: the session ended before the
 * script told how it ended, so only the host knows. `busy`: another script of this plan is at work there.
 */
export type StepEnd =
  | 'done'
  | 'would-change'
  | 'refused'
  | 'failed'
  | 'undone'
  | 'stuck'
  | 'busy'
  | 'not-reached'
  | 'lost';

/** What one call of a script came to. */
export interface StepResult {
  readonly end: StepEnd;
  /** Null where the script did not tell. */
  readonly exitCode: number | null;
  /** What it said; null where it did not come to its end. */
  readonly report: ScriptReport | null;
  /** Why, in a sentence; null where there is nothing to say. */
  readonly because: string | null;
}

/** What a gate decided about one host. */
export interface GateHost {
  readonly name: string;
  readonly passed: boolean;
  /** Sentences, with numbers. */
  readonly because: readonly string[];
}

export type RolloutOutcome = 'done' | 'incomplete' | 'failed' | 'interrupted';

/** What happened, without its time. */
export type RolloutEvent =
  | {
      readonly type: 'rollout';
      readonly schema: typeof rolloutSchema;
      readonly id: string;
      readonly command: 'rollout' | 'rollback';
      readonly plan: string;
      /** `sha256:…` of plan.json. */
      readonly digest: string;
      readonly directory: string;
      readonly version: string;
      readonly by: RolloutActor;
      readonly options: RolloutOptions;
      readonly hosts: readonly RolloutHost[];
    }
  | { readonly type: 'resume'; readonly by: RolloutActor; readonly version: string }
  | { readonly type: 'batch'; readonly batch: number; readonly canary: boolean; readonly hosts: readonly string[] }
  | { readonly type: 'health'; readonly host: string; readonly when: 'before' | 'after'; readonly health: HostHealth }
  /** On disk before the script is sent: `script` is the checksum of its bytes, `sha256:…`. */
  | { readonly type: 'intent'; readonly host: string; readonly step: 'apply' | 'rollback'; readonly script: string }
  | ({ readonly type: 'step'; readonly host: string; readonly step: ScriptMode } & StepResult)
  /** The host did not come back in time: what is there is not known. */
  | { readonly type: 'unknown'; readonly host: string; readonly because: string }
  | {
      readonly type: 'gate';
      readonly batch: number;
      readonly passed: boolean;
      readonly because: readonly string[];
      readonly hosts: readonly GateHost[];
    }
  | {
      readonly type: 'end';
      readonly outcome: RolloutOutcome;
      readonly exitCode: number;
      readonly because: string;
    };

/** One line of the log: `at` is ISO 8601, UTC. */
export type RolloutRecord = RolloutEvent & { readonly at: string };

/**
 * Where a host stands.
 * - `waiting`: not begun. `checked`: its script would change it. `applied`: changed, not verified yet.
 * - `verified`: changed, and it holds. `unchanged`: there was nothing to do.
 * - `refused`, `not-reached`: not changed. `undone`: it failed, and the script took back what it had done.
 * - `unverified`, `stuck`: changed and wrong; to be rolled back.
 * - `applying`, `returning`: a script was sent, and its end is not in the log. `asking`, `asking-back`: that is being found out.
 * - `returned`: rolled back, not looked at yet. `rolled-back`: as before. `not-rolled-back`: it failed.
 * - `unknown`: nobody could ask it.
 */
export type HostStanding =
  | 'waiting'
  | 'checked'
  | 'applying'
  | 'asking'
  | 'applied'
  | 'verified'
  | 'unchanged'
  | 'refused'
  | 'not-reached'
  | 'undone'
  | 'unverified'
  | 'stuck'
  | 'returning'
  | 'asking-back'
  | 'returned'
  | 'rolled-back'
  | 'not-rolled-back'
  | 'unknown';

/** One key on one host of a rollout: schema `synaudit/rollout/1`, `hosts[].settings[]`. */
export interface RolloutSetting {
  readonly key: string;
  /** Running value; null where the host does not have the key, or did not tell. */
  readonly before: string | null;
  readonly after: string | null;
  /** The line that wins at boot, by engine. */
  readonly bootBefore: BootWinners;
  readonly bootAfter: BootWinners;
}

/** Null where no file sets the key, where the host has no such engine, or where it did not tell. */
export interface BootWinners {
  readonly procps: PlannedBoot | null;
  readonly systemd: PlannedBoot | null;
}

/** One host, as it is printed: schema `synaudit/rollout/1`, `hosts[]`. */
export interface RolloutHostResult {
  readonly name: string;
  readonly cohort: string;
  /** Null: its turn did not come. */
  readonly batch: number | null;
  readonly standing: HostStanding;
  /** Why; null where there is nothing to say. */
  readonly because: string | null;
  /** Null where no gate looked at it. */
  readonly gate: 'passed' | 'failed' | null;
  readonly settings: readonly RolloutSetting[];
  readonly health: { readonly before: HostHealth | null; readonly after: HostHealth | null };
}

/** A rollout or rollback, as `--format json` prints it. */
export interface RolloutDocument {
  readonly schema: typeof rolloutSchema;
  readonly rollout: Omit<Extract<RolloutEvent, { type: 'rollout' }>, 'type' | 'schema' | 'hosts'> & {
    readonly startedAt: string;
    /** Null: it did not end. */
    readonly finishedAt: string | null;
    readonly outcome: RolloutOutcome | null;
    readonly exitCode: number | null;
    readonly because: string | null;
  };
  /** `total`, and a key per standing that occurs. */
  readonly summary: Readonly<Record<string, number>>;
  readonly gates: readonly {
    readonly batch: number;
    readonly passed: boolean;
    readonly because: readonly string[];
    readonly hosts: readonly GateHost[];
  }[];
  readonly hosts: readonly RolloutHostResult[];
  /** Every record of the log, in order; with `--log` only. */
  readonly trail?: readonly RolloutRecord[];
}
