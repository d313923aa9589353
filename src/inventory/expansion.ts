import type { Location } from '../model/host.ts';
import type { Complaint } from '../model/input-error.ts';
import { type HostEntry, type Layer, layered, maxHostsPerFile, noSettings } from './contents.ts';
import { type HostPattern, readHostPattern } from './host-pattern.ts';

/** A host or a range as it is written, and what its surroundings say of it. */
export interface WrittenHost {
  /** `[user@]host[:port]`, perhaps with ranges. */
  readonly pattern: string;
  readonly group?: string;
  readonly defaults: Layer;
  /** Of the group. */
  readonly wide: Layer;
  /** Of the mapping that names the host; then user and port are keys of it, and no part of the pattern. */
  readonly own?: Layer;
  /** Where a column of the pattern (from 1) is in the file; without a column, where its writing begins, quotes included. */
  readonly at: (column?: number) => Location;
}

/**
 * Turns the written hosts of one file into entries. A pattern that is wrong, or one too many, is a complaint and no entry;
 * beyond 200,000 hosts nothing more is expanded, and one complaint says so.
 */
export function createExpansion(complaints: Complaint[]): (written: WrittenHost) => HostEntry | undefined {
  let total = 0;
  return written => {
    const { pattern, group, defaults, wide, at } = written;
    const location = at();
    const read = readHostPattern(pattern);
    if ('problem' in read) {
      complaints.push({ message: read.problem, location: at(read.column) });
      return undefined;
    }
    const misfit = whyNotWith(read, written.own);
    if (misfit !== undefined) complaints.push({ message: misfit, location });
    const before = total;
    total += read.set.size;
    if (total > maxHostsPerFile) {
      const message = 'the hosts of this file are more than 200,000 from here on';
      if (before <= maxHostsPerFile) complaints.push({ message, location });
      return undefined;
    }
    const explicit = layered(wide, written.own ?? layerOf(read, location));
    const entry = { names: read.set.names(), defaults, explicit, location };
    return group === undefined ? entry : { ...entry, group };
  };
}

function whyNotWith({ user, port, set }: HostPattern, own: Layer | undefined): string | undefined {
  if (own === undefined) return undefined;
  if (user !== undefined || port !== undefined)
    return 'the name holds a user or a port; give them as keys of their own';
  if (own.settings.address === undefined || set.size === 1) return undefined;
  return `${set.size} hosts cannot all have the address "${own.settings.address}"`;
}

function layerOf({ user, port }: HostPattern, location: Location): Layer {
  if (user === undefined && port === undefined) return noSettings;
  const settings = { ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }) };
  return { settings, origins: new Map(Object.keys(settings).map(key => [key, location])) };
}
