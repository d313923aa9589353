import type { Location, NatRange, Service, Waiver } from '../model/host.ts';
import type { Complaint } from '../model/input-error.ts';
import type { AnsibleSource } from './ansible/statement.ts';
import type { HostSettings } from './schema.ts';

/** A file as the caller read it. */
export interface SourceText {
  /** Name of the file, for messages. */
  readonly file: string;
  readonly text: string;
  /** Of a file in group_vars or host_vars: whose variables it holds. */
  readonly variablesOf?: { readonly kind: 'group' | 'host'; readonly name: string };
}

/** Settings that hold for some hosts, and where each of them is written. */
export interface Layer {
  readonly settings: HostSettings;
  readonly origins: ReadonlyMap<string, Location>;
}

/** One writing of a host or a range of hosts. */
export interface HostEntry {
  readonly names: readonly string[];
  /** Undefined in formats without groups. */
  readonly group?: string;
  /** Groups beside it, in formats where a host is written once and is in many. */
  readonly also?: readonly string[];
  /** Of the file: what holds unless anything else is said. */
  readonly defaults: Layer;
  /** Of the group and of the entry itself. */
  readonly explicit: Layer;
  readonly location: Location;
  /** All that the file says of its hosts, for `inventory list -f json`; without secrets. */
  readonly variables?: () => Readonly<Record<string, unknown>>;
}

/** A name written where it must be the name of something else. */
export interface Reference {
  readonly to: 'nat' | 'hop';
  readonly name: string;
  readonly location: Location;
}

/** A nat entry, and where its name is written. */
export interface LocatedNat extends NatRange {
  readonly location: Location;
}

/** What one file says, before files and groups are joined to hosts. */
export interface FileContents {
  readonly entries: readonly HostEntry[];
  /** All groups, those without hosts too. */
  readonly groups: readonly string[];
  readonly nat: readonly LocatedNat[];
  readonly waivers: readonly Waiver[];
  readonly references: readonly Reference[];
  readonly complaints: readonly Complaint[];
  /** Worth knowing, and no fault: what is read otherwise than it may be meant. */
  readonly notes?: readonly Complaint[];
  /** Hosts of groups, and of `all`, in the order in which `web[0]` counts them; without it, that of the entries. */
  readonly members?: ReadonlyMap<string, readonly string[]>;
  /** What a file of an Ansible inventory says; it is joined with the others before there are entries. */
  readonly ansible?: AnsibleSource;
}

/** A file that is of no format we read. `about` is what it is instead, as far as we can tell. */
export const unrecognised = (location: Location, about = 'this is none of them'): FileContents =>
  nothingBut([
    {
      message: `expected a synaudit inventory ("version: 1" in YAML), one of Ansible, or a list of hosts; ${about}`,
      location,
    },
  ]);

/** Contents of a file of which nothing could be understood. */
export const nothingBut = (complaints: readonly Complaint[]): FileContents => ({
  entries: [],
  groups: [],
  nat: [],
  waivers: [],
  references: [],
  complaints,
});

/** Hosts of one file, expanded, all of them together. DESIGN.md: fleets of 1 to 10,000 hosts; this is a bound on memory. */
export const maxHostsPerFile = 200_000;

export const noSettings: Layer = { settings: {}, origins: new Map() };

/** Settings of a wider layer, overridden by those of a narrower one; `clients`, `services` and `rules` are united. */
export function layered(wide: Layer, narrow: Layer): Layer {
  if (narrow.origins.size === 0) return wide;
  if (wide.origins.size === 0) return narrow;
  return {
    settings: overridden(wide.settings, narrow.settings),
    origins: new Map([...wide.origins, ...narrow.origins]),
  };
}

/** The settings of `narrow`, else of `wide`. Lists that add up are united: a host's clients are those of all its groups. */
export function overridden(wide: HostSettings, narrow: HostSettings): HostSettings {
  return { ...wide, ...narrow, ...united(wide, narrow) };
}

function united(a: HostSettings, b: HostSettings): HostSettings {
  return {
    ...(a.clients && b.clients ? { clients: [...new Set([...a.clients, ...b.clients])] } : {}),
    ...(a.services && b.services ? { services: distinct([...a.services, ...b.services]) } : {}),
    ...(a.rules && b.rules ? { rules: { ...a.rules, ...b.rules } } : {}),
  };
}

const distinct = (services: readonly Service[]): Service[] => [
  ...new Map(services.map(service => [`${service.name}:${service.port}`, service])).values(),
];
