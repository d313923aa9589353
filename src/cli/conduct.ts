import { randomBytes } from 'node:crypto';
import { collectorScript, endMarker, newBoundary } from '../collect/script.ts';
import { clientQuestion } from '../engine/client-question.ts';
import { createEvaluate } from '../engine/evaluate.ts';
import { createFleet } from '../engine/fleet.ts';
import { gatewayLimits } from '../engine/gateway-limits.ts';
import { type PlannedHost, runAudit } from '../engine/run.ts';
import { createIsWaived } from '../engine/waivers.ts';
import { earlierCounters } from '../history/earlier.ts';
import type { StoredRun } from '../history/read.ts';
import { matchesHostPattern } from '../inventory/select.ts';
import type { Host, Inventory } from '../model/host.ts';
import type { ConnectPlan } from '../model/plan.ts';
import type { RunEvent, RunInfo } from '../model/run.ts';
import type { Transport, VisitRequest } from '../transport/transport.ts';
import { exitCodes, internalErrorText } from './exit.ts';
import { boundHeap } from './heap.ts';
import { type OutputSettings, openOutputs } from './output.ts';
import { createProgress, type Progress } from './progress.ts';
import { checkRuleParameters } from './rule-parameters.ts';
import type { VerdictSettings, VisitSettings } from './settings.ts';
import { freshRunId, openStore } from './store.ts';
import { version } from './version.ts';
import { runsDirectory, type World } from './world.ts';

/** An audit, ready to begin: everything is read, checked and resolved. */
export interface Session {
  readonly subject: string;
  readonly inventory: Inventory;
  readonly hosts: readonly PlannedHost[];
  readonly transportOf: (plan: ConnectPlan) => Transport;
  readonly verdict: VerdictSettings;
  readonly visits: VisitSettings;
  readonly output: OutputSettings;
  /** The run that is gone on with: what it audited is not visited again. */
  readonly resumed?: StoredRun;
  /** Whether a person is being asked for a secret: the progress line waits. */
  readonly isAsking?: () => boolean;
  /** Tells before and after such a question. */
  readonly onAsking?: (listener: (isAsking: boolean) => void) => void;
  /** The hosts are saved trees and outputs, not visited ones. */
  readonly saved?: true;
  /** Who is told how the run goes; left out: stderr. */
  readonly progress?: Progress;
  /** A dashboard is open, whose keys are answered while the run goes on. */
  readonly isWatched?: true;
}

/** Output beyond this is no collector output: 4,000 addresses with their counts are some 400 KB. Unit: bytes. */
const maxOutputBytes = 16 * 1_024 * 1_024;

/** Runs an audit: shows it, stores it, and resolves to the exit code that the results call for. */
export async function conduct(session: Session, world: World): Promise<number> {
  const run = runInfo(session);
  const outputs = openOutputs(session.output, world);
  const progress =
    session.progress ?? createProgress(world.stderr, { quiet: session.output.quiet, isPaused: session.isAsking });
  // Before our own file is there: the newest run is the one to compare with.
  const input = await auditInput(session, { run, progress, world });
  const store = await openStore(
    { id: run.id, mode: session.resumed === undefined ? 'create' : 'append', progress },
    world,
  );
  const stop = world.stopSignals(() =>
    progress.note('finishing what is open, beginning nothing more; Ctrl-C again stops at once'),
  );
  const isStored = storedBefore(session.resumed);
  let exitCode: number = exitCodes.internalError;
  try {
    for await (const event of runAudit({ ...input, stop })) {
      progress.accept(event);
      if (!isStored(event)) store.accept(event);
      if (event.type === 'end') {
        exitCode = event.summary.exitCode;
        await store.close();
      }
      outputs.accept(event);
    }
    outputs.close();
  } finally {
    progress.close();
    stop.release();
  }
  return exitCode;
}

interface Circumstances {
  readonly run: RunInfo;
  readonly progress: Progress;
  readonly world: World;
}

