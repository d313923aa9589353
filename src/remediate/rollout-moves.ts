/** What a rollout does next, decided from its course alone. */
import type { RolloutEvent } from '../model/rollout.ts';
import { foldHosts } from '../text/host-set.ts';
import { nextBatch, withinSerial } from './rollout-batches.ts';
import type { GateEvent, HostCourse, RolloutCourse } from './rollout-course.ts';
import { gateOf, type IsWorse } from './rollout-gate.ts';

/** What is to be done on one host now. `look`: its health before the change; `ask`: find out what a lost session left. */
export type HostTask = 'look' | 'check' | 'apply' | 'verify' | 'ask' | 'rollback';

/** Whether the user asked to stop: open hosts are finished, nothing more is begun. */
export interface Stopping {
  readonly isStopping: boolean;
}

/** The next task of a host; null where nothing is to be done on it now. */
export function taskOf(host: HostCourse, course: RolloutCourse, { isStopping }: Stopping): HostTask | null {
  const isOpen = host.batch !== null && host.batch === course.batch?.number;
  const mayChange = isOpen && !course.isReturning;
  switch (host.standing) {
    case 'waiting':
      if (!mayChange || isStopping) return null;
      return host.health.before === null ? 'look' : 'check';
    case 'checked':
      // What was begun is finished, also when no more is begun.
      return mayChange && (!isStopping || host.applies > 0) ? 'apply' : null;
    case 'asking':
    case 'asking-back':
      return 'ask';
    case 'applied':
      if (!course.isReturning) return 'verify';
      return mayReturn(host, course, isStopping) ? 'rollback' : null;
    case 'verified':
      return course.isReturning && isOpen ? 'rollback' : null;
    case 'unverified':
    case 'stuck':
      return 'rollback';
    case 'returned':
      return 'check';
    default:
      return null;
  }
}

/** The way back of a failed batch is not stopped; a rollback that was asked for begins no further host. */
const mayReturn = (host: HostCourse, { start }: RolloutCourse, isStopping: boolean): boolean =>
  !isStopping || start.command === 'rollout' || host.returns > 0;

/** The next move. Hosts of one move are worked on at the same time. */
export type Move =
  | { readonly kind: 'work'; readonly hosts: readonly string[] }
  /** Health after the change, on each. */
  | { readonly kind: 'measure'; readonly hosts: readonly string[] }
  /** An event to be recorded: a batch begins, a gate decides, it is over. */
  | { readonly kind: 'decide'; readonly event: Extract<RolloutEvent, { type: 'batch' | 'gate' | 'end' }> };

/** Decides. After an `end` there is no move. */
export function nextMove(course: RolloutCourse, stopping: Stopping, isWorse: IsWorse): Move | null {
  if (course.end !== null) return null;
  const busy = [...course.hosts.values()].filter(host => taskOf(host, course, stopping) !== null);
  // Nothing else is begun before it is known what a lost session or a crash has left.
  const asked = busy.filter(({ standing }) => standing === 'asking' || standing === 'asking-back');
  if (busy.length > 0) return { kind: 'work', hosts: (asked.length > 0 ? asked : busy).map(({ host }) => host.name) };
  if (course.start.command === 'rollback') return nextOfRollback(course, stopping);
  if (course.isReturning) return { kind: 'decide', event: endOf(course, 'failed') };
  if (stopping.isStopping) return { kind: 'decide', event: endOf(course, 'interrupted') };
  if (course.batch !== null) return gateMove(course, isWorse);
  const batch = nextBatch({ waiting: waitingOf(course), proven: course.proven, options: course.start.options });
  if (batch.hosts.length === 0) return { kind: 'decide', event: endOf(course, 'done') };
  const hosts = batch.hosts.map(({ name }) => name);
  return { kind: 'decide', event: { type: 'batch', batch: course.batches + 1, canary: batch.canary, hosts } };
}

const waitingOf = (course: RolloutCourse) =>
  [...course.hosts.values()]
    .filter(({ standing, batch }) => standing === 'waiting' && batch === null)
    .map(({ host }) => host);

function nextOfRollback(course: RolloutCourse, { isStopping }: Stopping): Move {
  const waiting = waitingOf(course);
  const isHeld = [...course.hosts.values()].some(({ standing }) => standing === 'applied');
  if (isStopping && (isHeld || waiting.length > 0)) return { kind: 'decide', event: endOf(course, 'interrupted') };
  if (waiting.length === 0) return { kind: 'decide', event: endOf(course, 'done') };
  const hosts = withinSerial(waiting, course.start.options.batchSize).map(({ name }) => name);
  return { kind: 'decide', event: { type: 'batch', batch: course.batches + 1, canary: false, hosts } };
}

