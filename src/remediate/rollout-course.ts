/** What the log of a rollout says, folded: the one state that the next move is decided from, now and after a crash. */
import type { ScriptMode, ScriptReport, ScriptSetting } from '../model/remediation.ts';
import type { HostHealth, HostStanding, RolloutEvent, RolloutHost, RolloutRecord } from '../model/rollout.ts';
import { isAsBefore, isChanged, isFailure, standingAfter, standingOnResume } from './rollout-standing.ts';

/** The first record of a log. */
export type RolloutStart = Extract<RolloutEvent, { type: 'rollout' }>;
export type GateEvent = Extract<RolloutEvent, { type: 'gate' }>;
type EndEvent = Extract<RolloutEvent, { type: 'end' }>;

/** One host, as far as it came. */
export interface HostCourse {
  readonly host: RolloutHost;
  readonly standing: HostStanding;
  /** Null as long as no batch had it. */
  readonly batch: number | null;
  /** Whether it ever stood at a failure: it counts against `--max-fail` also when it is rolled back. */
  readonly hasFailed: boolean;
  /** Whether the plan was on the host before this rollout touched it. */
  readonly wasApplied: boolean;
  /** Why it stands where it does; null where there is nothing to say. */
  readonly because: string | null;
  readonly health: { readonly before: HostHealth | null; readonly after: HostHealth | null };
  /** As the scripts reported: before the first change, and at last. */
  readonly before: readonly ScriptSetting[] | null;
  readonly after: readonly ScriptSetting[] | null;
  readonly applies: number;
  readonly returns: number;
  readonly losses: number;
}

export interface OpenBatch {
  readonly number: number;
  readonly canary: boolean;
  readonly hosts: readonly string[];
}

