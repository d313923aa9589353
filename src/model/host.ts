import type { Complaint } from './input-error.ts';

/** Where in a file a thing was written. Lines and columns count from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Which SSH algorithms a host may be offered. */
export type AlgorithmProfile = 'modern' | 'compatible' | 'legacy';

/** From the newest to the oldest; each offers what those before it offer, too. */
export const algorithmProfiles: readonly AlgorithmProfile[] = ['modern', 'compatible', 'legacy'];

/** Ways to reach a host: SSH by this process, SSH by the program `ssh` of this machine, a shell of this machine. */
export type TransportName = 'ssh2' | 'openssh' | 'local';

export const transportNames: readonly TransportName[] = ['ssh2', 'openssh', 'local'];

/** A named thing that clients connect to on the hosts of a group. */
export interface Service {
  readonly name: string;
  readonly port: number;
}

/** Address ranges behind which many clients share one address. */
export interface NatRange {
  readonly name: string;
  readonly cidrs: readonly string[];
  /** `expected`: the clients will come from there after the migration. */
  readonly status: 'active' | 'expected';
}

/** A finding accepted for a while, by somebody, for a reason. */
export interface Waiver {
  readonly rule: string;
  /** A host pattern, as in `--limit`. */
  readonly hosts: string;
  readonly reason: string;
  readonly owner?: string;
  /** Last day on which it holds, `YYYY-MM-DD`. */
  readonly expires: string;
  readonly location: Location;
}

/** What an inventory says of one host. What is left out is decided by ssh_config and defaults (plan/). */
export interface Host {
  /** The name in the inventory, and in every output. */
  readonly name: string;
  readonly groups: readonly string[];
  readonly address?: string;
  readonly port?: number;
  readonly user?: string;
  /** Path of a private key. */
  readonly identity?: string;
  /** Jump hosts, outermost first: inventory names or ssh_config aliases. */
  readonly hops: readonly string[];
  readonly transport?: TransportName;
  readonly algorithms?: AlgorithmProfile;
  readonly sudo: boolean;
  readonly zone?: string;
  /** How many hosts of its group may be changed at a time. */
  readonly serial?: number;
  /** Names of `nat` entries that this host's clients come from. */
  readonly clients: readonly string[];
  readonly services: readonly Service[];
  /** Rule parameters by rule id, as the inventory gives them. */
  readonly rules: Readonly<Record<string, unknown>>;
  readonly location: Location;
  /** All that an inventory of another program says of it, for `inventory list -f json`; without secrets. Made when asked for. */
  readonly variables?: () => Readonly<Record<string, unknown>>;
}

/** A host of which nothing is known but its name: an argument, a jump host, a saved tree. */
export const namedHost = (name: string, location: Location): Host => ({
  name,
  groups: [],
  hops: [],
  sudo: false,
  clients: [],
  services: [],
  rules: {},
  location,
});

/** One or more inventory files, read and checked. Hosts keep the order of the files. */
export interface Inventory {
  readonly files: readonly string[];
  readonly hosts: readonly Host[];
  /** Group name to the names of its hosts, in order. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly nat: readonly NatRange[];
  readonly waivers: readonly Waiver[];
  /** Worth knowing, and no fault: what is read otherwise than it may be meant. */
  readonly notes?: readonly Complaint[];
  /** All hosts in the order in which `all[0]` counts them; without it, the order of `hosts`. */
  readonly countingOrder?: readonly string[];
}
