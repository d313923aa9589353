import { createTally } from '../engine/summary.ts';
import type { StoredRun } from '../history/read.ts';
import { noFleet, type RunEvent } from '../model/run.ts';
import { foldHosts } from '../text/host-set.ts';
import type { Left, OpenDashboard } from '../ui/open.tsx';
import type { RunData, Setup } from '../ui/state.ts';
import { dashboardFix, word } from './dashboard-fix.ts';
import { reasonOf } from './errno.ts';
import { endNow, exitCodes, internalErrorText } from './exit.ts';
import { hasColor, type OutputSettings, openOutputs } from './output.ts';
import type { OptionReader } from './settings.ts';
import type { World } from './world.ts';

/** That a dashboard is wanted, and how it is drawn. */
export interface DashboardSettings {
  readonly screen: NonNullable<World['screen']>;
  readonly color: boolean;
  readonly ascii: boolean;
}

/**
 * Undefined: no dashboard, and nothing of it is loaded. It opens on a terminal that can be typed on, unless something speaks
 * against it: --no-tui, -q, a format that was asked for, a CI, a terminal without cursor movement.
 */
export function dashboardSettings(read: OptionReader, world: World): DashboardSettings | undefined {
  const { screen, env } = world;
  const isCi = ['CI', 'CONTINUOUS_INTEGRATION'].some(name => !['', '0', 'false'].includes(env[name] ?? ''));
  const isPlain = !read.isOn('tui') || read.isOn('quiet') || read.text('format') !== undefined;
  if (screen === undefined || isPlain || isCi || env['TERM'] === 'dumb') return undefined;
  return { screen, color: hasColor(read, world), ascii: read.isOn('ascii') || !isUtf8(env) };
}

/** As setlocale(3): the first that is set decides. Without any the locale is C, but terminals are UTF-8 since long. */
function isUtf8(env: World['env']): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(value => (value ?? '') !== '');
  return locale === undefined || /utf-?8/i.test(locale);
}

/** The outputs without stdout, which the dashboard covers. */
export const besideDashboard = (output: OutputSettings): OutputSettings => ({
  ...output,
  destinations: output.destinations.filter(({ file }) => file !== undefined),
});

/** A dashboard, and how to learn what its user wants. */
export interface Shown extends Omit<OpenDashboard, 'left'> {
  readonly left: Promise<Left>;
  /** Resolves to the hosts to visit again, each time the user asks for it. */
  readonly retryWanted: () => Promise<readonly string[]>;
}

export interface ShowOptions extends Pick<Setup, 'command' | 'canRetry' | 'watchSeconds' | 'starting'> {
  readonly servicesOf?: Setup['servicesOf'];
  readonly output: OutputSettings;
  readonly interrupt: () => void;
}

/** Loads and opens the dashboard. The terminal is given back however the process ends. */
export async function showDashboard(settings: DashboardSettings, options: ShowOptions, world: World): Promise<Shown> {
  const [{ openDashboard }, { explainedRules, sectionsOf }] = await Promise.all([
    import('../ui/open.tsx'),
    import('../rules/explain.ts'),
  ]);
  const { command, canRetry, watchSeconds, servicesOf, starting, output, interrupt } = options;
  let wantRetry: (hosts: readonly string[]) => void = () => {};
  const width = () => Math.max(40, settings.screen.output.columns - 4);
  const fix = dashboardFix({ data: () => dashboard.data(), width }, world);
  const dashboard = openDashboard({
    setup: {
      command,
      canRetry,
      watchSeconds,
      canExport: true,
      canFix: command !== 'diff',
      rules: explainedRules.map(rule => ({ id: rule.id, title: rule.title, sections: sectionsOf(rule) })),
      commands: marked => [
        ...fix.commands(),
        ...commandLines(marked, { command, runId: () => dashboard.data().run?.id, world }),
      ],
      ...(servicesOf === undefined ? {} : { servicesOf }),
      ...(starting === undefined ? {} : { starting }),
    },
    theme: { color: settings.color, ascii: settings.ascii },
    ...settings.screen,
    requests: {
      interrupt,
      retry: hosts => wantRetry(hosts),
      export: () => exported(dashboard.data(), output, world),
      fix: fix.write,
    },
  });
  process.once('exit', dashboard.close);
  // also for a rejection that nobody handles; what is printed now does not vanish with the alternate screen
  const onBug = (error: unknown) => {
    dashboard.close();
    endNow(error, world, output.verbose);
  };
  process.once('uncaughtException', onBug);
  return {
    ...dashboard,
    retryWanted: () =>
      new Promise(resolve => {
        wantRetry = resolve;
      }),
    close() {
      process.off('exit', dashboard.close);
      process.off('uncaughtException', onBug);
      dashboard.close();
    },
  };
}

