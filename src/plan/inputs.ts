/** What a plan is made from, besides the host itself. */
import type { AlgorithmProfile, Host, TransportName } from '../model/host.ts';
import type { Deadlines, HostKeyMode } from '../model/plan.ts';
import type { ValueTools } from './keyword-values.ts';
import type { SshConfig } from './ssh-config.ts';
import type { Homes } from './tokens.ts';

/** Connection flags as given; what is left out was not. Paths are absolute. */
export interface ConnectionFlags {
  readonly user?: string;
  readonly identity?: string;
  /** `--jump`: `[user@]host[:port]`, or several with commas, outermost first; `none` for no hop. */
  readonly jump?: string;
  readonly knownHosts?: string;
  readonly hostKeys?: HostKeyMode;
  readonly transport?: TransportName;
  readonly algorithms?: AlgorithmProfile;
  /** The configuration that the program `ssh` is to read, if not its own: a path, or `none`. */
  readonly sshConfig?: string;
  readonly sudo?: boolean;
  /** Wins over ConnectTimeout. */
  readonly connectTimeoutMs?: number;
}

/** Where we run. Functions are asked for every host: they remember their answers. */
export interface Surroundings extends Homes, ValueTools {
  readonly localUser: string;
  /** `%i`. */
  readonly userId: string;
  /** `%l`: gethostname(2). */
  readonly hostName: string;
  /** `SSH_AUTH_SOCK`. */
  readonly agentSocket?: string;
  /** Our own directory for state: new keys go there where ssh_config sends them to /dev/null. */
  readonly stateDir: string;
  /** For `Match localnetwork`. */
  readonly localAddresses: () => readonly string[];
  /** Hexadecimal SHA-1, for `%C`. */
  readonly sha1: (text: string) => string;
}

/** One set of inputs serves all hosts of a run. */
export interface PlanInputs {
  readonly flags: ConnectionFlags;
  readonly config: SshConfig;
  /** Inventory hosts by name: hops may be among them. */
  readonly hosts: ReadonlyMap<string, Host>;
  readonly surroundings: Surroundings;
  readonly deadlines: Deadlines;
  /** Whether a default key is there. Asked several times per host: remember the answers. */
  readonly fileExists: (path: string) => boolean;
  readonly algorithms?: AlgorithmProfile;
}
