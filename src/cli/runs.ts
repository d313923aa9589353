import { type RunOverview, runOverview } from '../history/overview.ts';
import { findRun } from '../history/read.ts';
import { pruneRuns, runFile, runIds, runsKept } from '../history/store.ts';
import { stripControls } from '../text/ansi.ts';
import { formatDuration } from '../text/duration.ts';
import { alignRows } from '../text/table.ts';
import type { Action } from './commands.ts';
import { exitCodes } from './exit.ts';
import { readOptions } from './settings.ts';
import { expandHome, runsDirectory } from './world.ts';

const formats = ['table', 'json'] as const;

/** `synaudit runs list`: newest first. A file that cannot be read is listed as such, not passed over. */
export const list: Action = async ({ options }, world) => {
  const read = readOptions(options);
  const format = read.choice('format', formats) ?? 'table';
  read.done();
  const directory = runsDirectory(world);
  const ids = await runIds(directory);
  const runs = [];
  for (const id of ids) runs.push(await listed(runFile(directory, id), id));
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
  const file = await findRun(runsDirectory(world), expandHome(args[0] ?? 'latest', world));
  const stored = await runOverview(file);
  const facts = { ...stored.run, ...describeEnd(stored), file, bytes: stored.bytes };
  if (format === 'json') world.stdout.write(`${JSON.stringify(facts, null, 2)}\n`);
  else
    world.stdout.write(`${alignRows(Object.entries(facts).map(([key, value]) => [key, shown(value)])).join('\n')}\n`);
  return exitCodes.done;
};

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
  readonly id: string;
  readonly subject: string;
  readonly hosts: number | null;
  readonly duration: string;
  readonly findings: string;
  readonly end: string;
}

const headings = ['run', 'of', 'hosts', 'took', 'findings', 'end'];

const row = ({ id, subject, hosts, duration, findings, end }: Listed): string[] => [
  id,
  stripControls(subject),
  hosts === null ? '–' : String(hosts),
  duration,
  findings,
  end,
];

async function listed(file: string, id: string): Promise<Listed> {
  try {
    const overview = await runOverview(file);
    return { id, subject: overview.run.subject, hosts: overview.run.hostCount, ...describeEnd(overview) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { id, subject: '–', hosts: null, duration: '–', findings: '–', end: `unreadable: ${stripControls(why)}` };
  }
}

function describeEnd({ run, end }: RunOverview): Pick<Listed, 'duration' | 'findings' | 'end'> {
  if (end === null)
    return { duration: '–', findings: '–', end: 'did not end (synaudit audit --resume goes on with it)' };
  const { findings, exitCode } = end.summary;
  const counts = Object.entries(findings).filter(([, n]) => n > 0);
  return {
    duration: formatDuration(Math.max(0, Date.parse(end.finishedAt) - Date.parse(run.startedAt))),
    findings: counts.length === 0 ? 'none' : counts.map(([severity, n]) => `${n} ${severity}`).join(', '),
    end: end.interrupted ? 'interrupted' : `exit ${exitCode}`,
  };
}

const shown = (value: unknown): string => stripControls(String(value));
