/** What rollout and rollback share: the lock, the log, the course and what is shown of it. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockPlan } from '../history/rollout-lock.ts';
import { openRolloutLog, type StoredRollout } from '../history/rollouts.ts';
import { newRunId } from '../history/store.ts';
import {
  type RolloutActor,
  type RolloutDocument,
  type RolloutEvent,
  type RolloutHost,
  type RolloutOptions,
  type RolloutRecord,
  rolloutSchema,
} from '../model/rollout.ts';
import { runRollout } from '../remediate/rollout.ts';
import { courseOf, type RolloutCourse } from '../remediate/rollout-course.ts';
import { rolloutDocument } from '../remediate/rollout-document.ts';
import { errnoText, isErrno } from './errno.ts';
import { exitCodes, SurroundingsError } from './exit.ts';
import { sha256 } from './plan-directory.ts';
import { type RolloutVisits, rolloutVisits } from './rollout-hosts.ts';
import { eventInWords, nextSteps, rolloutTable } from './rollout-output.ts';
import { connectionsOf, isWorse } from './rollout-probe.ts';
import { version } from './version.ts';
import { rolloutsDirectory, type World } from './world.ts';

/** A rollout or rollback that is ready to begin: everything is read, checked, planned and confirmed. */
export interface RolloutSession {
  readonly command: 'rollout' | 'rollback';
  readonly visits: RolloutVisits;
  readonly hosts: readonly RolloutHost[];
  readonly options: RolloutOptions;
  /** The log that is gone on with. */
  readonly resumed?: StoredRollout;
  readonly format: 'table' | 'json';
  readonly quiet: boolean;
}

/** Runs it, shows it, and resolves to the exit code. The lock of the plan is held by the caller. */
export async function conductRollout(session: RolloutSession, world: World): Promise<number> {
  const log = await openLog(session, world);
  const say = session.quiet ? () => {} : (text: string) => world.stderr.write(`synaudit: ${text}\n`);
  const write = (event: RolloutEvent): RolloutRecord => {
    // The type first, the time second: lines that people read.
    const { type, ...rest } = event;
    const record = { type, at: new Date().toISOString(), ...rest } as RolloutRecord;
    attempt(log.file, () => log.append(record));
    const words = eventInWords(event);
    if (words !== undefined) say(words);
    return record;
  };
  const stop = world.stopSignals(() =>
    say('finishing the open hosts, beginning nothing more; Ctrl-C again stops at once and leaves what is not known'),
  );
  try {
    const course = startedCourse(session, { id: log.id, write, by: { user: world.userName, host: hostname() } });
    const { runScript, audit } = rolloutVisits(session.visits);
    const connections = connectionsOf(session.visits.hosts);
    await runRollout({
      course,
      stop,
      concurrency: session.visits.concurrency,
      ports: {
        runScript,
        health: async (host, _when, signal) => {
          const health = await audit(host, signal);
          return session.options.probe && health.problem === null
            ? { ...health, probe: await connections(host, signal) }
            : health;
        },
        record: async event => write(event),
        scriptDigest: cohort => `sha256:${sha256(session.visits.directory.scripts.get(cohort) ?? '')}`,
        isWorse,
        pause: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
        now: () => performance.now(),
      },
    });
    return show(rolloutDocument(course), session, world);
  } finally {
    stop.release();
    log.close();
  }
}

async function openLog({ resumed }: RolloutSession, world: World) {
  const directory = rolloutsDirectory(world);
  const id = resumed?.id ?? newRunId(new Date(), randomBytes(3));
  try {
    return { id, ...(await openRolloutLog(directory, id, resumed === undefined ? 'create' : 'append')) };
  } catch (error) {
    throw logTrouble(directory, error);
  }
}

/** Nothing is changed that cannot be written down. */
function attempt(file: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw logTrouble(file, error);
  }
}

const logTrouble = (path: string, error: unknown): unknown =>
  isErrno(error)
    ? new SurroundingsError(
        `the log of the rollout cannot be written, so nothing more is changed: ${path}: ${errnoText(error)}`,
      )
    : error;

interface Writing {
  readonly id: string;
  readonly by: RolloutActor;
  readonly write: (event: RolloutEvent) => RolloutRecord;
}

function startedCourse(session: RolloutSession, { id, by, write }: Writing): RolloutCourse {
  const { command, visits, hosts, options, resumed } = session;
  const { plan, digest, directory } = visits.directory;
  const records =
    resumed === undefined
      ? [
          write({
            type: 'rollout',
            schema: rolloutSchema,
            id,
            command,
            plan: plan.id,
            digest,
            directory,
            version: version(),
            by,
            options,
            hosts,
          }),
        ]
      : [...resumed.records, write({ type: 'resume', by, version: version() })];
  const course = courseOf(records);
  if (course === null) throw new Error('a log begins with its rollout');
  return course;
}

function show(document: RolloutDocument, { format, quiet }: RolloutSession, world: World): number {
  world.stdout.write(format === 'json' ? `${JSON.stringify(document, null, 2)}\n` : rolloutTable(document));
  if (format === 'table' && !quiet) for (const step of nextSteps(document)) world.stderr.write(`next: ${step}\n`);
  return document.rollout.exitCode ?? exitCodes.internalError;
}

/** Holds the lock of a plan while something is done. */
export async function withPlanLocked<T>(plan: string, world: World, work: () => Promise<T>): Promise<T> {
  const directory = rolloutsDirectory(world);
  const release = await lockPlan(directory, plan).catch((error: unknown) => {
    throw logTrouble(directory, error);
  });
  try {
    return await work();
  } finally {
    release();
  }
}
