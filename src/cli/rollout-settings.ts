import { recordedPlan } from '../history/plans.ts';
import type { Host } from '../model/host.ts';
import { InputError, inputError } from '../model/input-error.ts';
import type { PlannedCohort } from '../model/remediation.ts';
import type { RolloutHost, RolloutOptions } from '../model/rollout.ts';
import { batchSizeOf } from '../remediate/rollout-batches.ts';
import { foldHosts } from '../text/host-set.ts';
import { type PlanDirectory, readPlanDirectory } from './plan-directory.ts';
import type { OptionReader } from './settings.ts';
import { expandHome, plansDirectory, type World } from './world.ts';

/** How careful, as typed; sizes that depend on the number of hosts come later. */
export type Care = Omit<RolloutOptions, 'batchSize'>;

/** Unit: ms. */
const defaultWaitMs = 180_000;

/** Reads what was typed. `batch`: its default, as a rollback goes back on all hosts at once. */
export function careSettings(read: OptionReader, { batch: usual }: { readonly batch: string }): Care {
  const batch = read.text('batch') ?? usual;
  if (batchSizeOf(batch, 100) === undefined)
    read.complain(`--batch: expected a number of hosts, or a share like 10%, got "${batch}"`);
  return {
    canary: read.integer('canary', { min: 1, max: 10_000 }) ?? 1,
    batch,
    maxFail: read.integer('maxFail', { min: 0, max: 10_000 }) ?? 0,
    probe: read.isOn('probe'),
    // Without a second sample no gate can tell whether a counter stands still.
    intervalSeconds: read.integer('interval', { min: 1, max: 3_600 }) ?? 2,
    waitMs: read.duration('wait') ?? defaultWaitMs,
  };
}

/** The same for so many hosts. */
export const optionsFor = (care: Care, hosts: number): RolloutOptions => ({
  ...care,
  batchSize: batchSizeOf(care.batch, hosts) ?? 1,
});

/**
 * The plan of a directory, if somebody vouches for it: `fix` recorded its digest here, or it is the one that was signed off
 * (`--plan-digest`). Throws InputError that says how to go on.
 */
export async function reviewedPlan(path: string, signedOff: string | undefined, world: World): Promise<PlanDirectory> {
  const directory = await readPlanDirectory(expandHome(path, world));
  if (signedOff !== undefined) {
    if (signedOff === directory.digest) return directory;
    throw inputError(`the plan in ${path} is ${directory.digest}, not ${signedOff}: it is not what was signed off`);
  }
  if ((await recordedPlan(plansDirectory(world), directory.digest)) !== undefined) return directory;
  throw new InputError([
    { message: `the plan in ${path} (${directory.digest}) is not one that \`synaudit fix\` wrote here` },
    {
      message:
        'hint: review it, then name what you reviewed: --plan-digest sha256:… (fix printed it where it was written)',
    },
  ]);
}

/** Hosts of the plan that were selected, in the order of the plan. */
export function rolloutHosts(cohorts: readonly PlannedCohort[], selected: readonly Host[]): readonly RolloutHost[] {
  const known = new Map(selected.map(host => [host.name, host]));
  return cohorts.flatMap(({ id, hosts }) =>
    hosts.flatMap(({ name }) => {
      const host = known.get(name);
      return host === undefined ? [] : [{ name, cohort: id, groups: host.groups, serial: host.serial ?? null }];
    }),
  );
}

/** Hosts that are to be reached and of which the inventory, or the plan, knows nothing. Throws InputError. */
export function refuseStrangers(wanted: readonly string[], found: readonly RolloutHost[]): void {
  const known = new Set(found.map(({ name }) => name));
  const strangers = wanted.filter(name => !known.has(name));
  if (strangers.length === 0) return;
  throw new InputError([
    { message: `not both in the plan and among the hosts that were given: ${foldHosts(strangers)}` },
    {
      message:
        'hint: give the inventory that was audited; --limit leaves hosts out, and --resume needs all it began with',
    },
  ]);
}