async function auditInput(session: Session, { run, progress, world }: Circumstances) {
  const { inventory, hosts, transportOf, verdict, visits, output, resumed, saved, isWatched = false } = session;
  checkRuleParameters(hosts.map(({ host }) => host));
  boundHeap(hosts.length);
  const boundary = newBoundary(randomBytes(16));
  const evaluate = createEvaluate({
    profile: run.profile,
    nat: inventory.nat,
    waivers: inventory.waivers,
    today: run.startedAt.slice(0, 10),
    matchesHost: matchesHostPattern,
    ...(verdict.client === undefined ? {} : { client: clientQuestion(verdict.client) }),
    earlierRunOf: await earlierCounters(runsDirectory(world), Date.now()),
    ...(saved === undefined ? { boundary } : { savedTrees: true }),
  });
  const { concurrency, maxOpen, runTimeoutMs } = visits;
  const onInternalError = (host: string, error: unknown) =>
    progress.note(`${host}: ${internalErrorText(error, output.verbose).trimEnd()}`);
  return {
    run,
    hosts,
    transportOf,
    request: visitRequest({ ...visits, profile: run.profile }, boundary),
    evaluate,
    fleet: createFleet({
      hosts: [...hosts.map(({ host }) => host), ...resumedHosts(session)],
      profile: run.profile,
      isWaived: createIsWaived(inventory.waivers, run.startedAt.slice(0, 10), matchesHostPattern),
    }),
    concurrency,
    maxOpen,
    isWatched,
    onInternalError,
    ...(runTimeoutMs === undefined ? {} : { runTimeoutMs }),
    ...(resumed === undefined ? {} : { resumed: finishedResults(resumed) }),
  };
}

/** Hosts whose results a resumed run takes over: they belong to its services, too. */
const resumedHosts = ({ inventory, hosts, resumed }: Session): readonly Host[] => {
  if (resumed === undefined) return [];
  const planned = new Set(hosts.map(({ host }) => host.name));
  return inventory.hosts.filter(({ name }) => resumed.results.has(name) && !planned.has(name));
};

/** Beyond these times without a packet the gateways of the big clouds forget a connection. */
const idleSeconds = gatewayLimits.map(limits => limits.idleSeconds).sort((a, b) => a - b);

/** One script, and hence one boundary, for all hosts of a run: it is random, so no file on any host can know it. */
export function visitRequest(
  {
    intervalSeconds,
    sockets,
    profile,
  }: Pick<VisitSettings, 'intervalSeconds' | 'sockets'> & Partial<Pick<VerdictSettings, 'profile'>>,
  boundary: string,
): VisitRequest {
  return {
    script: collectorScript({ boundary, intervalSeconds, sockets, ...(profile === 'readiness' && { idleSeconds }) }),
    endMarker: endMarker(boundary),
    maxOutputBytes,
    intervalMs: intervalSeconds * 1_000,
  };
}

function runInfo({ subject, hosts, verdict, visits, resumed }: Session): RunInfo {
  const startedAt = new Date();
  const fresh = { id: freshRunId(startedAt), startedAt: startedAt.toISOString() };
  const { id, startedAt: began } = resumed?.run ?? fresh;
  return {
    id,
    startedAt: began,
    version: version(),
    intervalMs: visits.intervalSeconds * 1_000,
    subject,
    hostCount: hosts.length + (resumed === undefined ? 0 : finishedResults(resumed).length),
    ...verdict,
  };
}

/** Results of a resumed run that stand: of hosts that were visited to an end. */
export const finishedResults = ({ results }: StoredRun) =>
  [...results.values()].filter(({ outcome }) => outcome !== 'interrupted' && outcome !== 'skipped');

function storedBefore(resumed: StoredRun | undefined): (event: RunEvent) => boolean {
  const names = new Set(resumed === undefined ? [] : finishedResults(resumed).map(({ name }) => name));
  return event => event.type === 'host' && names.has(event.result.name);
}
