import { recordPlan } from '../history/plans.ts';
import type { StoredRun } from '../history/read.ts';
import { rolloutsOf } from '../history/rollouts.ts';
import { InputError, inputError } from '../model/input-error.ts';
import { plannedKey, type RemediationPlan } from '../model/remediation.ts';
import { severities } from '../model/rule.ts';
import type { FleetFinding, HostResult, RunInfo } from '../model/run.ts';
import { type Asked, everything } from '../remediate/asked.ts';
import { planFiles } from '../remediate/files.ts';
import { type Draft, draftPlan } from '../remediate/plan.ts';
import { changedHosts } from '../remediate/rollout-course.ts';
import { explainedRules } from '../rules/explain.ts';
import { foldHosts } from '../text/host-set.ts';
import { nearest } from '../text/nearest.ts';
import type { Action } from './commands.ts';
import { errnoText, isErrno } from './errno.ts';
import { exitCodes } from './exit.ts';
import { type FixSummary, fixDocument, fixText } from './fix-summary.ts';
import { namesInRun } from './hosts.ts';
import { freeDirectory, placeDirectory, planIn } from './place-directory.ts';
import { digestOf, sha256 } from './plan-directory.ts';
import { longFlag, type OptionReader, readOptions } from './settings.ts';
import { freshRunId, namedRun } from './store.ts';
import { version } from './version.ts';
import { expandHome, plansDirectory, rolloutsDirectory, type World } from './world.ts';

/** `synaudit fix [RUN] --out DIR`: from what a run found to scripts that a reviewer can read. Changes no host. */
export const fix: Action = async ({ args, options }, world) => {
  const read = readOptions(options);
  const format = read.choice('format', ['table', 'json'] as const) ?? 'table';
  const asked = askedFor(read);
  const out = read.text('out');
  if (out === undefined) read.complain(`say where to write it: ${longFlag('out')} DIR`);
  read.done();
  const stored = await namedRun(args[0] ?? 'latest', world);
  checkRules(asked.rules, stored);
  const limit = read.text('limit');
  const hosts = limit === undefined ? [...stored.results.keys()] : await namesInRun(stored.results, limit, world);
  if (!read.isOn('quiet')) tellRemarks(stored, asked, world);
  const directory = expandHome(out ?? '', world);
  const made = { ...about(stored, hosts), asked, directory, mayReplace: read.isOn('force') };
  const summary = await write(made, world);
  if (summary.recordTrouble !== null) world.stderr.write(`synaudit: ${summary.recordTrouble}\n`);
  const width = world.stdout.isTerminal ? Math.max(80, world.stdout.columns ?? 80) : 100;
  world.stdout.write(format === 'json' ? fixDocument(summary) : fixText(summary, width, read.isOn('verbose')));
  return exitCodes.done;
};

/**
 * Writes the plan for some hosts of a run into a new directory, and records its digest in the store; for the dashboard.
 * `digest` is null where there is nothing that a script could do: then nothing was written. Throws InputError, SurroundingsError.
 */
export const writeFix = (
  results: Iterable<HostResult>,
  run: RunInfo,
  hosts: readonly string[],
  directory: string,
  world: World,
): Promise<FixSummary> => {
  const wanted = new Set(hosts);
  const chosen = [...results].filter(({ name }) => wanted.has(name));
  return write({ run, results: chosen, asked: everything, directory, mayReplace: false }, world);
};

interface Making {
  readonly run: RunInfo;
  readonly results: readonly HostResult[];
  /** What was found about the fleet as a whole; left out by the dashboard, which has hosts marked. */
  readonly fleet?: readonly FleetFinding[];
  readonly asked: Asked;
  readonly directory: string;
  readonly mayReplace: boolean;
}

function about({ run, results, end }: StoredRun, hosts: readonly string[]): Pick<Making, 'run' | 'results' | 'fleet'> {
  return { run, results: hosts.flatMap(name => results.get(name) ?? []), fleet: end?.fleet.findings ?? [] };
}

