import { randomBytes } from 'node:crypto';
import { release } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { findProbe, newProbeId, storeProbe } from '../history/probes.ts';
import type { Host } from '../model/host.ts';
import { InputError, inputError } from '../model/input-error.ts';
import {
  type ProbeDocument,
  type ProbeOptions,
  type ProbeOrigin,
  type ProbeResult,
  probeSchema,
} from '../model/probe.ts';
import { defaultProbeOptions, measurePairs, type NamedTarget, type Origin } from '../probe/attempts.ts';
import { compareProbes } from '../probe/compare.ts';
import { conclusionsOf } from '../probe/conclusion.ts';
import { limitsOf } from '../probe/limits.ts';
import { checkedProbe } from '../report/probe-schema.ts';
import { stripControls } from '../text/ansi.ts';
import { parsedJson } from '../text/json.ts';
import { grouped } from '../text/share.ts';
import type { Action } from './commands.ts';
import { connectionSettings, planHosts } from './connections.ts';
import { reasonOf } from './errno.ts';
import { exitCodes } from './exit.ts';
import { byFlag, readNamed } from './files.ts';
import { patternHosts, selectedHosts } from './hosts.ts';
import { here, openOrigins } from './probe-origins.ts';
import { openProbeOutput, probeJson, probeOutput, probeProgress } from './probe-output.ts';
import { namedCount, patternIn, readTargets, type TargetWords, targetsOf, withAddress } from './probe-targets.ts';
import { secretSources } from './secrets.ts';
import { type OptionReader, readOptions } from './settings.ts';
import { readSshConfig } from './ssh-config.ts';
import { openTransports } from './transports.ts';
import { version } from './version.ts';
import { expandHome, probesDirectory, type World } from './world.ts';

/** More attempts than this in one probe are asked for by `--allow-many` or not meant. */
const manyAttempts = 100_000;
/** With it. Each attempt that connects is kept as a number until the end. */
const mostAttempts = 2_000_000;
/** `synaudit probe`: how often connections fail, from here or from hosts of the inventory. */
export const probe: Action = async ({ options }, world) => {
  const read = readOptions(options);
  const output = probeOutput(read, world);
  const how = probeOptions(read);
  const connection = connectionSettings(read, world);
  const places = { to: read.list('to'), from: read.text('from'), files: read.list('inventory') };
  if (places.to.length === 0) read.complain('--to is needed: HOST:PORT, or a pattern of inventory hosts with services');
  const runTimeoutMs = read.duration('runTimeout');
  if (runTimeoutMs !== undefined && runTimeoutMs <= how.timeoutMs)
    read.complain('--run-timeout must be longer than --timeout, or no attempt could end');
  const isManyAllowed = read.isOn('allowMany');
  read.done();
  const words = readTargets(places.to);
  refuseTooMany(namedCount(words) * how.attempts, isManyAllowed);
  const show = openProbeOutput(output, world);
  const before = await earlierProbe(read.text('compare'), world);
  const sshConfig = await readSshConfig(read, world);
  const { named, fromHosts } = await whoAndWhat(
    { ...places, words },
    { sshConfig, connection, isQuiet: output.quiet, world },
  );
  const total = named.length * (fromHosts?.length ?? 1) * how.attempts;
  refuseTooMany(total, isManyAllowed);
  // From hosts, names are looked up by the hosts.
  const targets = fromHosts === null ? await Promise.all(named.map(withAddress)) : named;

  const isFromHosts = fromHosts !== null;
  const startedAt = new Date();
  const lag = monitorEventLoopDelay({ resolution: 10 });
  lag.enable();
  // Secrets are asked for where tunnels are opened, and nowhere else.
  const asked = isFromHosts ? secretSources(world) : undefined;
  const progress = probeProgress(total, { isQuiet: output.quiet, isPaused: asked?.isAsking }, world);
  const stop = world.stopSignals(() =>
    progress.note('waiting for what is open, beginning nothing more; Ctrl-C again stops at once'),
  );
  const measured = { how, targets, runTimeoutMs, stop, progress };
  try {
    const { result, origins } =
      fromHosts === null
        ? await measureFrom([here], [], measured)
        : await fromTunnels(fromHosts, measured, openTransports(world, asked?.secrets));
    const document = documentOf(result, { startedAt, lagMs: lag.max / 1e6, origins, isFromHosts, before });
    progress.close();
    const isStored = await store(document, world);
    show(document);
    if (isStored && !output.quiet)
      world.stderr.write(`synaudit: stored; compare a later one by --compare ${document.id}\n`);
    if (stop.winding.aborted || stop.now.aborted) return exitCodes.interrupted;
    return isComplete(document) ? exitCodes.done : exitCodes.incomplete;
  } finally {
    lag.disable();
    progress.close();
    stop.release();
  }
};

interface Places {
  readonly words: readonly TargetWords[];
  readonly from: string | undefined;
  readonly files: readonly string[];
}

type Planning = Pick<Parameters<typeof planHosts>[1], 'sshConfig' | 'connection' | 'world'> & {
  readonly isQuiet: boolean;
};

