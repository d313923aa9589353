import type { ConnectPlan } from '../model/plan.ts';
import type { Tunnel } from '../model/probe.ts';
import type { Phase, Visit, VisitError } from '../model/visit.ts';

/** What is to be run on a host. */
export interface VisitRequest {
  /** A POSIX-sh script; sent on standard input to `sh -s`. */
  readonly script: string;
  /** Root prefix: the script reads the tree below this directory instead of `/` (`sh -s -- ROOT`). Only for `local`. */
  readonly root?: string;
  /** What the script is given: `sh -s -- --apply`. Plain words (letters, digits, `-`, `_`, `=`, `.`, `/`); others are a bug. */
  readonly args?: readonly string[];
  /**
   * Left out, `as-planned`: with the rights of the login where nobody becomes root. `root`: by root or not at all, as a refusal
   * `not-root`; for scripts that change something, which hence are never sent twice by themselves.
   */
  readonly rights?: 'as-planned' | 'root';
  /** Last line of complete output: once it came, the visit is over even if the channel stays open. */
  readonly endMarker: string;
  /** Output beyond this is an error, not a reason to use more memory. Unit: bytes. */
  readonly maxOutputBytes: number;
  /** Time the script sleeps on purpose; added to the exec deadline and to the host deadline. */
  readonly intervalMs: number;
}

/** Bounds handshakes in flight. The place is given back by calling the returned function, any number of times. */
export interface HandshakeGate {
  enter(signal: AbortSignal): Promise<() => void>;
}

/** What a visit tells while it goes on, and what may stop it. */
export interface VisitWatch {
  readonly gate: HandshakeGate;
  readonly onPhase: (phase: Phase) => void;
  /** Aborted by Ctrl-C or the run deadline: the visit ends at once as `interrupted`. */
  readonly signal: AbortSignal;
}

/** A tunnel, which whoever asked for it closes; or why there is none. Notes are as those of a visit. */
export type TunnelOpening =
  | { readonly ok: true; readonly tunnel: Tunnel; readonly notes: readonly string[] }
  | { readonly ok: false; readonly error: VisitError };

/** A way to run one script on one host. `visit` never rejects: what a host does is a value. */
export interface Transport {
  visit(plan: ConnectPlan, request: VisitRequest, watch: VisitWatch): Promise<Visit>;
  /** Makes connection attempts from the host possible, without starting anything on it. Never rejects. `watch` is over once it is open. */
  openTunnel?(plan: ConnectPlan, watch: VisitWatch): Promise<TunnelOpening>;
  /** Lets go of everything shared between visits: hop connections, files. */
  close(): Promise<void>;
}
