import type { ComparedRun, ComparedSnapshot } from '../../src/history/compared.ts';
import { type FleetFinding, type HostResult, noFleet, type RunInfo } from '../../src/model/run.ts';
import { eventsOf, run } from '../report/results.ts';

export interface Circumstances {
  readonly info?: Partial<RunInfo>;
  readonly snapshots?: Readonly<Record<string, ComparedSnapshot>>;
  readonly fleet?: readonly FleetFinding[];
  /** Crashed: it has no end. */
  readonly crashed?: boolean;
}

/** A stored run of these results. */
export function comparedRun(results: readonly HostResult[], circumstances: Circumstances = {}): ComparedRun {
  const { info = {}, snapshots = {}, fleet = [], crashed = false } = circumstances;
  const end = eventsOf(results).find(event => event.type === 'end');
  return {
    run: { ...run, hostCount: results.length, ...info },
    results: new Map(results.map(result => [result.name, result])),
    end: end === undefined || crashed ? null : { ...end, fleet: { ...noFleet, findings: fleet } },
    snapshots: new Map(Object.entries(snapshots)),
  };
}

export const booted = (bootId: string, settings: Readonly<Record<string, string | null>> = {}): ComparedSnapshot => ({
  bootId,
  settings: new Map(Object.entries(settings)),
});
