import type { Snapshot } from './snapshot.ts';

/** How a visit ended. Exactly one per host. DESIGN.md, "Outcome". */
export type Outcome = 'audited' | 'partial' | FailureOutcome;

export type FailureOutcome =
  | 'unreachable'
  | 'timed-out'
  | 'hostkey-rejected'
  | 'auth-failed'
  | 'unsupported'
  | 'failed'
  | 'interrupted'
  | 'skipped';

export const outcomes: readonly Outcome[] = [
  'audited',
  'partial',
  'unreachable',
  'timed-out',
  'hostkey-rejected',
  'auth-failed',
  'unsupported',
  'failed',
  'interrupted',
  'skipped',
];

/** Where in a visit we are. `collect`: the output came, but is not what the collector prints. */
export type Phase = 'plan' | 'connect' | 'handshake' | 'auth' | 'exec' | 'collect';

/** Why a host was not audited, for people and for programs. */
export interface VisitError {
  readonly outcome: FailureOutcome;
  readonly phase: Phase;
  /** Stable, kebab-case: `refused`, `connect-timeout`, `hostkey-changed`, `no-shell` … */
  readonly code: string;
  /** What happened, one line, no secret in it. */
  readonly message: string;
  /** What to do next, one line. */
  readonly hint: string;
  /** The jump host where it happened, if it was not the host itself. */
  readonly hop?: string;
  /** Whether the same visit may succeed in a minute without anybody doing anything. */
  readonly retryable: boolean;
}

/** Milliseconds since the visit began; a phase that was not reached has no entry. */
export interface VisitTiming {
  /** TCP connected. */
  readonly connectMs?: number;
  /** Host key accepted, keys exchanged. */
  readonly handshakeMs?: number;
  readonly authMs?: number;
  readonly totalMs: number;
}

/** What the two sides agreed on. Names as in the SSH protocol: `diffie-hellman-group14-sha1`. */
export interface SshAlgorithms {
  readonly kex: string;
  readonly hostKey: string;
  /** Client to server; the other direction is the same on all servers that there are. */
  readonly cipher: string;
  /** Empty where the cipher authenticates by itself. */
  readonly mac: string;
}

/** What a transport brings back: what the script printed, or one error. It never throws for what a host does. */
export type Visit =
  | {
      readonly ok: true;
      readonly output: Buffer;
      /** First 4 KiB of standard error. */
      readonly stderr: string;
      /** Null where the server did not say (dropbear, a signal). */
      readonly exitCode: number | null;
      readonly timing: VisitTiming;
      /** Left out where no SSH was spoken, or the transport does not tell. */
      readonly algorithms?: SshAlgorithms;
      /** Remarks for the result: `host key was not checked (--host-keys off)`. */
      readonly notes: readonly string[];
      /** What was learnt of a host that nobody visited (`ingest`): it stands instead of the output. */
      readonly snapshot?: Snapshot;
    }
  | {
      readonly ok: false;
      readonly error: VisitError;
      readonly timing: VisitTiming;
      readonly notes: readonly string[];
    };