async function write({ run, results, fleet, asked, directory, mayReplace }: Making, world: World): Promise<FixSummary> {
  const draft = draftPlan(results, asked, fleet);
  const nothing = { draft, run: run.id, plan: null, directory: null, digest: null, recordTrouble: null };
  if (draft.cohorts.length === 0) return nothing;
  const path = await freeDirectory(directory, mayReplace);
  await refuseRolledOut(path, world);
  const { plan, files } = planFiles(identified(draft, run), sha256);
  await placeDirectory(path, files);
  const digest = digestOf(files.at(-1)?.text ?? '');
  const recordTrouble = await record({ plan, digest, directory: path }, world);
  return { draft, run: run.id, plan: plan.id, directory: path, digest, recordTrouble };
}

/** The scripts of a plan are its way back: as long as it is on hosts, they are not replaced. Throws InputError. */
async function refuseRolledOut(path: string, world: World): Promise<void> {
  const id = await planIn(path);
  const logs = id === undefined ? [] : await rolloutsOf(rolloutsDirectory(world), id);
  const hosts = changedHosts(logs.map(({ records }) => records));
  if (hosts.length === 0) return;
  throw inputError(
    `${path}: its plan is on ${foldHosts(hosts)}, and is what takes it back there; give a new directory`,
  );
}

function identified(draft: Draft, { id, startedAt, subject }: RunInfo): Omit<RemediationPlan, 'schema' | 'files'> {
  const now = new Date();
  return {
    id: freshRunId(now),
    createdAt: now.toISOString(),
    version: version(),
    run: { id, startedAt, subject },
    ...draft,
  };
}

interface Placed {
  readonly plan: RemediationPlan;
  readonly digest: string;
  readonly directory: string;
}

/** Null, or what a reader must know where the store cannot be written: the plan stands, but `rollout` does not know it. */
async function record({ plan, digest, directory }: Placed, world: World): Promise<string | null> {
  const place = plansDirectory(world);
  try {
    const { id, createdAt, run } = plan;
    await recordPlan(place, { id, digest, directory, recordedAt: createdAt, user: world.userName, run: run.id });
    return null;
  } catch (error) {
    if (!isErrno(error)) throw error;
    return `the plan is not recorded in ${place}: ${errnoText(error)}; a rollout needs --plan-digest ${digest}`;
  }
}

function askedFor(read: OptionReader): Asked {
  const keys = read.list('only').map(key => (/[./]/.exec(key)?.[0] === '/' ? swapped(key) : key));
  for (const key of keys) {
    if (!plannedKey.test(key)) read.complain(`--only: expected a sysctl key like net.core.somaxconn, got "${key}"`);
  }
  return { rules: read.list('rule'), severity: read.choice('severity', severities) ?? everything.severity, keys };
}

/** `net/ipv4/conf/eth0.100/rp_filter`: with a slash first, dots and slashes change places (sysctl.d(5)). */
const swapped = (key: string): string => key.replace(/[./]/g, found => (found === '.' ? '/' : '.'));

/** Throws InputError for ids that neither this version nor the run knows. */
function checkRules(ids: readonly string[], { results }: StoredRun): void {
  const known = new Set(explainedRules.map(({ id }) => id));
  const unknown = ids.filter(id => !known.has(id)).filter(id => ![...results.values()].some(ran(id)));
  if (unknown.length === 0) return;
  throw new InputError(
    unknown.map(id => {
      const near = nearest(id, [...known]);
      return {
        message: `there is no rule "${id}"${near === undefined ? '' : `; did you mean ${near}?`} (synaudit rules list)`,
      };
    }),
  );
}

const ran =
  (rule: string) =>
  ({ verdicts }: HostResult): boolean =>
    Object.hasOwn(verdicts, rule);

/** What may surprise, on stderr. */
function tellRemarks({ run, results, end }: StoredRun, { keys }: Asked, { stderr }: World): void {
  if (end === null)
    stderr.write(`synaudit: run ${run.id} did not end: ${results.size} of ${run.hostCount} hosts are in it\n`);
  const wanted = new Set<string>();
  for (const { findings, namespaces } of results.values()) {
    for (const { remedy } of [...findings, ...namespaces.flatMap(namespace => namespace.findings)])
      for (const key of Object.keys(remedy?.set ?? {})) wanted.add(key);
  }
  for (const key of keys) if (!wanted.has(key)) stderr.write(`synaudit: no finding of run ${run.id} asks for ${key}\n`);
}
