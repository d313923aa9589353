import { rolloutsOf, type StoredRollout } from '../history/rollouts.ts';
import { InputError, inputError } from '../model/input-error.ts';
import type { RolloutHost, RolloutOptions } from '../model/rollout.ts';
import { courseOf } from '../remediate/rollout-course.ts';
import { rolloutDocument } from '../remediate/rollout-document.ts';
import { isChanged } from '../remediate/rollout-standing.ts';
import { foldHosts } from '../text/host-set.ts';
import type { Action } from './commands.ts';
import { confirmed } from './confirm.ts';
import { exitCodes } from './exit.ts';
import type { FlagName } from './flags.ts';
import { type PlanDirectory, readPlanDirectory } from './plan-directory.ts';
import { dryRun } from './rollout-dry-run.ts';
import type { RolloutVisits } from './rollout-hosts.ts';
import { trailLines } from './rollout-output.ts';
import { reachHosts, reachSettings } from './rollout-reach.ts';
import { conductRollout, withPlanLocked } from './rollout-session.ts';
import { type Care, careSettings, optionsFor, reviewedPlan } from './rollout-settings.ts';
import { longFlag, readOptions } from './settings.ts';
import { expandHome, rolloutsDirectory, type World } from './world.ts';

const formats = ['table', 'json'] as const;

/** `synaudit rollout DIR [HOST…]`. */
export const rollout: Action = async ({ args, options }, world) => {
  const read = readOptions(options);
  const [path = '', ...named] = args;
  const format = read.choice('format', formats) ?? 'table';
  const quiet = read.isOn('quiet');
  const care = careSettings(read, { batch: '10%' });
  const reach = reachSettings(read, named, world);
  const isResumed = options.resume === true;
  const [isDry, mayAsk] = [read.isOn('dryRun'), !read.isOn('yes')];
  if (isResumed && isDry) read.complain('give either --resume or --dry-run');
  const signedOff = read.text('planDigest');
  read.done();

  if (read.isOn('log')) return showLogs(path, format, world);
  const directory = await reviewedPlan(path, signedOff, world);
  const work = async (): Promise<number> => {
    const logs = await rolloutsOf(rolloutsDirectory(world), directory.plan.id);
    const resumed = isResumed ? unfinished(logs, directory) : undefined;
    if (resumed !== undefined) refuseOtherCare(options, { care, began: startOf(resumed).options });
    if (!isResumed && !isDry) refuseUnfinished(logs, path);
    const only = resumed === undefined ? undefined : hostsIn(resumed).map(({ name }) => name);
    const reached = await reachHosts(directory, reach, { only, world });
    try {
      const hosts = resumed === undefined ? reached.hosts : hostsIn(resumed);
      const chosen = resumed === undefined ? optionsFor(care, hosts.length) : startOf(resumed).options;
      const visits = { ...reached.visits, intervalSeconds: chosen.intervalSeconds };
      if (isDry) return await dryRun({ visits, hosts, format, quiet }, world);
      if (chosen.probe) refuseWithoutServices(visits);
      if (resumed === undefined && mayAsk) await askFirst({ directory, hosts, options: chosen }, world);
      const session = { command: 'rollout', visits, hosts, options: chosen, format, quiet } as const;
      return await conductRollout(resumed === undefined ? session : { ...session, resumed }, world);
    } finally {
      await reached.close();
    }
  };
  return isDry ? work() : withPlanLocked(directory.plan.id, world, work);
};

function startOf(log: StoredRollout) {
  const [start] = log.records;
  if (start?.type !== 'rollout') throw new Error(`${log.file} begins with no rollout`);
  return start;
}

const hostsIn = (log: StoredRollout): readonly RolloutHost[] => startOf(log).hosts;

/** The newest log of the plan, which must be of a rollout of the very same files. Throws InputError. */
function unfinished(logs: readonly StoredRollout[], { digest, directory }: PlanDirectory): StoredRollout {
  const newest = logs.at(-1);
  if (newest === undefined) throw inputError('nothing to resume: this plan was never rolled out from here');
  const start = startOf(newest);
  if (start.command === 'rollback')
    throw inputError(
      `nothing to resume: the newest is rollback ${newest.id}; \`synaudit rollback ${directory}\` goes on with it`,
    );
  if (start.digest !== digest)
    throw inputError(`rollout ${newest.id} is of another plan of this name: ${start.digest}, not ${digest}`);
  if (courseOf(newest.records)?.end?.outcome === 'done')
    throw inputError(`nothing to resume: rollout ${newest.id} is done`);
  return newest;
}

