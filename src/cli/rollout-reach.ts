/** From what was typed to the hosts of a plan, each with its connection. */
import type { Host } from '../model/host.ts';
import { inputError } from '../model/input-error.ts';
import type { PlannedCohort } from '../model/remediation.ts';
import type { RolloutHost } from '../model/rollout.ts';
import { hostKeysOff } from './audit.ts';
import { type Connection, connectionSettings, planHosts } from './connections.ts';
import { type Selection, selectedHosts, selectionSettings } from './hosts.ts';
import type { PlanDirectory } from './plan-directory.ts';
import type { RolloutVisits } from './rollout-hosts.ts';
import { refuseStrangers, rolloutHosts } from './rollout-settings.ts';
import { secretSources } from './secrets.ts';
import type { OptionReader } from './settings.ts';
import { readSshConfig } from './ssh-config.ts';
import { openTransports } from './transports.ts';
import type { World } from './world.ts';

/** How hosts are selected and reached, as typed. */
export interface Reach {
  readonly read: OptionReader;
  readonly selection: Selection;
  readonly connection: Connection;
  readonly concurrency: number;
}

export const reachSettings = (read: OptionReader, named: readonly string[], world: World): Reach => ({
  read,
  selection: selectionSettings(read, named),
  connection: connectionSettings(read, world),
  concurrency: read.integer('concurrency', { min: 1, max: 10_000 }) ?? 64,
});

/** Hosts of the plan in its order, and all that a visit of them needs. */
export interface Reached {
  readonly hosts: readonly RolloutHost[];
  readonly visits: Omit<RolloutVisits, 'intervalSeconds'>;
  /** Lets go of connections. */
  readonly close: () => Promise<void>;
}

/**
 * Finds the hosts of the plan that were selected, or those that are named (`only`), and plans their connections. Throws InputError
 * for hosts that nobody knows how to reach.
 */
export async function reachHosts(
  directory: PlanDirectory,
  { read, selection, connection, concurrency }: Reach,
  { only, world }: { readonly only?: readonly string[] | undefined; readonly world: World },
): Promise<Reached> {
  const { secrets } = secretSources(world);
  const sshConfig = await readSshConfig(read, world);
  const { inventory, hosts: selected, subject } = await selectedHosts(selection, sshConfig, world);
  const cohorts = directory.plan.cohorts;
  const all = rolloutHosts(cohorts, only === undefined ? selected : selected.filter(({ name }) => only.includes(name)));
  const wanted = wantedHosts({ cohorts, selection, only, selected });
  refuseStrangers(wanted, all);
  if (all.length === 0) throw inputError(`none of the hosts of ${subject} that are selected is in the plan`);
  const names = new Set(all.map(({ name }) => name));
  const planned = await planHosts(
    selected.filter(({ name }) => names.has(name)),
    { inventory, sshConfig, connection, world },
  );
  if (connection.flags.hostKeys === 'off') world.stderr.write(hostKeysOff);
  const transports = openTransports(world, secrets);
  const visits = {
    hosts: new Map(planned.map(one => [one.host.name, one])),
    cohorts: new Map(all.map(({ name, cohort }) => [name, cohort])),
    directory,
    inventory,
    transports,
    concurrency,
  };
  return { hosts: all, visits, close: () => transports.close() };
}

interface Wanted {
  readonly cohorts: readonly PlannedCohort[];
  readonly selection: Selection;
  readonly only: readonly string[] | undefined;
  readonly selected: readonly Host[];
}

/** Names that must be found: what a log says, what was named one by one, or the whole plan; with a pattern, whatever it finds. */
function wantedHosts({ cohorts, selection, only, selected }: Wanted): readonly string[] {
  if (only !== undefined) return only;
  if (selection.limit !== undefined) return [];
  if (selection.arguments.length > 0) return selected.map(({ name }) => name);
  return cohorts.flatMap(({ hosts }) => hosts.map(({ name }) => name));
}
