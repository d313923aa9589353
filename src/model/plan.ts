import type { AlgorithmProfile, TransportName } from './host.ts';
import type { VisitError } from './visit.ts';

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
  /** Keys that are refused whoever presents them: ssh_config RevokedHostKeys. No host is believed if it cannot be read. */
  readonly revokedFile?: string;
}

/** Ways to log in that this program knows: RFC 4252, RFC 4256. */
export type AuthMethod = 'publickey' | 'keyboard-interactive' | 'password';

/** A list of algorithms that ssh_config gives, in order, with `+ - ^` resolved against OpenSSH's own list. */
export interface AlgorithmChoice {
  readonly names: readonly string[];
  /** Names that the user wrote: they keep the place that they were given. */
  readonly written: readonly string[];
  /** Host keys: those of types that known_hosts holds come first, as without a list. */
  readonly isReordered: boolean;
  /** Where the list stands: `~/.ssh/config:12`. */
  readonly origin: string;
}

/** What ssh_config says of algorithms; a family that it does not mention is left to the profile. */
export interface AlgorithmChoices {
  readonly kex?: AlgorithmChoice;
  readonly hostKeys?: AlgorithmChoice;
  readonly ciphers?: AlgorithmChoice;
  readonly macs?: AlgorithmChoice;
  /** Of keys to log in with. */
  readonly userKeys?: AlgorithmChoice;
}

/** How often a silent peer is asked whether it is there, and how many times before it is given up. */
export interface Keepalive {
  readonly intervalMs: number;
  readonly countMax: number;
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
  /** CertificateFile: transport ssh2 names them in messages only, as it cannot use them. */
  readonly certificateFiles?: readonly string[];
  /** In the order in which they are tried; left out: publickey, then what passwords there are. */
  readonly authMethods?: readonly AuthMethod[];
  readonly algorithms: AlgorithmProfile;
  readonly algorithmChoices?: AlgorithmChoices;
  /** For transport openssh: the configuration that ssh reads instead of its own; a path, or `none`. */
  readonly sshConfig?: string;
  /** Left out: both IPv4 and IPv6. */
  readonly addressFamily?: 'inet' | 'inet6';
  /** Address or name to connect from. */
  readonly bindAddress?: string;
  /** Interface whose address to connect from; bindAddress wins. */
  readonly bindInterface?: string;
  /** Command for `$SHELL -c` whose input and output are the connection, tokens expanded. Never together with hops. */
  readonly proxyCommand?: string;
  /** Nobody is asked for anything of this host: ssh_config BatchMode. */
  readonly isBatch?: true;
  /** Become root by sudo for the script. `account` says whose password is asked for: `deploy`, `deploy of web`. */
  readonly sudo?: { readonly account: string };
  /** Left out: every 10 s, three times. */
  readonly keepalive?: Keepalive;
  /** Why nothing is tried: ssh_config makes a connection impossible. The visit ends with it. */
  readonly refusal?: Pick<VisitError, 'outcome' | 'code' | 'message' | 'hint'>;
  readonly hostKeys: HostKeyPolicy;
  readonly deadlines: Deadlines;
  /** Where each value came from, for people: key of this plan to `flag --user`, `inventory.yaml:3:5`, `~/.ssh/config:12`, `default`. */
  readonly origins: Readonly<Record<string, string>>;
}
