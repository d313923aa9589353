import { known, type Reading } from '../model/reading.ts';
import type { CohortResult, HostResult } from '../model/run.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { comparedSettings } from '../rules/compared-settings.ts';
import { systemNames } from '../text/system-names.ts';

/** Settings that a cohort has in common. */
export interface Cohort {
  /** The same for the same settings in every run: `c1f09ab3`. */
  readonly id: string;
  readonly settings: ReadonlyMap<string, string>;
}

const made = new WeakMap<Snapshot['settings'], Cohort>();
const shared = new Map<string, Cohort>();
/** Hostile hosts could make cohorts for ever; beyond the bound they are made and not remembered. */
const cohortsKept = 4_096;

/** The cohort of a host: one object for all hosts with equal settings. */
export function cohortOf({ settings }: Pick<Snapshot, 'settings'>): Cohort {
  const seen = made.get(settings);
  if (seen !== undefined) return seen;
  const values = comparedSettings.flatMap((key): [string, string][] => {
    const value = known<string>(settings.get(key) ?? unread);
    return value === undefined ? [] : [[key, value]];
  });
  const id = `c${fingerprint(values.map(pair => pair.join('=')).join('\n'))}`;
  const cohort = shared.get(id) ?? { id, settings: new Map(values) };
  if (shared.size < cohortsKept) shared.set(id, cohort);
  made.set(settings, cohort);
  return cohort;
}

const unread: Reading<string> = { state: 'absent', why: 'not-in-this-kernel' };

/** FNV-1a, 32 bits: short enough to be read aloud. Source: draft-eastlake-fnv. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** Systems that are told apart in one cohort: its label names two. */
const systemsKept = 64;

/** A cohort and its hosts, while they come in. */
export interface CohortMembers {
  cohort: Cohort;
  readonly hosts: string[];
  readonly kernels: Set<string>;
  /** What its hosts run; bounded. */
  readonly systems: Set<string>;
}

export function addToCohort(cohorts: Map<string, CohortMembers>, cohort: Cohort, result: HostResult): void {
  const members = cohorts.get(cohort.id) ?? { cohort, hosts: [], kernels: new Set(), systems: new Set() };
  cohorts.set(cohort.id, members);
  // a resumed host brings fewer settings than one that was visited now
  if (cohort.settings.size > members.cohort.settings.size) members.cohort = cohort;
  members.hosts.push(result.name);
  if (result.kernel !== null) members.kernels.add(result.kernel);
  const system = result.os ?? result.kernel;
  if (system !== null && members.systems.size < systemsKept) members.systems.add(system);
}

/** Largest first; each but the first tells in which settings it differs from that. */
export function cohortResults(cohorts: Iterable<CohortMembers>): readonly CohortResult[] {
  const sorted = [...cohorts].sort((a, b) => b.hosts.length - a.hosts.length || (a.cohort.id < b.cohort.id ? -1 : 1));
  const [largest] = sorted;
  return sorted.map(({ cohort, hosts, kernels, systems }) => ({
    id: cohort.id,
    label: labelOf(cohort, systems),
    hosts,
    kernels: [...kernels].sort(),
    settings: Object.fromEntries(
      cohort === largest?.cohort || largest === undefined ? cohort.settings : differences(cohort, largest.cohort),
    ),
  }));
}

/** A key that only the other has is told as `–`. */
function differences({ settings }: Cohort, { settings: usual }: Cohort): [string, string][] {
  return comparedSettings.flatMap((key): [string, string][] => {
    const value = settings.get(key);
    return value === usual.get(key) ? [] : [[key, value ?? '–']];
  });
}

/** `CentOS Linux 7, recycle=1 ts=1`. */
function labelOf({ settings }: Cohort, systems: ReadonlySet<string>): string {
  const recycle = settings.get('net.ipv4.tcp_tw_recycle');
  const timestamps = settings.get('net.ipv4.tcp_timestamps');
  const what = [
    recycle === undefined ? 'no recycle' : `recycle=${recycle}`,
    ...(timestamps === undefined ? [] : [`ts=${timestamps}`]),
  ];
  return `${systemNames(systems)}, ${what.join(' ')}`;
}
