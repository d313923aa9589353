import { afresh, alsoTold, keptRounds, pause } from './between-rounds.ts';
import { conduct, type Session } from './conduct.ts';
import type { DashboardSettings } from './dashboard.ts';
import { exitCodes } from './exit.ts';
import type { OutputSettings } from './output.ts';
import { createProgress } from './progress.ts';
import { conductOnScreen } from './screen-rounds.ts';
import type { World } from './world.ts';

export interface RoundsOptions {
  readonly command: 'audit' | 'demo';
  readonly dashboard: DashboardSettings | undefined;
  /** From the beginning of one round to that of the next. Unit: s; undefined: one round. */
  readonly watchSeconds: number | undefined;
}

/** An audit that is yet to be prepared, which a dashboard may show. */
export interface Preparation {
  readonly output: OutputSettings;
  /** For people: `starting the fleet`. */
  readonly what: string;
  /** Called once. Remarks go to `note` where there is one, else to stderr. */
  readonly session: (note?: (line: string) => void) => Promise<Session>;
}

/** Runs an audit once, or in rounds, in the dashboard or without. Resolves to the exit code of the latest round. */
export async function conductRounds(
  preparation: Preparation,
  { dashboard, ...options }: RoundsOptions,
  world: World,
): Promise<number> {
  if (dashboard !== undefined) return conductOnScreen(preparation, { ...options, settings: dashboard }, world);
  const session = await preparation.session();
  if (options.watchSeconds === undefined) return conduct(session, world);
  return watched(session, options.watchSeconds, world);
}

/** One that is prepared already. */
export const prepared = (session: Session): Preparation => ({
  output: session.output,
  what: 'starting',
  session: async () => session,
});

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
