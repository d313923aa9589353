import { ok } from '../model/reading.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Input } from './inputs.ts';
import { writtenInteger } from './integer.ts';

export const allKey = 'net.ipv4.conf.all.rp_filter';

/** How strictly one interface checks where a packet comes from. */
export interface FilteredInterface {
  /** `net.ipv4.conf.eth0.rp_filter`; a dot in the name is written as a slash, as sysctl(8) has it. */
  readonly key: string;
  /** As the host spells it, at most 15 bytes on a sane one; hostile text otherwise. */
  readonly name: string;
  readonly own: number;
  /** The larger of its own value and that of `all`: 0 off, 1 strict, 2 loose. */
  readonly effective: number;
}

/** The filters of all interfaces of which the setting could be read, by name. */
export interface ReversePathFilters {
  /** Of `conf.all`; null where it is not known: then an interface is at least as strict as its own value says. */
  readonly all: number | null;
  readonly interfaces: readonly FilteredInterface[];
}

/**
 * Running values of rp_filter. `default` is only for interfaces to come, and nothing comes in by lo from elsewhere. Source:
 * Documentation/networking/ip-sysctl.rst, rp_filter; before 2.6.31 both values had to be on, and no loose mode was there.
 */
export const reversePathFilters: Input<ReversePathFilters> = {
  name: allKey,
  read: ({ snapshot }) => ok(filtersOf(snapshot)),
};

function filtersOf({ settings }: Snapshot): ReversePathFilters {
  const values = new Map<string, number>();
  for (const [key, reading] of settings) {
    const isFilter = key.startsWith(prefix) && key.endsWith(suffix) && reading.state === 'ok';
    const value = isFilter ? writtenInteger(reading.value) : null;
    if (value !== null) values.set(key, value);
  }
  const all = values.get(allKey) ?? null;
  const interfaces = [...values]
    .map(([key, own]) => ({ key, own, name: nameIn(key), effective: Math.max(own, all ?? 0) }))
    .filter(({ name }) => !['all', 'default', 'lo'].includes(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { all, interfaces };
}

const prefix = 'net.ipv4.conf.';
const suffix = '.rp_filter';
const nameIn = (key: string): string => key.slice(prefix.length, -suffix.length).replaceAll('/', '.');
