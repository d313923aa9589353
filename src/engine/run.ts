import { setMaxListeners } from 'node:events';
import pMap from 'p-map';
import type { Host } from '../model/host.ts';
import type { ConnectPlan } from '../model/plan.ts';
import type { HostResult, RunEvent, RunInfo } from '../model/run.ts';
import type { VisitError } from '../model/visit.ts';
import type { Transport, VisitRequest } from '../transport/transport.ts';
import type { Evaluate, Evaluated } from './evaluate.ts';
import { EventQueue } from './event-queue.ts';
import type { Fleet } from './fleet.ts';
import { createGate, type ShuttableGate } from './gate.ts';
import { notAudited } from './not-audited.ts';
import { oncePerTurn, pace } from './pace.ts';
import { createTally } from './summary.ts';

/** A host and how to reach it. */
export interface PlannedHost {
  readonly host: Host;
  readonly plan: ConnectPlan;
}

/** How the user stops a run. `now` implies `winding`. */
export interface StopSignals {
  /** Finish what is open, begin nothing more (first Ctrl-C). */
  readonly winding: AbortSignal;
  /** Drop everything at once (second Ctrl-C, SIGTERM). */
  readonly now: AbortSignal;
}

export interface AuditInput {
  readonly run: RunInfo;
  readonly hosts: readonly PlannedHost[];
  /** Results of an earlier, unfinished part of the same run (`--resume`): given out again first, and counted. */
  readonly resumed?: readonly HostResult[];
  readonly transportOf: (plan: ConnectPlan) => Transport;
  readonly request: VisitRequest;
  readonly evaluate: Evaluate;
  readonly fleet: Fleet;
  /** Handshakes in flight. */
  readonly concurrency: number;
  /** Somebody types while the run goes on: fewer handshakes are begun at once where they would keep a key waiting. */
  readonly isWatched?: boolean;
  /** Sessions open, those that wait for their second sample included. */
  readonly maxOpen: number;
  /** Unit: ms; left out: no deadline. Beyond it open visits end as `interrupted` and the rest are `skipped`. */
  readonly runTimeoutMs?: number;
  readonly stop: StopSignals;
  /** A bug showed on one host; the run goes on. */
  readonly onInternalError: (host: string, error: unknown) => void;
}

/** Unread events beyond which no new host is begun: a slow disk or pipe must not fill memory. */
const eventHighWater = 4_096;

/**
 * Visits and judges every host; the one stream that sinks, progress and store read. First `run`, then exactly one `host` per
 * host whatever happens, last `end`. Results are not kept here.
 */
export function runAudit(input: AuditInput): AsyncIterable<RunEvent> {
  const queue = new EventQueue<RunEvent>(eventHighWater);
  conduct(input, queue).then(
    () => queue.end(),
    reason => queue.end({ reason }),
  );
  return queue;
}

async function conduct(input: AuditInput, queue: EventQueue<RunEvent>): Promise<void> {
  const { run, stop } = input;
  const tally = createTally();
  let internalError = false;
  const emit = ({ result, snapshot }: Evaluated) => {
    tally.add(result);
    input.fleet.add(result, snapshot);
    queue.push({ type: 'host', result, snapshot });
  };
  queue.push({ type: 'run', run });
  for (const result of input.resumed ?? []) emit({ result, snapshot: null });

  const course = startCourse(input);
  const visitOne = async (planned: PlannedHost) => {
    await queue.roomy();
    try {
      emit(await visitHost(planned, { input, course, queue }));
    } catch (error) {
      internalError = true;
      input.onInternalError(planned.host.name, error);
      emit(failed(planned, internal(error)));
    }
  };
  await pMap(input.hosts, visitOne, { concurrency: input.maxOpen });
  course.end();

  const interrupted = stop.winding.aborted || stop.now.aborted;
  const fleet = input.fleet.result();
  tally.addFleet(fleet.findings);
  const summary = tally.summary(run, { interrupted, internalError });
  queue.push({ type: 'end', finishedAt: new Date().toISOString(), interrupted, summary, fleet });
}