/** A rollout so far. It changes with every record that it is given. */
export interface RolloutCourse {
  readonly start: RolloutStart;
  readonly startedAt: string;
  readonly hosts: ReadonlyMap<string, HostCourse>;
  /** The batch that is at work; null between batches. */
  readonly batch: OpenBatch | null;
  readonly batches: number;
  /** Nothing is applied any more: what the batch changed is taken back. */
  readonly isReturning: boolean;
  readonly gates: readonly GateEvent[];
  /** Cohorts whose change passed a gate. */
  readonly proven: ReadonlySet<string>;
  readonly end: (EndEvent & { readonly at: string }) | null;
  readonly accept: (record: RolloutRecord) => void;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Folds the records of one log. Null where the first is none of a rollout. */
export function courseOf(records: Iterable<RolloutRecord>): RolloutCourse | null {
  let course: RolloutCourse | null = null;
  for (const record of records) {
    if (course === null) {
      if (record.type !== 'rollout') return null;
      course = startCourse(record);
    } else course.accept(record);
  }
  return course;
}

/** Hosts on which a plan is, or may be, by all of its logs, the oldest first: the latest that knows anything of a host counts. */
export function changedHosts(logs: Iterable<Iterable<RolloutRecord>>): readonly string[] {
  const latest = new Map<string, boolean>();
  for (const records of logs)
    for (const [name, { standing, wasApplied }] of courseOf(records)?.hosts ?? []) {
      if (isChanged(standing) || wasApplied) latest.set(name, true);
      else if (isAsBefore(standing)) latest.set(name, false);
    }
  return [...latest].filter(([, changed]) => changed).map(([name]) => name);
}

/** A course that has only begun. */
export function startCourse(record: RolloutStart & { readonly at: string }): RolloutCourse {
  const hosts = new Map(record.hosts.map(host => [host.name, freshHost(host)]));
  const course: Writable<RolloutCourse> = {
    start: record,
    startedAt: record.at,
    hosts,
    batch: null,
    batches: 0,
    isReturning: record.command === 'rollback',
    gates: [],
    proven: new Set(),
    end: null,
    accept: next => fold(course, hosts, next),
  };
  return course;
}

const freshHost = (host: RolloutHost): HostCourse => ({
  host,
  standing: 'waiting',
  batch: null,
  hasFailed: false,
  wasApplied: false,
  because: null,
  health: { before: null, after: null },
  before: null,
  after: null,
  applies: 0,
  returns: 0,
  losses: 0,
});

type Hosts = Map<string, HostCourse>;

function fold(course: Writable<RolloutCourse>, hosts: Hosts, record: RolloutRecord): void {
  switch (record.type) {
    case 'rollout':
      return;
    case 'resume':
      resume(course, hosts);
      return;
    case 'batch':
      openBatch(course, hosts, record);
      return;
    case 'gate':
      closeGate(course, record);
      return;
    case 'end':
      course.end = record;
      return;
    default: {
      const known = hosts.get(record.host);
      if (known !== undefined) hosts.set(record.host, withFailure(hostAfter(known, record, course)));
    }
  }
}

const withFailure = (host: HostCourse): HostCourse =>
  isFailure(host.standing) && !host.hasFailed ? { ...host, hasFailed: true } : host;

function resume(course: Writable<RolloutCourse>, hosts: Hosts): void {
  course.end = null;
  for (const [name, host] of hosts) {
    const standing = resumed(host, course);
    const isBack = standing === 'waiting';
    hosts.set(name, {
      ...host,
      standing,
      batch: isBack && host.standing !== 'waiting' && host.standing !== 'checked' ? null : host.batch,
      // What was measured before the break tells nothing of the host now, unless it was changed since.
      health: { before: isBack ? null : host.health.before, after: null },
      // What it comes to is decided by what it will say, unless its batch was given up for it.
      hasFailed: host.hasFailed && (host.standing !== 'unknown' || course.isReturning),
      // That something was sent is not forgotten: what it left there is asked for, however often the program dies.
      applies: isBack ? 0 : Math.min(host.applies, 1),
      returns: 0,
      losses: 0,
    });
  }
  const { batch } = course;
  if (batch !== null)
    course.batch = { ...batch, hosts: batch.hosts.filter(name => hosts.get(name)?.batch === batch.number) };
}

/** Unknown is what was sent and never answered: forth, or back. A host that was to be tried again may be half-changed. */
function resumed({ standing, applies, returns }: HostCourse, course: RolloutCourse): HostStanding {
  if (standing === 'checked' && applies > 0) return 'asking';
  if (standing === 'unknown') return returns > 0 || course.start.command === 'rollback' ? 'asking-back' : 'asking';
  return standingOnResume(standing, course);
}

function openBatch(
  course: Writable<RolloutCourse>,
  hosts: Hosts,
  { batch: number, canary, hosts: names }: Extract<RolloutEvent, { type: 'batch' }>,
): void {
  course.batch = { number, canary, hosts: names };
  course.batches = number;
  const isRollback = course.start.command === 'rollback';
  for (const name of names) {
    const host = hosts.get(name);
    // A rollback takes every host for a changed one: those that are not say so.
    if (host !== undefined) hosts.set(name, { ...host, batch: number, ...(isRollback && { standing: 'applied' }) });
  }
}

function closeGate(course: Writable<RolloutCourse>, gate: GateEvent): void {
  course.gates = [...course.gates, gate];
  if (!gate.passed) {
    course.isReturning = true;
    return;
  }
  const members = (course.batch?.hosts ?? []).flatMap(name => course.hosts.get(name) ?? []);
  const proof = members.filter(({ standing, wasApplied }) => standing === 'verified' || wasApplied);
  course.proven = new Set([...course.proven, ...proof.map(({ host }) => host.cohort)]);
  course.batch = null;
}

type HostEvent = Extract<RolloutEvent, { host: string }>;

function hostAfter(host: HostCourse, event: HostEvent, course: RolloutCourse): HostCourse {
  switch (event.type) {
    case 'health': {
      const health = { ...host.health, [event.when]: event.health };
      const isLeftOut = event.when === 'before' && event.health.problem !== null && host.standing === 'waiting';
      return isLeftOut
        ? { ...host, health, standing: 'not-reached', because: event.health.problem }
        : { ...host, health };
    }
    case 'intent':
      return event.step === 'apply'
        ? { ...host, standing: 'applying', applies: host.applies + 1 }
        : { ...host, standing: 'returning', returns: host.returns + 1 };
    case 'unknown':
      return { ...host, standing: 'unknown', because: event.because };
    case 'step':
      return afterStep(host, event, course);
  }
}

function afterStep(host: HostCourse, event: Extract<HostEvent, { type: 'step' }>, course: RolloutCourse): HostCourse {
  const { report, end } = event;
  const isLost = end === 'lost' || end === 'not-reached';
  const losses = host.losses + (isLost ? 1 : 0);
  // A host that is asked after its batch was closed is not changed any more.
  const isReturning = course.isReturning || host.batch !== course.batch?.number;
  const standing = standingAfter({ ...host, losses, isReturning }, event.step, event);
  return {
    ...host,
    standing,
    losses,
    wasApplied:
      host.wasApplied || (host.standing === 'waiting' && standing === 'unchanged' && report?.state === 'applied'),
    because: event.because ?? (isFailure(standing) ? host.because : null),
    before: host.before ?? told(report?.before),
    after: settingsNow(event.step, report) ?? host.after,
  };
}

/** A check changes nothing: what it found is how things are. */
const settingsNow = (step: ScriptMode, report: ScriptReport | null): readonly ScriptSetting[] | null =>
  (step === 'check' ? null : told(report?.after)) ?? told(report?.before);

/** A script that had nothing to do may name no key: that tells nothing of them. */
const told = (settings: readonly ScriptSetting[] = []): readonly ScriptSetting[] | null =>
  settings.length === 0 ? null : settings;
