import { lstat, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { type Frames, readFrames } from '../collect/frames.ts';
import { inventoryOf } from '../inventory/argument.ts';
import { type Inventory, namedHost } from '../model/host.ts';
import { type Complaint, InputError, inputError } from '../model/input-error.ts';
import { type ConnectPlan, defaultDeadlines } from '../model/plan.ts';
import type { Visit } from '../model/visit.ts';
import { noSshConfig } from '../plan/ssh-config.ts';
import { counterSources } from '../sources/index.ts';
import type { Transport, VisitRequest } from '../transport/transport.ts';
import type { Action } from './commands.ts';
import { conduct, visitRequest } from './conduct.ts';
import { errnoText, isErrno } from './files.ts';
import { selectedHosts } from './hosts.ts';
import { outputSettings } from './output.ts';
import { longFlag, readOptions, verdictSettings, visitSettings } from './settings.ts';
import { openTransports, type Transports } from './transports.ts';
import type { World } from './world.ts';

/** `synaudit ingest PATH…`: judges saved trees and saved collector output as if they were hosts that were visited. */
export const ingest: Action = async ({ args, options }, world) => {
  const read = readOptions(options);
  const output = outputSettings(read, 'ingest', world);
  const verdict = verdictSettings(read);
  const [asHost, earlierPath] = [read.text('asHost'), read.text('earlier')];
  for (const name of ['asHost', 'earlier'] as const) {
    if (read.text(name) !== undefined && args.length > 1)
      read.complain(`${longFlag(name)} goes with one PATH, not with ${args.length}`);
  }
  read.done();

  await checkPaths(earlierPath === undefined ? args : [...args, earlierPath]);
  const inventory = await namedInventory(read.list('inventory'), world);
  const transports = openTransports(world);
  try {
    const hosts = args.map(path => savedHost(path, { inventory, name: asHost ?? hostName(path, args) }));
    const reader = savedReader(transports);
    const earlier = earlierPath === undefined ? undefined : await earlierFrames(earlierPath, reader);
    const visits = { ...visitSettings(read), intervalSeconds: 0 };
    const saved = earlier === undefined ? {} : { earlier };
    return await conduct(
      { subject: 'saved', inventory, hosts, transportOf: () => reader, verdict, visits, output, saved },
      world,
    );
  } finally {
    await transports.close();
  }
};

/** Groups, clients and waivers of saved hosts, if an inventory is named; the default one is not looked for. */
async function namedInventory(files: readonly string[], world: World): Promise<Inventory> {
  if (files.length === 0) return inventoryOf([]);
  return (await selectedHosts({ arguments: [], files, limit: undefined }, noSshConfig(), world)).inventory;
}

/** The last part of the path; where two paths end alike, all that they do not share at the beginning. */
function hostName(path: string, all: readonly string[]): string {
  const parts = all.map(other => resolve(other).split('/'));
  const last = basename(resolve(path));
  if (last !== '' && parts.filter(other => other.at(-1) === last).length === 1) return last;
  const [first = []] = parts;
  const shared = first.findIndex((part, i) => parts.some(other => other[i] !== part));
  return shared < 0 ? path : resolve(path).split('/').slice(shared).join('/');
}

function savedHost(path: string, { inventory, name }: { inventory: Inventory; name: string }) {
  const found = inventory.hosts.find(candidate => candidate.name === name);
  const host = found ?? namedHost(name, { file: path, line: 1, column: 1 });
  return { host, plan: savedPlan(name, path) };
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

/** "Visits" a path: a directory by running the collector over it, a file by reading it. */
function savedReader(transports: Transports): Transport {
  return {
    async visit(plan, request, watch): Promise<Visit> {
      const root = resolve(plan.address);
      if ((await stat(root)).isDirectory()) return transports.of(plan).visit(plan, { ...request, root }, watch);
      return { ok: true, output: await readFile(root), stderr: '', exitCode: 0, timing: { totalMs: 0 }, notes: [] };
    },
    close: () => transports.close(),
  };
}

async function earlierFrames(path: string, reader: Transport): Promise<Frames> {
  const request: VisitRequest = visitRequest({ intervalSeconds: 0, sockets: 'bounded' }, '0'.repeat(32));
  const gate = { enter: () => Promise.resolve(() => {}) };
  const watch = { gate, onPhase: () => {}, signal: new AbortController().signal };
  const visit = await reader.visit(savedPlan('earlier', path), request, watch);
  if (!visit.ok) throw inputError(`--earlier ${path}: ${visit.error.message}; ${visit.error.hint}`);
  const read = readFrames(visit.output);
  if (!read.ok) throw inputError(`--earlier ${path}: the output is not complete`);
  return read.frames;
}

async function checkPaths(paths: readonly string[]): Promise<void> {
  const complaints: Complaint[] = [];
  for (const path of paths) {
    const message = await whyUnusable(path);
    if (message !== undefined) complaints.push({ message: `${path}: ${message}` });
  }
  if (complaints.length > 0) throw new InputError(complaints);
}

/** Any of these is something to judge. What only names the host (os-release) is not. */
const sought = [
  ...counterSources.map(({ path }) => path),
  'proc/net/tcp',
  'proc/sys/net/ipv4',
  'etc/sysctl.conf',
  'etc/sysctl.d',
];

async function whyUnusable(path: string): Promise<string | undefined> {
  try {
    if (!(await stat(path)).isDirectory()) {
      const read = readFrames(await readFile(path));
      return read.ok || read.why === 'no-sentinel'
        ? undefined
        : 'no output of the collector (synaudit collector) is in this file';
    }
  } catch (error) {
    if (isErrno(error)) return errnoText(error);
    throw error;
  }
  for (const part of sought) {
    // lstat: where a link leads is decided inside the tree, by the collector
    if (
      await lstat(join(path, part)).then(
        () => true,
        () => false,
      )
    )
      return undefined;
  }
  return `nothing to judge is in this directory; looked for ${sought.join(', ')}`;
}
