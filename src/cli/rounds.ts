import { rm } from 'node:fs/promises';
import { runFile } from '../history/store.ts';
import type { RunEvent } from '../model/run.ts';
import { stripControls } from '../text/ansi.ts';
import { formatDuration } from '../text/duration.ts';
import { conduct, type Session } from './conduct.ts';
import { besideDashboard, type DashboardSettings, type Shown, showDashboard, storedRunOf } from './dashboard.ts';
import { exitCodes, internalErrorText } from './exit.ts';
import { createProgress, type Progress } from './progress.ts';
import { runsDirectory, type World } from './world.ts';

export interface RoundsOptions {
  readonly command: 'audit' | 'demo';
  readonly dashboard: DashboardSettings | undefined;
  /** From the beginning of one round to that of the next. Unit: s; undefined: one round. */
  readonly watchSeconds: number | undefined;
}

/** Runs an audit once, or in rounds, in the dashboard or without. Resolves to the exit code of the latest round. */
export async function conductRounds(session: Session, options: RoundsOptions, world: World): Promise<number> {
  if (options.dashboard !== undefined) return onScreen(session, { ...options, settings: options.dashboard }, world);
  if (options.watchSeconds === undefined) return conduct(session, world);
  return watched(session, options.watchSeconds, world);
}

/** Rounds without a dashboard: each is shown as one audit is. */
async function watched(session: Session, watchSeconds: number, world: World): Promise<number> {
  const kept = keptRounds(world);
  for (let round = session; ; round = afresh(session)) {
    const beganAt = performance.now();
    const progress = createProgress(world.stderr, { quiet: session.output.quiet, isPaused: session.isAsking });
    const exitCode = await conduct({ ...round, progress: alsoTold(progress, kept.accept) }, world);
    await kept.prune();
    if (exitCode === exitCodes.interrupted || exitCode === exitCodes.internalError) return exitCode;
    if ((await pause(watchSeconds * 1_000 - (performance.now() - beganAt), world)) === 'stopped')
      return exitCodes.interrupted;
  }
}

/** Without what only the first round goes on with. */
function afresh({ resumed: _, ...session }: Session): Session {
  return session;
}

async function onScreen(
  session: Session,
  { command, settings, watchSeconds }: RoundsOptions & { readonly settings: DashboardSettings },
  world: World,
): Promise<number> {
  let interrupt: () => void = () => {};
  const shown = await showDashboard(
    settings,
    {
      command,
      canRetry: true,
      watchSeconds: watchSeconds ?? null,
      servicesOf: servicesOf(session),
      output: session.output,
      interrupt: () => interrupt(),
    },
    world,
  );
  const screened: World = {
    ...world,
    stopSignals(onWind) {
      const stop = world.stopSignals(() => {
        shown.stopping();
        onWind();
      });
      interrupt = () => stop.interrupt?.();
      return stop;
    },
  };
  session.onAsking?.(isAsking => (isAsking ? shown.suspend() : shown.resume()));
  const kept = keptRounds(world);
  const progress: Progress = { accept: shown.accept, note: shown.note, close() {} };
  let next: Session | null = { ...session, output: besideDashboard(session.output) };
  let exitCode: number = exitCodes.done;
  try {
    while (next !== null) {
      const beganAt = performance.now();
      exitCode = await conduct({ ...next, progress: alsoTold(progress, kept.accept) }, screened);
      if (watchSeconds !== undefined) await kept.prune();
      if (exitCode === exitCodes.interrupted) break;
      const waitMs = watchSeconds === undefined ? undefined : watchSeconds * 1_000 - (performance.now() - beganAt);
      const wish = await wishOf(shown, waitMs, { world: screened });
      if (wish.type === 'stopped') exitCode = exitCodes.interrupted;
      if (wish.type === 'crash') {
        shown.close();
        world.stderr.write(internalErrorText(wish.error, session.output.verbose));
        return exitCodes.internalError;
      }
      next = wish.type === 'round' ? afresh(next) : wish.type === 'retry' ? retried(session, shown, wish.hosts) : null;
    }
  } finally {
    shown.close();
  }
  tellConclusion(shown, exitCode, world);
  return exitCode;
}

type Wish =
  | { readonly type: 'quit' | 'stopped' | 'round' }
  | { readonly type: 'retry'; readonly hosts: readonly string[] }
  | { readonly type: 'crash'; readonly error: unknown };