function gateMove(course: RolloutCourse, isWorse: IsWorse): Move {
  const members = (course.batch?.hosts ?? []).flatMap(name => course.hosts.get(name) ?? []);
  const failed = members.filter(({ hasFailed }) => hasFailed);
  const changed = members.filter(({ standing }) => standing === 'verified');
  const { maxFail } = course.start.options;
  if (failed.length > maxFail) {
    const because = `${count(failed)} of this batch failed (${names(failed)}), more than --max-fail ${maxFail}.`;
    return gate(course, { passed: false, because: [because], hosts: [] });
  }
  const unmeasured = changed.filter(({ health }) => health.after === null);
  if (unmeasured.length > 0) return { kind: 'measure', hosts: unmeasured.map(({ host }) => host.name) };
  const hosts = changed.map(({ host, health }) => gateOf(host.name, health, isWorse));
  const worse = hosts.filter(({ passed }) => !passed);
  return gate(course, { passed: worse.length === 0, because: gateInWords(hosts, worse), hosts });
}

function gateInWords(hosts: GateEvent['hosts'], worse: GateEvent['hosts']): readonly string[] {
  if (hosts.length === 0) return ['No host of this batch was changed.'];
  if (worse.length === 0) return [`The change holds on ${count(hosts)}, and none of them is worse than before.`];
  return worse.flatMap(({ name, because }) => because.map(sentence => `${name}: ${sentence}`));
}

const gate = (course: RolloutCourse, event: Omit<GateEvent, 'type' | 'batch'>): Move => ({
  kind: 'decide',
  event: { type: 'gate', batch: course.batch?.number ?? course.batches, ...event },
});

const count = (hosts: readonly unknown[]): string => (hosts.length === 1 ? '1 host' : `${hosts.length} hosts`);
const names = (hosts: readonly HostCourse[]): string => foldHosts(hosts.map(({ host }) => host.name));

/** How it ended, in one sentence and an exit code. DESIGN.md, "Exit codes". */
export function endOf(
  course: RolloutCourse,
  how: 'done' | 'failed' | 'interrupted',
): Extract<RolloutEvent, { type: 'end' }> {
  const hosts = [...course.hosts.values()];
  const of = (...standings: readonly HostCourse['standing'][]): readonly HostCourse[] =>
    hosts.filter(({ standing }) => standings.includes(standing));
  const unsettled = of('unknown', 'not-rolled-back', 'asking', 'asking-back', 'stuck', 'unverified');
  const tail = unsettled.length === 0 ? '' : ` Not settled: ${names(unsettled)}.`;
  if (how === 'interrupted') {
    const open = of('waiting', 'checked', 'applied');
    return end('interrupted', 130, `Stopped: ${count(open)} not finished.${tail}`);
  }
  if (course.start.command === 'rollback') {
    if (of('not-rolled-back').length > 0) return end('failed', 1, `Not rolled back: ${names(of('not-rolled-back'))}.`);
    if (unsettled.length > 0) return end('incomplete', 3, `Not reached: ${names(unsettled)}.`);
    return end(
      'done',
      0,
      `${count(of('rolled-back'))} rolled back, ${of('unchanged').length} had nothing to roll back.`,
    );
  }
  if (how === 'failed') {
    const last = course.gates.at(-1);
    const back = `${count(of('rolled-back'))} rolled back, ${count(of('verified'))} of earlier batches left changed.`;
    return end('failed', 1, `The gate of batch ${last?.batch ?? 0} failed. ${back}${tail}`);
  }
  const left = hosts.filter(({ standing }) => standing !== 'verified' && standing !== 'unchanged');
  const changed = `${count(of('verified'))} changed, ${of('unchanged').length} had nothing to change.`;
  if (left.length === 0) return end('done', 0, changed);
  return end('incomplete', 3, `${changed} Not changed: ${names(left)}.${tail}`);
}

const end = (
  outcome: Extract<RolloutEvent, { type: 'end' }>['outcome'],
  exitCode: number,
  because: string,
): Extract<RolloutEvent, { type: 'end' }> => ({ type: 'end', outcome, exitCode, because });
