import { type RunOverview, runOverview } from '../history/overview.ts';
import { findRun } from '../history/read.ts';
import { pruneRuns, runFile, runIds, runsKept } from '../history/store.ts';
import { stripControls } from '../text/ansi.ts';
import { formatDuration } from '../text/duration.ts';
import { alignRows } from '../text/table.ts';
import type { Action } from './commands.ts';
import { reasonOf } from './errno.ts';
import { exitCodes } from './exit.ts';
import { readOptions } from './settings.ts';
import { probeFileOf, probeOverview, storedProbes } from './stored-probes.ts';
import { expandHome, runsDirectory, type World } from './world.ts';

const formats = ['table', 'json'] as const;

/** `synaudit runs list`: audits and probes, newest first. A file that cannot be read is listed as such, not passed over. */
export const list: Action = async ({ options }, world) => {
  const read = readOptions(options);
  const format = read.choice('format', formats) ?? 'table';
  read.done();
  const directory = runsDirectory(world);
  const runs: Listed[] = [];
  for (const id of await runIds(directory)) runs.push(await listed(runFile(directory, id), id));
  for (const id of await storedProbes(world)) runs.push(await listedProbe(id, world));
  runs.sort((a, b) => (a.id < b.id ? 1 : -1));
  if (format === 'json') world.stdout.write(`${JSON.stringify(runs, null, 2)}\n`);
  else if (runs.length === 0) world.stdout.write(`no stored run in ${directory}\n`);
  else world.stdout.write(`${alignRows([headings, ...runs.map(row)]).join('\n')}\n`);
  return exitCodes.done;
};

/** `synaudit runs show [RUN]`. */
export const show: Action = async ({ args, options }, world) => {
  const read = readOptions(options);
  const format = read.choice('format', formats) ?? 'table';
  read.done();
  const facts = await factsOf(args[0] ?? 'latest', world);
  if (format === 'json') world.stdout.write(`${JSON.stringify(facts, null, 2)}\n`);
  else
    world.stdout.write(`${alignRows(Object.entries(facts).map(([key, value]) => [key, shown(value)])).join('\n')}\n`);
  return exitCodes.done;
};

async function factsOf(name: string, world: World): Promise<object> {
  if ((await storedProbes(world)).includes(name)) {
    const file = probeFileOf(name, world);
    return { id: name, ...(await probeOverview(file)), file };
  }
  const file = await findRun(runsDirectory(world), expandHome(name, world));
  const stored = await runOverview(file);
  return { ...stored.run, ...describeEnd(stored), file, bytes: stored.bytes };
}

/** `synaudit runs prune`. */
export const prune: Action = async ({ options }, world) => {
  const read = readOptions(options);
  const keep = read.integer('keep', { min: 0, max: 1_000_000 }) ?? runsKept;
  read.done();
  const gone = await pruneRuns(runsDirectory(world), keep);
  if (!read.isOn('quiet'))
    world.stdout.write(`removed ${gone.length} ${gone.length === 1 ? 'run' : 'runs'}, kept the newest ${keep}\n`);
  return exitCodes.done;
};

interface Listed {
  readonly kind: 'audit' | 'probe';
  readonly id: string;
  readonly subject: string;
  /** Of a probe: pairs of place and target. */
  readonly hosts: number | null;
  readonly duration: string;
  readonly findings: string;
  readonly end: string;
}

const headings = ['run', 'of', 'hosts', 'took', 'findings', 'end'];

const row = ({ kind, id, subject, hosts, duration, findings, end }: Listed): string[] => [
  id,
  stripControls(subject),
  hosts === null ? '–' : kind === 'probe' ? `${hosts} ${hosts === 1 ? 'pair' : 'pairs'}` : String(hosts),
  duration,
  findings,
  end,
];

async function listed(file: string, id: string): Promise<Listed> {
  try {
    const overview = await runOverview(file);
    const { subject, hostCount } = overview.run;
    return { kind: 'audit', id, subject, hosts: hostCount, ...describeEnd(overview) };
  } catch (error) {
    return { kind: 'audit', id, ...unreadable(error) };
  }
}

async function listedProbe(id: string, world: World): Promise<Listed> {
  try {
    const { subject, pairs, duration, failures, end } = await probeOverview(probeFileOf(id, world));
    return { kind: 'probe', id, subject, hosts: pairs, duration, findings: failures, end };
  } catch (error) {
    return { kind: 'probe', id, ...unreadable(error) };
  }
}

function unreadable(error: unknown): Omit<Listed, 'kind' | 'id'> {
  const end = `unreadable: ${stripControls(reasonOf(error))}`;
  return { subject: '–', hosts: null, duration: '–', findings: '–', end };
}

function describeEnd({ run, end }: RunOverview): Pick<Listed, 'duration' | 'findings' | 'end'> {
  if (end === null)
    return { duration: '–', findings: '–', end: `did not end (synaudit audit --resume ${run.id} goes on with it)` };
  const { findings, exitCode } = end.summary;
  const counts = Object.entries(findings).filter(([, n]) => n > 0);
  return {
    duration: formatDuration(Math.max(0, Date.parse(end.finishedAt) - Date.parse(run.startedAt))),
    findings: counts.length === 0 ? 'none' : counts.map(([severity, n]) => `${n} ${severity}`).join(', '),
    end: end.interrupted ? 'interrupted' : `exit ${exitCode}`,
  };
}

const shown = (value: unknown): string => stripControls(String(value));
