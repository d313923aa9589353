import type { AlgorithmProfile, TransportName } from './host.ts';

/** Deadlines of one visit, in milliseconds. Every one is ours; none is left to a library or a peer. */
export interface Deadlines {
  /** TCP connection, DNS included. */
  readonly connectMs: number;
  /** Identification string, key exchange and host key. */
  readonly handshakeMs: number;
  readonly authMs: number;
  /** From the request of the command to the last byte of its output. The interval is added to it. */
  readonly execMs: number;
  /** The whole visit, whatever it is doing. */
  readonly hostMs: number;
}

/** DESIGN.md, "Commands". */
export const defaultDeadlines: Deadlines = {
  connectMs: 5_000,
  handshakeMs: 15_000,
  authMs: 15_000,
  execMs: 20_000,
  hostMs: 60_000,
};

export type HostKeyMode = 'strict' | 'accept-new' | 'off';

/** How the key of a server is checked, and where new keys go. */
export interface HostKeyPolicy {
  readonly mode: HostKeyMode;
  /** Files that are read, in order; missing ones are empty. Absolute paths. */
  readonly files: readonly string[];
  /** Where `accept-new` appends. Never one of the user's files unless ssh_config names it first. */
  readonly appendTo: string;
  /** Name to look the key up by instead of address and port: ssh_config HostKeyAlias. */
  readonly alias?: string;
}

/** How to reach and log in to one host (or one hop): everything resolved, nothing left to look up. */
export interface ConnectPlan {
  /** The inventory name; used in every message. */
  readonly host: string;
  readonly transport: TransportName;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Outermost first. A hop has no hops of its own. */
  readonly hops: readonly ConnectPlan[];
  /** Private key files to try, in order; absolute paths. A missing default key is left out by the planner's caller. */
  readonly identityFiles: readonly string[];
  /** Of the agent's keys, offer only those whose public half is among identityFiles. */
  readonly identitiesOnly: boolean;
  readonly agentSocket?: string;
  readonly algorithms: AlgorithmProfile;
  readonly hostKeys: HostKeyPolicy;
  readonly deadlines: Deadlines;
  /** Where each value came from, for people: key of this plan to `flag --user`, `inventory.yaml:3:5`, `~/.ssh/config:12`, `default`. */
  readonly origins: Readonly<Record<string, string>>;
}
