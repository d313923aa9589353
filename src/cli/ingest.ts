import { basename, resolve } from 'node:path';
import { inventoryOf } from '../inventory/argument.ts';
import { type Inventory, namedHost } from '../model/host.ts';
import { type ConnectPlan, defaultDeadlines } from '../model/plan.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Visit } from '../model/visit.ts';
import { noSshConfig } from '../plan/ssh-config.ts';
import { withEarlier } from '../snapshot/earlier.ts';
import type { Transport, VisitRequest, VisitWatch } from '../transport/transport.ts';
import type { Action } from './commands.ts';
import { conduct, visitRequest } from './conduct.ts';
import { selectedHosts } from './hosts.ts';
import { outputSettings } from './output.ts';
import { checkSaved, earlierSnapshot, type SavedTools, snapshotOfVisit, visitSaved } from './saved-host.ts';
import { type OptionReader, readOptions, verdictSettings, visitSettings } from './settings.ts';
import { openTransports, type Transports } from './transports.ts';
import type { World } from './world.ts';

/** `synaudit ingest PATH…`: judges saved trees, saved collector output and pasted texts as if they were hosts that were visited. */
export const ingest: Action = async ({ args, options }, world) => {
  const read = readOptions(options);
  const output = outputSettings(read, 'ingest', world);
  const verdict = verdictSettings(read);
  const earlierPath = read.text('earlier');
  const saved = savedHosts(args, read);
  read.done();

  const transports = openTransports(world);
  const tools = savedTools(transports, world);
  try {
    await checkSaved(
      [...saved.map(({ paths }) => paths), ...(earlierPath === undefined ? [] : [[earlierPath]])],
      tools,
    );
    const inventory = await namedInventory(read.list('inventory'), world);
    const earlier = earlierPath === undefined ? undefined : await earlierSnapshot(earlierPath, tools);
    const reader = savedReader(saved, { tools, transports, earlier });
    const hosts = saved.map(host => plannedHost(host, inventory));
    const visits = { ...visitSettings(read), intervalSeconds: 0 };
    return await conduct(
      { subject: 'saved', inventory, hosts, transportOf: () => reader, verdict, visits, output, saved: true },
      world,
    );
  } finally {
    await transports.close();
  }
};

/** One host, and what was saved of it. */
interface SavedHost {
  readonly name: string;
  readonly paths: readonly string[];
}

/** A host per path, or, with a name for it, one of all paths. */
function savedHosts(args: readonly string[], read: OptionReader): readonly SavedHost[] {
  const asHost = read.text('asHost');
  if (asHost !== undefined) return [{ name: asHost, paths: args }];
  if (read.text('earlier') !== undefined && args.length > 1) {
    read.complain(`--earlier is of one host, not of ${args.length}; --as-host makes one of several paths`);
  }
  return args.map(path => ({ name: hostName(path, args), paths: [path] }));
}

/** The last part of the path; where two paths end alike, all that they do not share at the beginning. */
function hostName(path: string, all: readonly string[]): string {
  if (path === '-') return 'stdin';
  const parts = all.map(other => resolve(other).split('/'));
  const last = basename(resolve(path));
  if (last !== '' && parts.filter(other => other.at(-1) === last).length === 1) return last;
  const [first = []] = parts;
  const shared = first.findIndex((part, i) => parts.some(other => other[i] !== part));
  return shared < 0 ? path : resolve(path).split('/').slice(shared).join('/');
}

/** Groups, clients and waivers of saved hosts, if an inventory is named; the default one is not looked for. */
async function namedInventory(files: readonly string[], world: World): Promise<Inventory> {
  if (files.length === 0) return inventoryOf([]);
  return (await selectedHosts({ arguments: [], files, limit: undefined }, noSshConfig(), world)).inventory;
}

function plannedHost({ name, paths }: SavedHost, inventory: Inventory) {
  const [path = ''] = paths;
  const found = inventory.hosts.find(candidate => candidate.name === name);
  const host = found ?? namedHost(name, { file: path, line: 1, column: 1 });
  return { host, plan: savedPlan(name, paths.join(', ')) };
}

/** What the transports want to know, of which only the path counts here. */
const savedPlan = (host: string, path: string): ConnectPlan => ({
  host,
  transport: 'local',
  address: path,
  port: 0,
  user: '',
  hops: [],
  identityFiles: [],
  identitiesOnly: false,
  algorithms: 'modern',
  hostKeys: { mode: 'strict', files: [], appendTo: '' },
  deadlines: defaultDeadlines,
  origins: {},
});

/** Reads outside of a run: nothing waits for it, and nothing stops it. */
function savedTools(transports: Transports, world: World): SavedTools {
  const request: VisitRequest = visitRequest({ intervalSeconds: 0, sockets: 'bounded' }, '0'.repeat(32));
  const watch: VisitWatch = {
    gate: { enter: () => Promise.resolve(() => {}) },
    onPhase: () => {},
    signal: new AbortController().signal,
  };
  let stdin: Promise<string> | undefined;
  return {
    readTree: root => readTree(root, { transports, request, watch }),
    readStdin: () => {
      stdin ??= world.readStdin();
      return stdin;
    },
  };
}

interface TreeReading {
  readonly transports: Transports;
  readonly request: VisitRequest;
  readonly watch: VisitWatch;
}

/** "Visits" a directory by running the collector over it. */
function readTree(root: string, { transports, request, watch }: TreeReading): Promise<Visit> {
  const plan = savedPlan('saved', root);
  return transports.of(plan).visit(plan, { ...request, root }, watch);
}

interface Reading {
  readonly tools: SavedTools;
  readonly transports: Transports;
  readonly earlier: Snapshot | undefined;
}

/** "Visits" saved hosts by reading what was saved of them. */
function savedReader(saved: readonly SavedHost[], { tools, transports, earlier }: Reading): Transport {
  const pathsOf = new Map(saved.map(({ name, paths }) => [name, paths]));
  return {
    async visit(plan, request, watch): Promise<Visit> {
      const paths = pathsOf.get(plan.host) ?? [];
      const visit = await visitSaved(paths, {
        ...tools,
        readTree: root => readTree(root, { transports, request, watch }),
      });
      const now = visit.ok && earlier !== undefined ? snapshotOfVisit(visit) : undefined;
      return visit.ok && earlier !== undefined && now !== undefined
        ? { ...visit, snapshot: withEarlier(now, earlier) }
        : visit;
    },
    close: () => transports.close(),
  };
}
