import { type FleetResult, type HostResult, noFleet } from '../model/run.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** Gathers from host after host what only the whole fleet can tell. */
export interface Fleet {
  add(result: HostResult, snapshot: Snapshot | null): void;
  result(): FleetResult;
}

export function createFleet(): Fleet {
  return { add() {}, result: () => noFleet };
}