/** The targets, and the hosts to start from; null: from here. An inventory is read only where one is needed. */
async function whoAndWhat({ words, from, files }: Places, { isQuiet, ...planning }: Planning) {
  const { sshConfig, world } = planning;
  const selection = { arguments: [], files, limit: undefined, isQuiet };
  const pattern = patternIn(words);
  const isAskedFor = files.length > 0 || from !== undefined;
  const read = async () => (await selectedHosts(selection, sshConfig, world)).inventory;
  const inventory = isAskedFor
    ? await read()
    : pattern === undefined
      ? null
      : await read().catch(error => portMissing(pattern, error));
  const planOf = async (hosts: readonly Host[]) =>
    inventory === null || hosts.length === 0 ? [] : planHosts(hosts, { inventory, ...planning });
  const isFromHosts = inventory !== null && from !== undefined;
  const named = await targetsOf(words, { inventory, planOf, world });
  return { named, fromHosts: isFromHosts ? await planOf(await patternHosts(inventory, from, world)) : null };
}

/** Whoever forgets the port has no inventory, mostly. */
function portMissing(pattern: string, error: unknown): never {
  if (!(error instanceof InputError)) throw error;
  const message = `--to ${pattern}: no port, so the services of an inventory are meant; else give it: --to HOST:PORT, IPv6 as [2001:db8::1]:443`;
  throw new InputError([{ message }, ...error.complaints]);
}

function probeOptions(read: OptionReader): ProbeOptions {
  return {
    attempts: read.integer('attempts', { min: 1, max: 1_000_000 }) ?? defaultProbeOptions.attempts,
    perSecond: read.integer('rate', { min: 1, max: 5_000 }) ?? defaultProbeOptions.perSecond,
    concurrency: read.integer('concurrency', { min: 1, max: 10_000 }) ?? defaultProbeOptions.concurrency,
    timeoutMs: read.duration('timeout') ?? defaultProbeOptions.timeoutMs,
  };
}

function refuseTooMany(total: number, isAllowed: boolean): void {
  if (total > mostAttempts)
    throw inputError(
      `${grouped(total)} attempts are more than the ${grouped(mostAttempts)} of one probe: take fewer pairs`,
    );
  if (total > manyAttempts && !isAllowed)
    throw inputError(
      `${grouped(total)} attempts in all: lower --attempts or take fewer pairs; if so many are meant, add --allow-many`,
    );
}

interface Measured {
  readonly how: ProbeOptions;
  readonly targets: readonly NamedTarget[];
  readonly runTimeoutMs: number | undefined;
  readonly stop: ReturnType<World['stopSignals']>;
  readonly progress: ReturnType<typeof probeProgress>;
}

async function measureFrom(origins: readonly Origin[], states: readonly ProbeOrigin[], measured: Measured) {
  const { how, targets, runTimeoutMs, stop, progress } = measured;
  const result = await measurePairs(
    origins.flatMap(origin => targets.map(target => ({ origin, target }))),
    {
      ...how,
      winding: stop.winding,
      now: stop.now,
      onAttempt: progress.onAttempt,
      ...(runTimeoutMs !== undefined && { deadlineMs: runTimeoutMs }),
    },
  );
  return { result, origins: states };
}

async function fromTunnels(
  hosts: Awaited<ReturnType<typeof planHosts>>,
  measured: Measured,
  transports: ReturnType<typeof openTransports>,
) {
  try {
    const signal = AbortSignal.any([measured.stop.winding, measured.stop.now]);
    const opened = await openOrigins(hosts, { transports, signal });
    for (const note of opened.notes) measured.progress.note(stripControls(note));
    try {
      return await measureFrom(opened.origins, opened.states, measured);
    } finally {
      opened.close();
    }
  } finally {
    await transports.close();
  }
}

interface Circumstances {
  readonly startedAt: Date;
  readonly lagMs: number;
  readonly origins: readonly ProbeOrigin[];
  readonly isFromHosts: boolean;
  readonly before: ProbeDocument | null;
}

function documentOf(result: ProbeResult, circumstances: Circumstances): ProbeDocument {
  const { startedAt, lagMs, origins, isFromHosts, before } = circumstances;
  const kernel = release();
  return {
    schema: probeSchema,
    id: newProbeId(startedAt, randomBytes(2)),
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    version: version(),
    kernel,
    ...result,
    lagMs: Math.round(lagMs * 100) / 100,
    origins: origins.length === 0 ? [{ name: here.name, error: null }] : origins,
    says: conclusionsOf(result, lagMs),
    limits: limitsOf(isFromHosts ? { from: 'hosts' } : { from: 'here', kernel }),
    comparison: before === null ? null : compareProbes(before, result),
  };
}

/** All places were reached, and every pair got its attempts. */
const isComplete = ({ origins, pairs, interrupted }: ProbeDocument): boolean =>
  !interrupted && origins.every(({ error }) => error === null) && pairs.every(({ stopped }) => stopped === undefined);

/** Whether it is stored; a store that cannot be written is told, and the result is shown anyway. */
async function store(document: ProbeDocument, world: World): Promise<boolean> {
  const directory = probesDirectory(world);
  try {
    await storeProbe(directory, document.id, probeJson(document));
    return true;
  } catch (error) {
    world.stderr.write(`synaudit: this probe is not stored: ${directory}: ${stripControls(reasonOf(error))}\n`);
    return false;
  }
}

async function earlierProbe(name: string | undefined, world: World): Promise<ProbeDocument | null> {
  if (name === undefined) return null;
  const file = await findProbe(probesDirectory(world), expandHome(name, world));
  const found = checkedProbe(parsedJson(await readNamed(file, byFlag('compare'))));
  if ('problem' in found) throw inputError(`--compare ${file}: no stored probe: ${found.problem}`);
  return found;
}
