import type { Host, Location } from '../model/host.ts';
import type { Complaint } from '../model/input-error.ts';
import { foldHosts } from '../text/host-set.ts';
import { truncateColumns } from '../text/table.ts';
import { type FileContents, type HostEntry, type Layer, layered, overridden } from './contents.ts';

/** Hosts of all files, each name once, in the order in which they are first named. */
export interface Merged {
  readonly hosts: readonly Host[];
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly complaints: readonly Complaint[];
}

/** An entry, and the group of one file that it belongs to: a name may be in each group once. */
interface Membership {
  readonly entry: HostEntry;
  readonly scope: string;
}

/** Joins the entries of all files: a name in several groups is one host of all of them. */
export function mergeEntries(files: readonly FileContents[]): Merged {
  const members = new Map<string, Membership[]>();
  const groups = new Map<string, Set<string>>();
  files.forEach((file, number) => {
    for (const group of file.groups) if (!groups.has(group)) groups.set(group, new Set());
    for (const [group, names] of file.members ?? []) {
      const set = groups.get(group);
      if (set !== undefined) for (const name of names) set.add(name);
    }
    for (const entry of file.entries) {
      const membership = { entry, scope: `${number}:${entry.group ?? ''}` };
      const joined = groupsOf([entry]).flatMap(group => groups.get(group) ?? []);
      for (const name of entry.names) {
        for (const group of joined) group.add(name);
        const others = members.get(name);
        if (others === undefined) members.set(name, [membership]);
        else others.push(membership);
      }
    }
  });
  const clashes: Clashes = new Map();
  const hosts = Array.from(members, ([name, memberships]) => hostOf(name, memberships, clashes));
  const lists = Array.from(groups, ([group, names]) => [group, [...names]] as const);
  return { hosts, groups: new Map(lists), complaints: [...clashes.values()].flatMap(clashComplaints) };
}

/** What all memberships of a host come to. */
interface Joined {
  readonly groups: readonly string[];
  readonly defaults: Layer;
  readonly explicit: Layer;
}

function hostOf(name: string, memberships: readonly Membership[], clashes: Clashes): Host {
  const [first, ...more] = memberships;
  if (first === undefined) throw new Error(`host ${name} has no entry`);
  const { entry } = first;
  const { groups, defaults, explicit } =
    more.length === 0 ? { ...entry, groups: groupsOf([entry]) } : join(name, [first, ...more], clashes);
  const settings = overridden(defaults.settings, explicit.settings);
  const { clients = [], services = [], hops = [], rules = {}, sudo = false, ...rest } = settings;
  const variables = variablesOf(memberships);
  const variant = variables === undefined ? rest : { ...rest, variables };
  return { name, groups, ...variant, clients, services, hops, rules, sudo, location: entry.location };
}

/** Entries of one host in several groups share them; of several files the later one wins. */
function variablesOf(memberships: readonly Membership[]): Host['variables'] {
  const sole = memberships[0]?.entry.variables;
  if (memberships.every(({ entry }) => entry.variables === sole)) return sole;
  const [first, ...others] = new Set(memberships.flatMap(({ entry }) => entry.variables ?? []));
  if (first === undefined || others.length === 0) return first;
  return () => Object.assign({}, first(), ...others.map(variables => variables()));
}

const groupsOf = (entries: readonly HostEntry[]): string[] =>
  entries.flatMap(({ group, also = [] }) => (group === undefined ? [] : [group, ...also]));

function join(name: string, [first, ...more]: readonly [Membership, ...Membership[]], clashes: Clashes): Joined {
  let { defaults, explicit } = first.entry;
  const scopes = new Map([[first.scope, first.entry]]);
  for (const { entry, scope } of more) {
    const twin = scopes.get(scope);
    if (twin !== undefined) noteDuplicate(name, { first: twin, second: entry }, clashes);
    else {
      scopes.set(scope, entry);
      explicit = joinLayers(name, { one: explicit, other: entry.explicit }, clashes);
      defaults = joinLayers(name, { one: defaults, other: entry.defaults, unless: explicit }, clashes);
    }
  }
  return { groups: [...new Set(groupsOf([...scopes.values()]))], defaults, explicit };
}

