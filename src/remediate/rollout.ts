/** Runs a rollout: does what `nextMove` says, and writes down each thing before and after it is done. */
import type { ScriptMode } from '../model/remediation.ts';
import type { HostHealth, RolloutEvent, RolloutRecord, StepResult } from '../model/rollout.ts';
import type { RolloutCourse } from './rollout-course.ts';
import type { IsWorse } from './rollout-gate.ts';
import { endOf, type HostTask, nextMove, taskOf } from './rollout-moves.ts';

/** What a rollout needs of the world. None of these rejects for what a host does; `record` rejects where the log cannot be written. */
export interface RolloutPorts {
  /** Runs the script of the host's cohort on it: the bytes that were reviewed. */
  readonly runScript: (host: string, mode: ScriptMode, signal: AbortSignal) => Promise<StepResult>;
  readonly health: (host: string, when: 'before' | 'after', signal: AbortSignal) => Promise<HostHealth>;
  /** Resolves when the record is on disk. */
  readonly record: (event: RolloutEvent) => Promise<RolloutRecord>;
  /** `sha256:…` of the script of a cohort. */
  readonly scriptDigest: (cohort: string) => string;
  readonly isWorse: IsWorse;
  /** Ends early, without rejecting, when the signal is aborted. Unit: ms. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A clock that does not jump. Unit: ms. */
  readonly now: () => number;
  /** Told what is about to be done on a host. */
  readonly onTask?: (host: string, task: HostTask) => void;
}

/** How the user stops it. `now` implies `winding`. */
export interface RolloutStop {
  /** Finish the open hosts, begin nothing more. */
  readonly winding: AbortSignal;
  /** End at once; what is not known then is named. */
  readonly now: AbortSignal;
}

interface Rollout {
  readonly course: RolloutCourse;
  readonly ports: RolloutPorts;
  readonly stop: RolloutStop;
  /** Hosts worked on at the same time, within the batch. */
  readonly concurrency: number;
}

/** Runs until there is no further move. Rejects where the log cannot be written: nothing is changed that is not written down. */
export async function runRollout(rollout: Rollout): Promise<void> {
  const { course, ports, stop, concurrency } = rollout;
  const stopping = { isStopping: false };
  for (;;) {
    stopping.isStopping = stop.winding.aborted || stop.now.aborted;
    if (stop.now.aborted) return abandon(rollout);
    const move = nextMove(course, stopping, ports.isWorse);
    if (move === null) return;
    if (move.kind === 'decide') await note(rollout, move.event);
    else if (move.kind === 'work') await forEachHost(move.hosts, concurrency, host => workOn(host, rollout));
    else
      await forEachHost(move.hosts, concurrency, async host => {
        const health = await ports.health(host, 'after', stop.now);
        if (!stop.now.aborted) await note(rollout, { type: 'health', host, when: 'after', health });
      });
  }
}

/** The record counts once it is on disk, and not before. */
async function note({ course, ports }: Rollout, event: RolloutEvent): Promise<void> {
  course.accept(await ports.record(event));
}

/** All tasks of one host, as long as it has one. */
async function workOn(name: string, rollout: Rollout): Promise<void> {
  const { course, ports, stop } = rollout;
  for (;;) {
    const host = course.hosts.get(name);
    if (host === undefined || stop.now.aborted) return;
    const task = taskOf(host, course, { isStopping: stop.winding.aborted });
    if (task === null) return;
    ports.onTask?.(name, task);
    await perform(name, task, rollout);
  }
}

async function perform(host: string, task: HostTask, rollout: Rollout): Promise<void> {
  const { ports, course, stop } = rollout;
  if (task === 'look') {
    const health = await ports.health(host, 'before', stop.now);
    if (!stop.now.aborted) await note(rollout, { type: 'health', host, when: 'before', health });
    return;
  }
  if (task === 'ask') {
    await ask(host, rollout);
    return;
  }
  if (task === 'apply' || task === 'rollback') {
    const cohort = course.hosts.get(host)?.host.cohort ?? '';
    await note(rollout, { type: 'intent', host, step: task, script: ports.scriptDigest(cohort) });
  }
  const result = await ports.runScript(host, task, stop.now);
  await note(rollout, { type: 'step', host, step: task, ...result });
}

/** Between two questions to a host that does not answer. Unit: ms. */
const [firstPauseMs, longestPauseMs] = [500, 10_000];

/** A session was lost: the host itself tells how far its script came, as soon as it answers and the script is not at work. */
async function ask(host: string, rollout: Rollout): Promise<void> {
  const { ports, course, stop } = rollout;
  const { waitMs } = course.start.options;
  const deadline = ports.now() + waitMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const result = await ports.runScript(host, 'check', stop.now);
    if (stop.now.aborted) return;
    if (result.report !== null && result.end !== 'busy' && result.report.state !== 'busy')
      return await note(rollout, { type: 'step', host, step: 'check', ...result });
    if (ports.now() + pauseMs > deadline) {
      const why = result.because ?? 'it gives no answer';
      const because = `What is on it is not known: not told within ${Math.round(waitMs / 1_000)} s. ${why}`;
      return note(rollout, { type: 'unknown', host, because });
    }
    await ports.pause(pauseMs, stop.now);
  }
}

/** The user wants it over: what nobody waited for is written down as unknown. */
async function abandon(rollout: Rollout): Promise<void> {
  const { course } = rollout;
  for (const { host, standing } of [...course.hosts.values()])
    if (standing === 'asking' || standing === 'asking-back') {
      const because = 'What is on it is not known: the program was stopped before the host could be asked.';
      await note(rollout, { type: 'unknown', host: host.name, because });
    }
  if (course.end === null) await note(rollout, endOf(course, 'interrupted'));
}

/** Works on so many hosts at a time. The first failure ends it, when what is under way is done. */
async function forEachHost(
  hosts: readonly string[],
  concurrency: number,
  work: (host: string) => Promise<void>,
): Promise<void> {
  const queue = [...hosts];
  let failure: { readonly reason: unknown } | undefined;
  const worker = async (): Promise<void> => {
    for (let host = queue.shift(); host !== undefined && failure === undefined; host = queue.shift()) {
      try {
        await work(host);
      } catch (reason) {
        failure ??= { reason };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, hosts.length) }, worker));
  if (failure !== undefined) throw failure.reason;
}
