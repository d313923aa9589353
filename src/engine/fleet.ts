import type { Host } from '../model/host.ts';
import { known } from '../model/reading.ts';
import type { FleetFinding, FleetResult, HostResult, Profile } from '../model/run.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { comparedSettings } from '../rules/compared-settings.ts';
import type { FleetHost } from '../rules/fleet-rule.ts';
import { fleetRules } from '../rules/fleet-rules.ts';
import { addToCohort, type Cohort, type CohortMembers, cohortOf, cohortResults } from './cohorts.ts';
import { addToDemand, type GroupDemand, gatewayNeeds } from './gateways.ts';
import { addToServices, type ServiceMembers, serviceResults } from './services.ts';
import { bootWinner } from './settings-shown.ts';

/** Gathers from host after host what only the whole fleet can tell. */
export interface Fleet {
  add(result: HostResult, snapshot: Snapshot | null): void;
  result(): FleetResult;
}

/** What is known of the fleet before any host answers. */
export interface FleetContext {
  readonly hosts: readonly Host[];
  readonly profile: Profile;
  /** Whether somebody has accepted the findings of a rule on a host. */
  readonly isWaived: (rule: string, host: Host) => boolean;
}

/** Keeps of each host its name, its cohort and where its settings come from: some 100 bytes. */
export function createFleet({ hosts, profile, isWaived }: FleetContext): Fleet {
  const byName = new Map(hosts.map(host => [host.name, host]));
  const cohorts = new Map<string, CohortMembers>();
  const services = new Map<string, ServiceMembers>();
  const demand = new Map<string, GroupDemand>();
  const compared: FleetHost[] = [];
  return {
    add(result, snapshot) {
      const host = byName.get(result.name);
      if (host !== undefined) addToServices(services, host, result);
      const cohort = snapshot === null ? shownCohort(result) : cohortOf(snapshot);
      if (cohort === undefined) return;
      addToCohort(cohorts, cohort, result);
      const { name, groups } = result;
      compared.push({
        name,
        groups,
        kernel: kernelSeries(result.kernel),
        settings: cohort.settings,
        origins: snapshot === null ? shownOrigins(result) : originsOf(snapshot),
      });
      if (host !== undefined && snapshot !== null && profile === 'readiness') addToDemand(demand, host, snapshot);
    },
    result: () => ({
      services: serviceResults(services.values()),
      cohorts: cohortResults(cohorts.values()),
      findings: fleetFindings(compared, (rule, name) => {
        const host = byName.get(name);
        return host !== undefined && isWaived(rule, host);
      }),
      gateways: gatewayNeeds(demand.values()),
    }),
  };
}

/** Of a host that an earlier part of the run visited, only the settings that its result shows are left. */
function shownCohort({ cohort, settings }: HostResult): Cohort | undefined {
  if (cohort === null || cohort === undefined) return undefined;
  const shown = comparedSettings.flatMap((key): [string, string][] => {
    const value = settings[key]?.value ?? null;
    return value === null ? [] : [[key, value]];
  });
  return { id: cohort, settings: new Map(shown) };
}

const shownOrigins = ({ settings }: HostResult): FleetHost['origins'] =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([key, { boot }]) =>
      boot === undefined ? [] : [[key, `${boot.file}:${boot.line}`]],
    ),
  );

const kernelSeries = (release: string | null): string | null => /^\d+\.\d+/.exec(release ?? '')?.[0] ?? null;

const origins = new WeakMap<object, FleetHost['origins']>();

/** Which lines set the compared keys; made once for all hosts whose files are the same. */
function originsOf({ boot }: Snapshot): FleetHost['origins'] {
  const settings = known(boot);
  if (settings === undefined) return {};
  const seen = origins.get(settings);
  if (seen !== undefined) return seen;
  const lines = comparedSettings.flatMap((key): [string, string][] => {
    const winner = bootWinner(settings, key);
    return winner === undefined ? [] : [[key, `${winner.file}:${winner.line}`]];
  });
  const made = Object.fromEntries(lines);
  origins.set(settings, made);
  return made;
}

function fleetFindings(
  hosts: readonly FleetHost[],
  isWaived: (rule: string, host: string) => boolean,
): readonly FleetFinding[] {
  return fleetRules.flatMap(rule =>
    rule.judgeFleet(hosts).map(judgement => {
      const waivedHosts = judgement.hosts.filter(name => isWaived(rule.id, name));
      const { hosts: all, ...rest } = judgement;
      return { rule: rule.id, ...rest, hosts: all.filter(name => !waivedHosts.includes(name)), waivedHosts };
    }),
  );
}