/** What comes after a round: the next one, hosts to visit again, or the end. */
async function wishOf(shown: Shown, waitMs: number | undefined, { world }: { readonly world: World }): Promise<Wish> {
  const ended = new AbortController();
  const stopped = untilStopped(world, ended.signal);
  try {
    return await Promise.race<Wish>([
      shown.left.then(left =>
        left.by === 'crash' ? { type: 'crash', error: left.error } : { type: left.by === 'quit' ? 'quit' : 'stopped' },
      ),
      shown.retryWanted().then(hosts => ({ type: 'retry', hosts })),
      stopped.then(() => ({ type: 'stopped' })),
      ...(waitMs === undefined ? [] : [sleep(waitMs, ended.signal).then((): Wish => ({ type: 'round' }))]),
    ]);
  } finally {
    ended.abort();
  }
}

/** The same session for some of its hosts; the results of the others stand, in the same stored run. */
function retried(session: Session, shown: Shown, names: readonly string[]): Session {
  const wanted = new Set(names);
  const stored = storedRunOf(shown.data());
  const hosts = session.hosts.filter(({ host }) => wanted.has(host.name));
  const base = { ...session, hosts, output: besideDashboard(session.output) };
  if (stored === undefined) return base;
  return {
    ...base,
    resumed: { ...stored, results: new Map([...stored.results].filter(([name]) => !wanted.has(name))) },
  };
}

function servicesOf({ inventory }: Session): (host: string) => readonly string[] {
  const byHost = new Map(
    inventory.hosts.map(({ name, services }) => [name, services.map(service => `${service.name} :${service.port}`)]),
  );
  return host => byHost.get(host) ?? [];
}

const alsoTold = (progress: Progress, accept: (event: RunEvent) => void): Progress => ({
  ...progress,
  accept(event) {
    accept(event);
    progress.accept(event);
  },
});

/** Of the rounds of a watch the first and the latest stay stored: a night of them must not push out everything else. */
function keptRounds(world: World) {
  const ids: string[] = [];
  return {
    accept(event: RunEvent) {
      if (event.type === 'run' && ids.at(-1) !== event.run.id) ids.push(event.run.id);
    },
    async prune() {
      const [middle] = ids.length > 2 ? ids.splice(1, 1) : [];
      if (middle !== undefined) await rm(runFile(runsDirectory(world), middle), { force: true });
    },
  };
}

/** Waits for the next round of a watch. */
async function pause(ms: number, world: World): Promise<'over' | 'stopped'> {
  const ended = new AbortController();
  try {
    return await Promise.race([
      sleep(ms, ended.signal).then(() => 'over' as const),
      untilStopped(world, ended.signal).then(() => 'stopped' as const),
    ]);
  } finally {
    ended.abort();
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, Math.max(0, ms));
    signal.addEventListener('abort', () => clearTimeout(timer));
  });
}

/** Resolves at Ctrl-C or SIGTERM; listens no longer once `signal` is aborted. */
function untilStopped(world: World, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const stop = world.stopSignals(() => resolve());
    stop.winding.addEventListener('abort', () => resolve());
    stop.now.addEventListener('abort', () => resolve());
    signal.addEventListener('abort', () => stop.release());
  });
}

/** What stays on the terminal when the dashboard is gone. */
function tellConclusion(shown: Shown, exitCode: number, { stdout }: World): void {
  const { run, rows, end, beganAt, finishedAt } = shown.data();
  if (run === null) return;
  const took = finishedAt === null ? '' : ` · ${formatDuration(finishedAt - beganAt)}`;
  const counts = Object.entries(end?.summary.findings ?? {}).filter(([, n]) => n > 0);
  const found = counts.length === 0 ? 'no findings' : counts.map(([severity, n]) => `${n} ${severity}`).join(', ');
  const lost = [...rows.values()].filter(({ result }) => result.error !== null).length;
  const subject = stripControls(run.subject);
  stdout.write(
    `synaudit · ${rows.size} of ${run.hostCount} hosts (${subject})${took} · ${found}${lost > 0 ? ` · ${lost} not audited` : ''}` +
      `${exitCode === exitCodes.interrupted ? ' · interrupted' : ''}\n` +
      `Stored as run ${run.id}: synaudit report · synaudit report --no-tui\n`,
  );
}