/** Waits until the user leaves, or the process is told to end. Resolves to the exit code: 130 if it was not `q`. */
export async function whenLeft(
  shown: Shown,
  { exitCode, verbose, world }: { readonly exitCode: number; readonly verbose: boolean; readonly world: World },
): Promise<number> {
  const stop = world.stopSignals(() => {});
  const stopped = new Promise<Left>(resolve => {
    for (const signal of [stop.winding, stop.now]) signal.addEventListener('abort', () => resolve({ by: 'interrupt' }));
  });
  const left = await Promise.race([shown.left, stopped]);
  stop.release();
  shown.close();
  if (left.by === 'crash') {
    world.stderr.write(internalErrorText(left.error, verbose));
    return exitCodes.internalError;
  }
  return left.by === 'quit' ? exitCode : exitCodes.interrupted;
}

/** What was gathered on the screen, as a run that could be loaded from the store. */
export const storedRunOf = ({ run, rows, end }: RunData): StoredRun | undefined =>
  run === null ? undefined : { run, results: new Map([...rows.values()].map(row => [row.name, row.result])), end };

/** The events of a run as a whole, for sinks. One that did not end is judged by what is there. */
export function* eventsOf(
  { run, results, end }: StoredRun,
  policy: Pick<StoredRun['run'], 'failOn' | 'allowIncomplete'>,
): Iterable<RunEvent> {
  const tally = createTally();
  yield { type: 'run', run: { ...run, ...policy } };
  for (const result of results.values()) {
    tally.add(result);
    yield { type: 'host', result, snapshot: null };
  }
  tally.addFleet(end?.fleet?.findings ?? []);
  const interrupted = end?.interrupted ?? true;
  const internalError = [...results.values()].some(({ error }) => error?.code === 'internal');
  yield {
    type: 'end',
    finishedAt: end?.finishedAt ?? run.startedAt,
    interrupted,
    summary: tally.summary(policy, { interrupted, internalError }),
    fleet: end?.fleet ?? noFleet,
  };
}

/** Writes what is there now as JSON into the current directory, and says so. Never throws: people are looking at a screen. */
function exported(data: RunData, output: OutputSettings, world: World): string {
  const stored = storedRunOf(data);
  if (stored === undefined) return 'nothing to write yet';
  const file = `synaudit-${stored.run.id}.json`;
  try {
    const outputs = openOutputs({ ...output, destinations: [{ format: 'json', file }] }, world);
    for (const event of eventsOf(stored, stored.run)) outputs.accept(event);
    outputs.close();
    return `wrote ${file} (${stored.results.size} of ${stored.run.hostCount} hosts)`;
  } catch (error) {
    return `${file} could not be written: ${reasonOf(error)}`;
  }
}

interface Described {
  readonly command: string;
  readonly runId: () => string | undefined;
  readonly world: World;
}

/** What to type for the same without the dashboard; for marked hosts also how to visit them alone. */
function commandLines(marked: readonly string[], { command, runId, world }: Described): readonly string[] {
  const typed = (world.argv ?? [command]).map(word).join(' ');
  const id = runId();
  const lines = [`synaudit ${typed} --no-tui`];
  if (marked.length > 0 && command === 'audit') lines.push(`synaudit ${typed} -l ${word(foldHosts(marked))} --no-tui`);
  if (id !== undefined && command !== 'report') lines.push(`synaudit report ${id} --no-tui`);
  if (id !== undefined) lines.push(`synaudit report ${id} -f json`);
  return lines;
}
