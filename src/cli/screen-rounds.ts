import { stripControls } from '../text/ansi.ts';
import { formatDuration } from '../text/duration.ts';
import type { Left } from '../ui/open.tsx';
import { afresh, alsoTold, keptRounds, sleep, untilStopped } from './between-rounds.ts';
import { conduct, type Session } from './conduct.ts';
import { besideDashboard, type DashboardSettings, type Shown, showDashboard, storedRunOf } from './dashboard.ts';
import { exitCodes, internalErrorText } from './exit.ts';
import type { Progress } from './progress.ts';
import type { Preparation, RoundsOptions } from './rounds.ts';
import type { World } from './world.ts';

type ScreenOptions = Omit<RoundsOptions, 'dashboard'> & { readonly settings: DashboardSettings };

/** Runs an audit, in rounds if so asked, in a dashboard that opens at once. Resolves to the exit code. */
export async function conductOnScreen(
  preparation: Preparation,
  { command, settings, watchSeconds }: ScreenOptions,
  world: World,
): Promise<number> {
  let interrupt: () => void = () => {};
  let services: ((host: string) => readonly string[]) | undefined;
  const { output, what } = preparation;
  const shown = await showDashboard(
    settings,
    {
      command,
      canRetry: true,
      watchSeconds: watchSeconds ?? null,
      servicesOf: host => services?.(host) ?? [],
      starting: what,
      output,
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
  let crash: { readonly error: unknown } | null = null;
  void shown.left.then(left => {
    if (left.by !== 'crash') return;
    crash = left;
    shown.close();
    interrupt(); // twice: nobody can see any more what is finished first
    interrupt();
  });
  const conclude = (exitCode: number): number => {
    shown.close();
    if (crash === null) {
      tellConclusion(shown, exitCode, world);
      return exitCode;
    }
    world.stderr.write(internalErrorText(crash.error, output.verbose));
    return exitCodes.internalError;
  };
  try {
    const first = await sessionUnlessLeft(preparation, shown, screened);
    if (typeof first === 'number') return conclude(first);
    services = servicesOf(first);
    first.onAsking?.(isAsking => (isAsking ? shown.suspend() : shown.resume()));
    return conclude(
      await rounds({ ...first, output: besideDashboard(output), isWatched: true }, { shown, watchSeconds }, screened),
    );
  } finally {
    shown.close();
  }
}

/** The session once it is prepared, or the exit code of who does not wait for that. */
async function sessionUnlessLeft({ session }: Preparation, shown: Shown, world: World): Promise<Session | number> {
  const ended = new AbortController();
  try {
    const left = shown.left.then(({ by }) => (by === 'quit' ? exitCodes.done : exitCodes.interrupted));
    const stopped = untilStopped(world, ended.signal).then(() => exitCodes.interrupted);
    return await Promise.race<Session | number>([session(shown.note), left, stopped]);
  } finally {
    ended.abort();
  }
}

interface Showing {
  readonly shown: Shown;
  readonly watchSeconds: number | undefined;
}

async function rounds(session: Session, { shown, watchSeconds }: Showing, world: World): Promise<number> {
  const kept = keptRounds(world);
  const progress: Progress = alsoTold({ accept: shown.accept, note: shown.note, close() {} }, kept.accept);
  const wishAfter = wishesOf(shown);
  for (let round = session; ; ) {
    const beganAt = performance.now();
    const exitCode = await conduct({ ...round, progress }, world);
    if (watchSeconds !== undefined) await kept.prune();
    if (exitCode === exitCodes.interrupted) return exitCode;
    const waitMs = watchSeconds === undefined ? undefined : watchSeconds * 1_000 - (performance.now() - beganAt);
    const wish = await wishAfter(waitMs, world);
    if (wish.type === 'left') return wish.by === 'quit' ? exitCode : exitCodes.interrupted;
    round = wish.type === 'retry' ? retried(session, shown, wish.hosts) : afresh(session);
  }
}

type Wish =
  | { readonly type: 'left'; readonly by: Left['by'] }
  | { readonly type: 'round' }
  | { readonly type: 'retry'; readonly hosts: readonly string[] };

/**
 * Waits for what comes after a round: the next one, hosts to visit again, or the end. The end is listened for once, not once
 * per round: a promise keeps everybody who ever waited for it, and a watch goes on for days.
 */
function wishesOf(shown: Shown): (waitMs: number | undefined, world: World) => Promise<Wish> {
  let left: Wish | undefined;
  let tell: (wish: Wish) => void = () => {};
  void shown.left.then(({ by }) => {
    left = { type: 'left', by };
    tell(left);
  });
  return async (waitMs, world) => {
    const ended = new AbortController();
    const wish = new Promise<Wish>(resolve => {
      tell = resolve;
      if (left !== undefined) tell(left);
      void untilStopped(world, ended.signal).then(() => resolve({ type: 'left', by: 'interrupt' }));
      void shown.retryWanted().then(hosts => resolve({ type: 'retry', hosts }));
      if (waitMs !== undefined) void sleep(waitMs, ended.signal).then(() => resolve({ type: 'round' }));
    });
    return wish.finally(() => ended.abort());
  };
}

/** The same session for some of its hosts; the results of the others stand, in the same stored run. */
function retried(session: Session, shown: Shown, names: readonly string[]): Session {
  const wanted = new Set(names);
  const stored = storedRunOf(shown.data());
  const hosts = session.hosts.filter(({ host }) => wanted.has(host.name));
  const base = { ...session, hosts };
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
