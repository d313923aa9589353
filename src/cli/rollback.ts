import { rolloutsOf } from '../history/rollouts.ts';
import { inputError } from '../model/input-error.ts';
import type { RolloutHost } from '../model/rollout.ts';
import { changedHosts } from '../remediate/rollout-course.ts';
import { foldHosts } from '../text/host-set.ts';
import type { Action } from './commands.ts';
import { confirmed } from './confirm.ts';
import { exitCodes } from './exit.ts';
import { reachHosts, reachSettings } from './rollout-reach.ts';
import { conductRollout, withPlanLocked } from './rollout-session.ts';
import { careSettings, optionsFor, reviewedPlan } from './rollout-settings.ts';
import { readOptions } from './settings.ts';
import { rolloutsDirectory, type World } from './world.ts';

/** `synaudit rollback DIR [HOST…]`. */
export const rollback: Action = async ({ args, options }, world) => {
  const read = readOptions(options);
  const [path = '', ...named] = args;
  const format = read.choice('format', ['table', 'json'] as const) ?? 'table';
  const quiet = read.isOn('quiet');
  const care = careSettings(read, { batch: '100%' });
  const reach = reachSettings(read, named, world);
  const signedOff = read.text('planDigest');
  read.done();
  const directory = await reviewedPlan(path, signedOff, world);
  return withPlanLocked(directory.plan.id, world, async () => {
    const logs = await rolloutsOf(rolloutsDirectory(world), directory.plan.id);
    const touched = logs.length === 0 ? undefined : changedHosts(logs.map(({ records }) => records));
    const isChosenByHand = reach.selection.limit !== undefined || named.length > 0;
    if (touched?.length === 0 && !isChosenByHand) {
      world.stderr.write('synaudit: nothing to roll back: by its logs this plan is on no host\n');
      return exitCodes.done;
    }
    // Who names hosts may know more than the logs of this machine; one that was never changed says so.
    const {
      hosts,
      visits: reachable,
      close,
    } = await reachHosts(directory, reach, {
      only: isChosenByHand ? undefined : touched,
      world,
    });
    try {
      if (!read.isOn('yes')) await askFirst(hosts, directory.plan.id, world);
      const visits = { ...reachable, intervalSeconds: care.intervalSeconds };
      return await conductRollout(
        { command: 'rollback', visits, hosts, options: optionsFor(care, hosts.length), format, quiet },
        world,
      );
    } finally {
      await close();
    }
  });
};

async function askFirst(hosts: readonly RolloutHost[], plan: string, world: World): Promise<void> {
  world.stderr.write(`plan ${plan} is taken back on ${foldHosts(hosts.map(({ name }) => name))}\n`);
  const answer = await confirmed(`roll back ${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}?`, world);
  if (answer === undefined)
    throw inputError('nobody can be asked without a terminal: --yes rolls back without a question');
  if (!answer) throw inputError('not confirmed: nothing was changed');
}
