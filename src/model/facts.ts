import type { NatRange } from './host.ts';
import type { Reading } from './reading.ts';
import type { Profile } from './run.ts';
import type { Snapshot } from './snapshot.ts';
import type { SshAlgorithms } from './visit.ts';

/** One remote address behind which more than one client is (or is declared to be). */
export interface SharedAddress {
  readonly address: string;
  readonly connections: number;
  /** `declared:vpc-egress`, `tw_ts 12 s old`, `63 % of 41 remote ports to :8080 below 32768`. Never empty. */
  readonly because: readonly string[];
}

/** Who connects to this host's listening ports, without our own SSH connection. */
export interface ClientFacts {
  readonly connections: number;
  readonly addresses: number;
  readonly shared: readonly SharedAddress[];
  /** `nat` entries that this host's groups name in `clients`: sharing holds even with nobody connected now. */
  readonly declared: readonly NatRange[];
  /** False where some peers came only as counts per prefix: then "no peer in a declared range" is unknown. */
  readonly complete: boolean;
  /** Whether this server closes first (TIME_WAIT on service ports, or TW/TWKilled rising); null if it cannot be told. */
  readonly serverClosesFirst: boolean | null;
}

/** Counters of an earlier run of the same host in the same boot: one more, older sample. */
export interface EarlierRun {
  readonly runId: string;
  readonly secondsAgo: number;
  /** TcpExt.PAWSPassive then. */
  readonly pawsPassive: number;
}

/** All that rules may look at. */
export interface Facts {
  readonly snapshot: Snapshot;
  /** Absent where the sockets are: then nothing is known of the clients but what is declared. */
  readonly clients: Reading<ClientFacts>;
  readonly declared: readonly NatRange[];
  readonly earlierRun: EarlierRun | null;
  /** What the SSH session was made of. */
  readonly ssh: Reading<SshAlgorithms>;
  readonly profile: Profile;
}
