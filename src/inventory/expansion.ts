import type { Location } from '../model/host.ts';
import type { Complaint } from '../model/input-error.ts';
import { type HostEntry, type Layer, layered, maxHostsPerFile, noSettings } from './contents.ts';
import { readHostPattern } from './host-pattern.ts';

/** A host or a range as it is written, and what its surroundings say of it. */
export interface WrittenHost {
  /** `[user@]host[:port]`, perhaps with ranges. */
  readonly pattern: string;
  readonly group?: string;
  readonly defaults: Layer;
  readonly explicit: Layer;
  /** Where a column of the pattern (from 1) is in the file. */
  readonly at: (column: number) => Location;
}

/**
 * Turns the written hosts of one file into entries. A pattern that is wrong, or one too many, is a complaint and no entry;
 * beyond 200,000 hosts nothing more is expanded, and one complaint says so.
 */
export function createExpansion(complaints: Complaint[]): (written: WrittenHost) => HostEntry | undefined {
  let total = 0;
  return ({ pattern, group, defaults, explicit, at }) => {
    const read = readHostPattern(pattern);
    if ('problem' in read) {
      complaints.push({ message: read.problem, location: at(read.column) });
      return undefined;
    }
    const before = total;
    total += read.set.size;
    if (total > maxHostsPerFile) {
      const message = 'more than 200,000 hosts in this file, the last of them here';
      if (before <= maxHostsPerFile) complaints.push({ message, location: at(1) });
      return undefined;
    }
    const location = at(1);
    const { set, ...settings } = read;
    const own: Layer =
      read.user === undefined && read.port === undefined
        ? noSettings
        : { settings, origins: new Map(Object.keys(settings).map(key => [key, location])) };
    const entry = { names: set.names(), defaults, explicit: layered(explicit, own), location };
    return group === undefined ? entry : { ...entry, group };
  };
}
