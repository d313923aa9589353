/**
 * How one connection attempt ended.
 * - `refused`: the SYN was answered by a reset (ECONNREFUSED): nobody listens.
 * - `reset`: an answer came, then the connection was reset before it could be used.
 * - `timeout`: no answer within the timeout of the attempt. The case that this program exists for.
 * - `unreachable`: a router or the host said so (ICMP: no route, prohibited), or the name is unknown there.
 * - `not-sent`: trouble of whoever asks (no local port or descriptor left, forwarding refused, tunnel lost): says nothing
 *   about the target, and counts as no attempt.
 */
export type AttemptOutcome = 'connected' | 'refused' | 'reset' | 'timeout' | 'unreachable' | 'not-sent';

/** One connection attempt. */
export interface Attempt {
  readonly outcome: AttemptOutcome;
  /** From the first SYN (or from asking the tunnel) to the outcome. Unit: ms, with fractions. */
  readonly ms: number;
  /** Errno name or what the other side said, one line without control characters: `ECONNREFUSED`, `No route to host`. */
  readonly why?: string;
}

/** What is connected to. */
export interface ProbeTarget {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Makes one attempt and closes what it opened. Never rejects; `signal` ends it early, with any outcome. */
export type Connector = (target: ProbeTarget, timeoutMs: number, signal: AbortSignal) => Promise<Attempt>;

/** A host that attempts are made from, through SSH forwarding (`direct-tcpip`, RFC 4254 7.2): nothing is started on it. */
export interface Tunnel {
  /** Never rejects. After the connection to the host was lost: `not-sent`, and `lost` says why. */
  connect(target: ProbeTarget, options: { readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<Attempt>;
  /** Shortest round trip measured between here and the host's sshd; null while none was. Unit: ms. */
  roundTripMs(): number | null;
  /** Connects that sshd still has under way though the attempt has timed out here: up to 127 s (tcp_syn_retries 6). */
  pending(): number;
  /** Why the tunnel is of no further use, one line: its connection ended. Null while it works; what is not forwarded is `not-sent`. */
  lost(): string | null;
  close(): void;
}

/** 95 % interval of a share, from 0 to 1. */
export interface ShareInterval {
  readonly low: number;
  readonly high: number;
}

/** A share with what it was counted from. Null where there was no attempt: that is no 0 %. */
export interface Share {
  readonly count: number;
  readonly attempts: number;
  readonly share: number | null;
  /** Score interval with continuity correction (Wilson). */
  readonly interval: ShareInterval | null;
}

/** Of connects that succeeded; the round trip of SSH is subtracted. Unit: ms. */
export interface ProbeLatency {
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Connects right after a SYN was sent for the first time (0 s) or again (1, 3, 7 s …). */
export interface RetryStep {
  /** Unit: s. */
  readonly afterSeconds: number;
  readonly connects: number;
}

/** What the attempts of one pair, or of all pairs, came to. */
export interface ProbeTally {
  /** Attempts that came to an end and say something of the target. */
  readonly attempts: number;
  readonly outcomes: Readonly<Record<Exclude<AttemptOutcome, 'not-sent'>, number>>;
  /** Trouble of whoever asked; in no share. */
  readonly notSent: number;
  /** Cut off by Ctrl-C or the deadline of the run; in no share. */
  readonly unfinished: number;
  /** Everything but `connected`. */
  readonly failures: Share;
  /** First SYNs without an answer within 1 s: timeouts, and connects that came after a SYN was sent again. */
  readonly firstSynLost: Share;
  readonly latency: ProbeLatency | null;
  readonly steps: readonly RetryStep[];
  /** Connects between the steps, slower than 1 s: slow for another reason. */
  readonly slow: number;
  /** Errno name or words of the other side to how often, the most frequent first. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Those of attempts that could not be made, alone; left out by old versions. */
  readonly notSentReasons?: Readonly<Record<string, number>>;
}

/** Attempts from one place to one target. */
export interface ProbePair extends ProbeTally {
  /** `here`, or the name of an inventory host. */
  readonly from: string;
  /** What was asked for: `web01:8080`, `[2001:db8::1]:443`. */
  readonly to: string;
  readonly host: string;
  readonly port: number;
  /** What was connected to, where the host is a name that was looked up here. */
  readonly address?: string;
  /** Name of the service of the inventory. */
  readonly service?: string;
  /** Subtracted from each connect; null where attempts were made from here, or none was measured. Unit: ms. */
  readonly roundTripMs: number | null;
  /** Why fewer attempts were made than asked for, one line. */
  readonly stopped?: string;
}

/** A place that attempts are made from. */
export interface ProbeOrigin {
  readonly name: string;
  /** Why nothing was tried from it, or no more; null where all went well. */
  readonly error: { readonly outcome: string; readonly message: string; readonly hint: string } | null;
}

/** How attempts are made. */
export interface ProbeOptions {
  /** Per pair. */
  readonly attempts: number;
  /** Attempts per second to one target, from all places together. */
  readonly perSecond: number;
  /** Attempts open at once from one place. */
  readonly concurrency: number;
  readonly timeoutMs: number;
}

/** What `measure` gives: pairs in the order asked for, and all of them together. */
export interface ProbeResult {
  readonly options: ProbeOptions;
  readonly pairs: readonly ProbePair[];
  readonly all: ProbeTally;
  /** Whether it ended before all attempts were made, by Ctrl-C or the deadline of the run. */
  readonly interrupted: boolean;
}

/** Name of the schema of a stored probe. Fields may be added within /1. */
export const probeSchema = 'synaudit/probe/1';

/** What changed in a share between two probes. */
export interface ShareChange {
  readonly before: Share;
  readonly after: Share;
  /** `after - before`; null where one has no attempts. */
  readonly difference: number | null;
  /** 95 %, by Newcombe's method from the two score intervals. */
  readonly interval: ShareInterval | null;
  /** Fisher's exact test, two-sided. */
  readonly p: number | null;
  /** `untold`: chance alone may give this difference. Among several pairs by Holm's rule. */
  readonly verdict: 'better' | 'worse' | 'untold';
  /** Attempts before, and as many after, that would show this difference (power 80 %, level 5 %); null where there is none. */
  readonly attemptsNeeded: number | null;
}

/** Two probes side by side. */
export interface ProbeComparison {
  /** Id of the earlier probe. */
  readonly before: string;
  /** Pairs that both have. */
  readonly pairs: readonly { readonly from: string; readonly to: string; readonly failures: ShareChange }[];
  /** Over the pairs that both have. */
  readonly failures: ShareChange;
  readonly firstSynLost: ShareChange;
  /** Pairs that only one of them has: `here to web01:80`. */
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
  /** What makes them hard to compare: another timeout, an interrupted one. Sentences. */
  readonly cautions: readonly string[];
  /** The result, in words. */
  readonly says: string;
}

/** A probe as stored and as `-f json` prints it. */
export interface ProbeDocument extends ProbeResult {
  readonly schema: typeof probeSchema;
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly version: string;
  /** `uname -r` of this machine. */
  readonly kernel: string;
  /** How long this program was kept from running, at the longest: times may be too long by as much. Unit: ms. */
  readonly lagMs: number;
  readonly origins: readonly ProbeOrigin[];
  /** What the numbers come to. Sentences. */
  readonly says: readonly string[];
  /** What a probe like this cannot show. Sentences. */
  readonly limits: readonly string[];
  readonly comparison: ProbeComparison | null;
}