/** What a rollout is careful about, by the flag that says so. */
const careFlags = {
  canary: 'canary',
  batch: 'batch',
  maxFail: 'maxFail',
  probe: 'probe',
  interval: 'intervalSeconds',
  wait: 'waitMs',
} as const satisfies Partial<Record<FlagName, keyof Care>>;

/** The same command goes on with a rollout; one that asks for another brake than it began with does not. Throws InputError. */
function refuseOtherCare(
  options: Parameters<Action>[0]['options'],
  { care, began }: { readonly care: Care; readonly began: RolloutOptions },
): void {
  const other = (Object.keys(careFlags) as (keyof typeof careFlags)[])
    .filter(flag => options[flag] !== undefined && care[careFlags[flag]] !== began[careFlags[flag]])
    .map(longFlag);
  if (other.length > 0)
    throw inputError(`--resume goes on as the rollout began: leave out ${other.join(', ')}, or give what it was then`);
}

/** A second rollout beside a half-done one would leave two logs that each tell half. Throws InputError. */
function refuseUnfinished(logs: readonly StoredRollout[], path: string): void {
  const newest = logs.at(-1);
  const course = newest === undefined ? null : courseOf(newest.records);
  if (newest === undefined || course === null) return;
  const isUnfinished = course.end === null || course.end.outcome === 'interrupted';
  // One that ended before it had changed anything stands in nobody's way.
  if (!isUnfinished || ![...course.hosts.values()].some(({ standing }) => isChanged(standing))) return;
  const { command } = startOf(newest);
  throw new InputError([
    { message: `${command} ${newest.id} of this plan did not come to its end` },
    {
      message:
        command === 'rollout'
          ? `hint: synaudit rollout ${path} --resume goes on with it; synaudit rollback ${path} takes it back`
          : `hint: synaudit rollback ${path} goes on with it`,
    },
  ]);
}

/** Connections are made to services, which the inventory names. Throws InputError. */
function refuseWithoutServices({ hosts }: RolloutVisits): void {
  if ([...hosts.values()].some(({ host }) => host.services.length > 0)) return;
  throw inputError('--probe connects to services, and the inventory names none of these hosts');
}

interface Question {
  readonly directory: PlanDirectory;
  readonly hosts: readonly RolloutHost[];
  readonly options: RolloutOptions;
}

async function askFirst({ directory, hosts, options }: Question, world: World): Promise<void> {
  const { plan, digest } = directory;
  const lines = plan.cohorts.flatMap(({ id, changes }) => {
    const names = hosts.filter(({ cohort }) => cohort === id).map(({ name }) => name);
    if (names.length === 0) return [];
    const what = changes.map(({ key, from, to }) => `${key} ${from} → ${to}`).join(', ');
    return [
      `  ${id}: ${what}`,
      `    on ${names.length}: ${foldHosts(names)}; first ${foldHosts(names.slice(0, options.canary))}`,
    ];
  });
  const care = `${options.canary} first in each cohort, then ${options.batchSize} at a time; stops at more than ${options.maxFail} failed`;
  world.stderr.write(`plan ${plan.id}, ${digest}\n${lines.join('\n')}\n  ${care}\n`);
  const answer = await confirmed(`change ${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}?`, world);
  if (answer === undefined)
    throw inputError('nobody can be asked without a terminal: --yes changes the hosts without a question');
  if (!answer) throw inputError('not confirmed: nothing was changed');
}

/** `--log`: the trail of all rollouts and rollbacks of a plan, oldest first. Nothing is changed, so no digest is asked for. */
async function showLogs(path: string, format: (typeof formats)[number], world: World): Promise<number> {
  const { plan } = await readPlanDirectory(expandHome(path, world));
  const logs = await rolloutsOf(rolloutsDirectory(world), plan.id);
  if (format === 'json') {
    const documents = logs.flatMap(({ records }) => {
      const course = courseOf(records);
      return course === null ? [] : [rolloutDocument(course, records)];
    });
    world.stdout.write(`${JSON.stringify(documents, null, 2)}\n`);
  } else if (logs.length === 0) world.stdout.write(`plan ${plan.id} was never rolled out from here\n`);
  else world.stdout.write(logs.map(({ records }) => trailLines(records)).join('\n'));
  return exitCodes.done;
}
