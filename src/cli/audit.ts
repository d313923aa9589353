import type { StoredRun } from '../history/read.ts';
import type { Host } from '../model/host.ts';
import { inputError } from '../model/input-error.ts';
import type { Action } from './commands.ts';
import { type conduct, finishedResults } from './conduct.ts';
import { connectionSettings, planHosts } from './connections.ts';
import { dashboardSettings } from './dashboard.ts';
import { exitCodes } from './exit.ts';
import { selectedHosts, selectionSettings } from './hosts.ts';
import { outputSettings } from './output.ts';
import { conductRounds, prepared } from './rounds.ts';
import { secretSources } from './secrets.ts';
import { readOptions, verdictSettings, visitSettings } from './settings.ts';
import { readSshConfig } from './ssh-config.ts';
import { namedRun } from './store.ts';
import { openTransports } from './transports.ts';
import type { World } from './world.ts';

/** `synaudit audit [HOST…]`: from what was typed to the exit code. */
export const audit: Action = async ({ args, options }, world) => {
  const read = readOptions(options);
  const selection = selectionSettings(read, args);
  const output = outputSettings(read, 'audit', world);
  const verdict = verdictSettings(read);
  const visits = visitSettings(read);
  const connection = connectionSettings(read, world);
  const [retry, resume] = [read.text('retry'), read.text('resume')];
  if (retry !== undefined && resume !== undefined) read.complain('give either --retry or --resume');
  const watchSeconds = read.integer('watch', { min: 1, max: 86_400 });
  const rounds = { command: 'audit' as const, dashboard: dashboardSettings(read, world), watchSeconds };
  read.done();

  const { secrets, isAsking, onAsking } = secretSources(world);
  const sshConfig = await readSshConfig(read, world);
  const { inventory, hosts, subject } = await selectedHosts(selection, sshConfig, world);
  const earlier = await earlierRun({ retry, resume }, world);
  const remaining = earlier === undefined ? hosts : hostsLeft(hosts, earlier, { isRetry: retry !== undefined });
  if (remaining.length === 0 && retry !== undefined) {
    world.stderr.write(
      `synaudit: nothing to retry: run ${earlier?.run.id} audited all of its hosts that were selected\n`,
    );
    return exitCodes.done;
  }
  const planned = await planHosts(remaining, { inventory, sshConfig, connection, world });
  if (connection.flags.hostKeys === 'off') world.stderr.write(hostKeysOff);
  const transports = openTransports(world, secrets);
  try {
    const session = { subject, inventory, hosts: planned, transportOf: transports.of, output, isAsking, onAsking };
    if (resume === undefined || earlier === undefined)
      return await conductRounds(prepared({ ...session, verdict, visits }), rounds, world);
    return await conductRounds(
      prepared({ ...session, ...asBefore(earlier, { verdict, visits }), resumed: earlier }),
      rounds,
      world,
    );
  } finally {
    await transports.close();
  }
};

/** Not silenced by -q: whoever reads the results must know. */
export const hostKeysOff =
  'synaudit: WARNING: host keys are not checked (--host-keys off): any machine on the way can pose as your servers, ' +
  'and its answers cannot be told from theirs\n';

async function earlierRun({ retry, resume }: { retry: string | undefined; resume: string | undefined }, world: World) {
  const name = retry ?? resume;
  return name === undefined ? undefined : namedRun(name, world);
}

/** A retry visits the hosts that a run has but did not audit; a resume those that it has not, or not to an end. */
function hostsLeft(hosts: readonly Host[], earlier: StoredRun, { isRetry }: { isRetry: boolean }): readonly Host[] {
  if (isRetry) {
    const failed = new Set([...earlier.results.values()].filter(({ error }) => error !== null).map(({ name }) => name));
    const left = hosts.filter(({ name }) => failed.has(name));
    if (left.length === 0 && failed.size > 0) {
      throw inputError(
        `none of the ${failed.size} hosts that run ${earlier.run.id} did not audit is among those selected`,
      );
    }
    return left;
  }
  const finished = new Set(finishedResults(earlier).map(({ name }) => name));
  return hosts.filter(({ name }) => !finished.has(name));
}

type Choices = Pick<Parameters<typeof conduct>[0], 'verdict' | 'visits'>;

/** One run is judged and sampled in one way: a resumed one goes on as it began. */
function asBefore({ run }: StoredRun, { verdict, visits }: Choices): Choices {
  return {
    verdict: { ...verdict, profile: run.profile },
    visits: { ...visits, intervalSeconds: Math.round(run.intervalMs / 1_000) },
  };
}
