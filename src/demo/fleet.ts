import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CollectorText } from './accepted-script.ts';
import { listenOnLoopback } from './addresses.ts';
import { type Answer, replay, runIt, silence } from './answer.ts';
import { type HostServer, hostServer } from './host-server.ts';
import { inventoryText, knownHostsText, type PlacedHost } from './inventory-text.ts';
import { newKeyPair } from './keys.ts';
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
  /** `collectorScript` of collect/script.ts: the only text that the hosts run. */
  readonly collector: CollectorText;
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

/** Makes the answer of a host: over a tree of its own, or over the one of its kind. */
function answers(directory: string, options: { readonly isLive: boolean; readonly busybox: Shell | undefined }) {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  const ofKind = new Map<string, Promise<Answer>>();
  const own = async ({ machine, number }: DemoHost): Promise<Answer> => {
    const kind = machines[machine];
    const root = join(directory, 'hosts', String(number));
    const tree = await liveTree({ kind, number, bootId: randomUUID() }, root, seconds);
    return runIt(kind.shell === 'busybox' && options.busybox !== undefined ? options.busybox : systemShell, tree);
  };
  return async (host: DemoHost): Promise<Answer> => {
    if (host.conduct !== 'answers') return silence;
    if (options.isLive) return own(host);
    const shared = ofKind.get(host.machine) ?? own(host).then(replay);
    ofKind.set(host.machine, shared);
    return shared;
  };
}

type ServerOf = (host: DemoHost) => Promise<HostServer | undefined>;

/** Builds all servers and lets them listen. */
async function place(hosts: readonly DemoHost[], serverOf: ServerOf) {
  const servers: (HostServer | undefined)[] = [];
  for (const host of hosts) servers.push(await serverOf(host));
  const endpoints = await listenOnLoopback(servers.map(server => server?.listener));
  const placed = hosts.flatMap((host, index): PlacedHost[] => {
    const endpoint = endpoints[index];
    return endpoint === undefined ? [] : [{ host, endpoint }];
  });
  const close = async (): Promise<void> => {
    await Promise.all(servers.map(server => server?.close()));
  };
  return { placed, close };
}

/** Everything below a new private directory. */
async function build({ hosts, collector, onNote }: FleetOptions, directory: string): Promise<Fleet> {
  const busybox = await findBusybox();
  if (busybox === undefined) onNote?.('demo: no busybox on this machine, hence no busybox host in the fleet');
  const shell = busybox === undefined ? undefined : await busyboxShell(busybox, join(directory, 'busybox'));
  const [clientKey, hostKey, newerKey] = [newKeyPair(), newKeyPair(), newKeyPair()];
  const answerOf = answers(directory, { isLive: hosts <= liveHosts, busybox: shell });

  const fleet = await place(roster(hosts, busybox !== undefined), async host => {
    if (host.conduct === 'unreachable') return undefined;
    const own = host.conduct === 'changed-key' ? newerKey : hostKey;
    return hostServer({ hostKey: own, clientKey, collector, answer: await answerOf(host) });
  });
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(directory, name), text, { mode: 0o600 });
    return join(directory, name);
  };
  const text = inventoryText(fleet.placed);
  const inventoryFile = await file('inventory.yaml', text);
  const identityFile = await file('id_ed25519', clientKey.privateText);
  const knownHostsFile = await file(
    'known_hosts',
    knownHostsText(fleet.placed, () => hostKey.publicText),
  );
  const command = `synaudit audit -i ${inventoryFile} --identity ${identityFile} --known-hosts ${knownHostsFile} --ssh-config none`;
  return {
    inventoryText: text,
    identityFile,
    knownHostsFile,
    directory,
    describe: () =>
      `${fleet.placed.length} hosts listen on loopback until this ends. From another shell:\n  ${command}\n`,
    close: fleet.close,
  };
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
