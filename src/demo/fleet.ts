import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type ssh2 from 'ssh2';
import type { ScriptOptions } from './accepted-script.ts';
import { listenOnLoopback } from './addresses.ts';
import { type Answer, replay, runIt, silence } from './answer.ts';
import { type HostServer, hostServer, sshServer } from './host-server.ts';
import { inventoryText, knownHostsText, type PlacedHost } from './inventory-text.ts';
import { type KeyPair, newKeyPair } from './keys.ts';
import { liveTree } from './live-tree.ts';
import { machines } from './machines.ts';
import { type DemoHost, roster } from './roster.ts';
import { busyboxShell, findBusybox, type Shell, systemShell } from './shell.ts';

/** Up to this many hosts each session really runs the collector; beyond, one of each kind does. */
const liveHosts = 50;

/** What `startFleet` is asked for. */
export interface FleetOptions {
  /** How many hosts, 1 to 100,000. */
  readonly hosts: number;
  /** `collectorScript` of collect/script.ts: writes the only text that the hosts run. */
  readonly collector: (options: ScriptOptions) => string;
  /** False: every host answers; for measurements. Default true. */
  readonly isFaulty?: boolean;
  /** Closes the fleet. */
  readonly signal?: AbortSignal;
  /** What a person may want to know: one line. */
  readonly onNote?: (line: string) => void;
}

/** Real SSH servers on loopback, in this process. They end with it. */
export interface Fleet {
  /** YAML, as `--inventory` reads it. Also in `directory`, as `inventory.yaml`. */
  readonly inventoryText: string;
  /** The private key that the hosts accept. */
  readonly identityFile: string;
  /** The hosts' keys; that of one host is not true any more. */
  readonly knownHostsFile: string;
  /** Private (0700); removed by `close`. */
  readonly directory: string;
  /** How to audit the fleet from another shell. */
  describe(): string;
  /** Ends every server, session and process, and removes the directory. May be called again. */
  close(): Promise<void>;
}

/** The keys of one run. */
interface Keys {
  /** The only one that is let in. */
  readonly client: KeyPair;
  /** Of every host, by known_hosts. */
  readonly host: KeyPair;
  /** Of the host whose key has changed since. */
  readonly newer: KeyPair;
}

interface ServerPlan {
  readonly directory: string;
  readonly collector: string;
  readonly keys: Keys;
  /** Whether each host has a tree of its own, or all of a kind share one whose words are replayed. */
  readonly isLive: boolean;
  readonly busybox: Shell | undefined;
}

/** Gives the SSH server that stands behind a host; hosts that are alike share theirs. */
function servers({ directory, collector, keys, isLive, busybox }: ServerPlan) {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  const made = new Map<string, Promise<ssh2.Server>>();

  const answerOf = async ({ name, machine, number, conduct }: DemoHost): Promise<Answer> => {
    if (conduct !== 'answers') return silence;
    const kind = machines[machine];
    const root = join(directory, 'hosts', String(number));
    const tree = await liveTree({ kind, number, bootId: randomUUID(), hostname: `${name}.demo` }, root, seconds);
    const real = runIt(kind.shell === 'busybox' && busybox !== undefined ? busybox : systemShell, tree);
    return isLive ? real : replay(real);
  };
  const make = async (host: DemoHost): Promise<ssh2.Server> => {
    const hostKey = host.conduct === 'changed-key' ? keys.newer : keys.host;
    return sshServer({ hostKey, clientKey: keys.client, collector, answer: await answerOf(host) });
  };
  return (host: DemoHost): Promise<ssh2.Server> => {
    const alike = isLive ? host.name : `${host.conduct} ${host.machine}`;
    const server = made.get(alike) ?? make(host);
    made.set(alike, server);
    return server;
  };
}

/** Lets every host listen. */
async function place(hosts: readonly DemoHost[], serverOf: (host: DemoHost) => Promise<ssh2.Server>) {
  const listeners: (HostServer | undefined)[] = [];
  for (const host of hosts) {
    listeners.push(host.conduct === 'unreachable' ? undefined : hostServer(await serverOf(host)));
  }
  const endpoints = await listenOnLoopback(listeners.map(host => host?.listener));
  const placed = hosts.flatMap((host, index): PlacedHost[] => {
    const endpoint = endpoints[index];
    return endpoint === undefined ? [] : [{ host, endpoint }];
  });
  const close = async (): Promise<void> => {
    await Promise.all(listeners.map(host => host?.close()));
  };
  return { placed, close };
}

type PlacedFleet = Awaited<ReturnType<typeof place>>;

/** Writes down how to reach the fleet. */
async function describeFleet({ placed, close }: PlacedFleet, keys: Keys, directory: string): Promise<Fleet> {
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(directory, name), text, { mode: 0o600 });
    return join(directory, name);
  };
  const text = inventoryText(placed);
  const hostLines = knownHostsText(placed, () => keys.host.publicText);
  const inventoryFile = await file('inventory.yaml', text);
  const identityFile = await file('id_ed25519', keys.client.privateText);
  const knownHostsFile = await file('known_hosts', hostLines);
  const flags = `-i ${inventoryFile} --identity ${identityFile} --known-hosts ${knownHostsFile} --ssh-config none`;
  const describe = (): string =>
    `${placed.length} hosts listen on loopback until this ends. From another shell:\n  synaudit audit ${flags}\n`;
  return { inventoryText: text, identityFile, knownHostsFile, directory, describe, close };
}

/** Everything below a new private directory. */
async function build({ hosts, collector, isFaulty = true, onNote }: FleetOptions, directory: string): Promise<Fleet> {
  const found = await findBusybox();
  const hasBusybox = found !== undefined;
  if (!hasBusybox) onNote?.('no busybox on this machine, hence no busybox host in the fleet');
  const busybox = hasBusybox ? await busyboxShell(found, join(directory, 'busybox')) : undefined;
  const keys: Keys = { client: newKeyPair(), host: newKeyPair(), newer: newKeyPair() };
  const reference = collector({ boundary: '0'.repeat(32), intervalSeconds: 0, sockets: 'bounded' });
  const serverOf = servers({ directory, collector: reference, keys, isLive: hosts <= liveHosts, busybox });
  const fleet = await place(roster({ hosts, hasBusybox, isFaulty }), serverOf);
  try {
    return await describeFleet(fleet, keys, directory);
  } catch (error) {
    await fleet.close();
    throw error;
  }
}

/**
 * Starts the embedded fleet: one SSH server per host on 127.0.0.0/8, each before a machine of its own, which accept one
 * new key, run nothing but the collector's text and are reachable from this machine only.
 * Throws InputError if the machine cannot have so many listeners; leaves nothing behind if it throws.
 */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const directory = await mkdtemp(join(tmpdir(), 'synaudit-demo-'));
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true, maxRetries: 5 });
  try {
    const fleet = await build(options, directory);
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => {
      closing ??= fleet.close().then(remove);
      return closing;
    };
    options.signal?.addEventListener('abort', () => void close(), { once: true });
    if (options.signal?.aborted === true) await close();
    return { ...fleet, close };
  } catch (error) {
    await remove();
    throw error;
  }
}