interface Joining {
  readonly one: Layer;
  readonly other: Layer;
  /** Keys that this layer has do not matter: it overrides both. */
  readonly unless?: Layer;
}

/** Settings that add up, and so cannot conflict. Rules conflict one by one. */
const additive = new Set(['clients', 'services', 'rules']);

/** What two groups say of one host. Neither is nearer to it than the other, so they must not contradict each other. */
function joinLayers(name: string, { one, other, unless }: Joining, clashes: Clashes): Layer {
  if (one === other) return one;
  for (const [key, second] of other.origins) {
    const first = one.origins.get(key);
    if (first === undefined || additive.has(key) || unless?.origins.has(key) === true) continue;
    const [left, right] = [written(one, key), written(other, key)];
    if (left !== right) noteConflict(name, { key, first, second, left, right }, clashes);
  }
  noteRuleConflicts(name, { one, other }, clashes);
  return layered(one, other);
}

function noteRuleConflicts(name: string, { one, other }: Joining, clashes: Clashes): void {
  const [first, second] = [one.origins.get('rules'), other.origins.get('rules')];
  if (first === undefined || second === undefined) return;
  for (const [rule, parameters] of Object.entries(other.settings.rules ?? {})) {
    const [left, right] = [JSON.stringify(one.settings.rules?.[rule]), JSON.stringify(parameters)];
    if (left !== undefined && left !== right) {
      noteConflict(name, { key: `rules.${rule}`, first, second, left, right }, clashes);
    }
  }
}

const written = ({ settings }: Layer, key: string): string => JSON.stringify(Reflect.get(settings, key));

/** Two places that contradict each other, for one or more hosts. */
interface Clash {
  readonly first: Location;
  readonly second: Location;
  readonly names: string[];
  /** What to say at one place about the other. */
  readonly atFirst?: (hosts: string) => string;
  readonly atSecond: (hosts: string) => string;
}

/** By both places and the key, so that a range that clashes is one complaint and not one per host. */
type Clashes = Map<string, Clash>;

function note(name: string, key: string, { clash, clashes }: { clash: Omit<Clash, 'names'>; clashes: Clashes }): void {
  const id = `${key} ${place(clash.first)} ${place(clash.second)}`;
  const known = clashes.get(id);
  if (known === undefined) clashes.set(id, { ...clash, names: [name] });
  else known.names.push(name);
}

function noteDuplicate(name: string, at: { first: HostEntry; second: HostEntry }, clashes: Clashes): void {
  const { first, second } = at;
  const where = second.group === undefined ? 'named' : `in group "${second.group}"`;
  const atSecond = (hosts: string): string => `${hosts} is ${where} twice; first at ${place(first.location)}`;
  note(name, '', { clash: { first: first.location, second: second.location, atSecond }, clashes });
}

interface Conflict {
  readonly key: string;
  readonly first: Location;
  readonly second: Location;
  readonly left: string;
  readonly right: string;
}

function noteConflict(name: string, { key, first, second, left, right }: Conflict, clashes: Clashes): void {
  const atFirst = (hosts: string): string =>
    `${key} ${left} of ${hosts} conflicts with ${key} ${right} at ${place(second)}`;
  const atSecond = (hosts: string): string =>
    `${key} ${right} of ${hosts} conflicts with ${key} ${left} at ${place(first)}`;
  note(name, key, { clash: { first, second, atFirst, atSecond }, clashes });
}

const place = ({ file, line, column }: Location): string => `${file}:${line}:${column}`;

function clashComplaints({ first, second, names, atFirst, atSecond }: Clash): Complaint[] {
  const hosts = `host ${truncateColumns(foldHosts(names), 80)}`;
  const complaints = [{ message: atSecond(hosts), location: second }];
  return atFirst === undefined ? complaints : [{ message: atFirst(hosts), location: first }, ...complaints];
}