/** What all visits of a run share: the gate, and whether the run goes on. */
interface Course {
  readonly gate: ShuttableGate;
  /** Aborted: open visits end now. */
  readonly signal: AbortSignal;
  isWinding(): boolean;
  /** Resolves when a visit may be judged. */
  readonly turn: () => Promise<void>;
  end(): void;
}

function startCourse({ concurrency, isWatched = false, runTimeoutMs, stop }: AuditInput): Course {
  const gate = createGate(concurrency);
  const stopPacing = isWatched ? pace(gate, concurrency) : () => {};
  const abort = new AbortController();
  // One listener per open visit is meant here, not a leak.
  setMaxListeners(0, abort.signal);
  let winding = false;
  const wind = () => {
    winding = true;
    gate.shut();
  };
  const drop = () => {
    wind();
    abort.abort();
  };
  const release = onceAborted(stop, { wind, drop });
  const timer = runTimeoutMs === undefined ? undefined : setTimeout(drop, runTimeoutMs);
  return {
    gate,
    signal: abort.signal,
    isWinding: () => winding,
    turn: isWatched ? oncePerTurn() : async () => {},
    end() {
      clearTimeout(timer);
      stopPacing();
      release();
    },
  };
}

interface Conduct {
  readonly input: AuditInput;
  readonly course: Course;
  readonly queue: EventQueue<RunEvent>;
}

/** One visit, judged. A host that still waits at the gate when the run winds up was never begun: `skipped`. */
async function visitHost(planned: PlannedHost, { input, course, queue }: Conduct): Promise<Evaluated> {
  if (course.isWinding()) return failed(planned, skipped);
  const { host, plan } = planned;
  let begun = false;
  const visiting = input.transportOf(plan).visit(plan, input.request, {
    gate: {
      async enter(signal) {
        const leave = await course.gate.enter(signal);
        begun = true;
        return leave;
      },
    },
    onPhase: phase => queue.push({ type: 'phase', host: host.name, phase }),
    signal: course.signal,
  });
  const wasSkipped = () => course.isWinding() && !begun;
  const visit = await visiting.catch(error => {
    if (wasSkipped()) return null;
    throw error;
  });
  if (visit === null || (!visit.ok && wasSkipped())) return failed(planned, skipped);
  await course.turn();
  return input.evaluate({ host, address: plan.address, visit });
}

/** Calls back at the abort of each signal, or now if that has already happened. Returns how to stop listening. */
function onceAborted(stop: StopSignals, { wind, drop }: { wind: () => void; drop: () => void }): () => void {
  if (stop.winding.aborted) wind();
  if (stop.now.aborted) drop();
  stop.winding.addEventListener('abort', wind);
  stop.now.addEventListener('abort', drop);
  return () => {
    stop.winding.removeEventListener('abort', wind);
    stop.now.removeEventListener('abort', drop);
  };
}

const skipped: VisitError = {
  outcome: 'skipped',
  phase: 'plan',
  code: 'not-begun',
  message: 'the run was stopped before this host was begun',
  hint: 'synaudit audit --resume latest goes on where the run stopped',
  retryable: true,
};

const internal = (error: unknown): VisitError => ({
  outcome: 'failed',
  phase: 'collect',
  code: 'internal',
  message: `internal error: ${error instanceof Error ? error.message : String(error)}`,
  hint: 'this is a bug of synaudit: please report it with the output of the same command and -v',
  retryable: false,
});

function failed({ host, plan }: PlannedHost, error: VisitError): Evaluated {
  const visit = { ok: false, error, timing: { totalMs: 0 }, notes: [] } as const;
  return { result: notAudited({ host, address: plan.address, visit }, error), snapshot: null };
}
