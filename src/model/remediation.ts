import type { Severity } from './rule.ts';

/** Name of the schema of `plan.json`. Fields may be added within /1. */
export const planSchema = 'synaudit/plan/1';

/** A key that a plan may hold: dotted, a slash for a dot in the name of an interface. No part of it is empty or leads upwards. */
export const plannedKey = /^(?=.{1,200}$)[a-z][a-z0-9_]*(?:\.\w[\w/-]{0,63}){1,8}$/;

/** A value that a plan may hold: words and numbers with single blanks between. */
export const plannedValue = /^(?=.{1,200}$)[\w.-]{1,64}(?: [\w.-]{1,64}){0,7}$/;

/** Ids of cohorts are names of files. */
export const plannedCohort = /^c[1-9]\d{0,5}(?:-[a-z0-9]+){1,12}$/;

/** Ids of plans, made as those of runs, name a directory on the hosts. */
export const plannedId = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/;

/** What a host may call itself, if a script is to know it by that. */
export const plannedHostname = /^\w[\w.-]{0,252}$/;

/** One sysctl key that hosts of a cohort get another value of. */
export interface PlannedChange {
  /** Dotted: `net.ipv4.tcp_tw_recycle`. */
  readonly key: string;
  /** Running value that the plan was made for. Blanks between numbers are single spaces. */
  readonly from: string;
  readonly to: string;
  /** Rules that ask for it, the most severe first. */
  readonly rules: readonly string[];
  readonly severity: Severity;
  /** What it does, in words. */
  readonly summary: string;
  readonly risk: string;
  /** Why, of one of its hosts with its numbers: `web01: SYNs are being dropped now …`. */
  readonly because?: string;
  /** Rules that want another value of the key, and are less severe or come later. */
  readonly insteadOf?: readonly { readonly rule: string; readonly to: string }[];
}

/** Where a host gets a key from at boot, when it was audited. */
export interface PlannedBoot {
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

/** One host of a cohort. */
export interface PlannedTarget {
  /** Name in the inventory. */
  readonly name: string;
  /** What it calls itself (/proc/sys/kernel/hostname): by that the script knows that it is on a host of its plan. */
  readonly hostname: string;
  readonly kernel: string | null;
  /** By key; null where no file sets it. */
  readonly boot: Readonly<Record<string, PlannedBoot | null>>;
}

/** Hosts that need the same change: one script for all of them. */
export interface PlannedCohort {
  /** Name of its files: `c1-tw-recycle`. */
  readonly id: string;
  readonly changes: readonly PlannedChange[];
  readonly hosts: readonly PlannedTarget[];
}

/** What no script does. */
export interface ByHand {
  readonly rule: string;
  readonly severity: Severity;
  /** Folded: `web[01-12]`. */
  readonly hosts: string;
  /** What is to be done. */
  readonly summary: string;
  readonly risk: string;
  /** Why no script does it, in one sentence. */
  readonly why: string;
}

/** `plan.json`. Its digest is the SHA-256 of its bytes, and covers every other file by `files`. */
export interface RemediationPlan {
  readonly schema: typeof planSchema;
  /** Begins with its time in UTC, as ids of runs do; names the directory of the way back on the hosts. */
  readonly id: string;
  readonly createdAt: string;
  readonly version: string;
  /** The audit that it follows from. */
  readonly run: { readonly id: string; readonly startedAt: string; readonly subject: string };
  readonly cohorts: readonly PlannedCohort[];
  readonly byHand: readonly ByHand[];
  readonly leftOut: {
    /** Findings that somebody has accepted: of host and rule. */
    readonly waived: number;
    /** Hosts of which nothing is known, folded: `web[01-12]`; empty if there are none. */
    readonly notAudited: string;
  };
  /** SHA-256 in hex by path below the directory of the plan. */
  readonly files: Readonly<Record<string, string>>;
}

/** What a script of a plan may be asked to do. `check` changes nothing and is what it does unless it is told otherwise. */
export type ScriptMode = 'check' | 'apply' | 'verify' | 'rollback';

/**
 * How a script ends. `refused`: not a host of the plan, or the facts do not hold any more; nothing was changed.
 * `undone`: it failed, and everything it had changed is as before. `stuck`: it failed, and what it changed is still there.
 */
export const scriptExits = { done: 0, failed: 1, usage: 2, refused: 3, undone: 4, stuck: 5, wouldChange: 10 } as const;

/** How far a plan is on a host; `busy`: another script of this plan is at work there. */
export type ScriptState = 'none' | 'begun' | 'applied' | 'rolled-back' | 'busy';

/** Where state for the way back lies on a host: root's, 0700, below it a directory per plan. */
export const stateDirectory = '/var/lib/synaudit';

/** The last line of what a script prints. */
export const scriptEnd = '@synaudit end';

/** One key as a script found or left it on its host. */
export interface ScriptSetting {
  readonly key: string;
  /** Null: the host does not have the key, or it cannot be read. */
  readonly running: string | null;
  /** The line that wins at the next boot, by engine; null: no file sets it, or the host has no such engine. */
  readonly procps: PlannedBoot | null;
  readonly systemd: PlannedBoot | null;
}

/** What a script said. */
export interface ScriptReport {
  readonly state: ScriptState;
  readonly before: readonly ScriptSetting[];
  readonly after: readonly ScriptSetting[];
  /** In words: `write /etc/sysctl.d/zz-synaudit.conf`, `comment out /etc/sysctl.conf:17`; done, or (check) to be done. */
  readonly steps: readonly string[];
  /** Why it refused or failed, in sentences. */
  readonly problems: readonly string[];
}
