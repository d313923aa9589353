import type { Host, Location } from '../model/host.ts';
import type { Complaint } from '../model/input-error.ts';
import { didYouMean } from '../text/nearest.ts';
import type { FileContents } from './contents.ts';
import { quoted } from './names.ts';

/** What the names in an inventory may refer to. */
export interface Targets {
  readonly hosts: readonly Host[];
  /** Whether ssh_config has a `Host` of that name. */
  readonly isSshAlias: (name: string) => boolean;
}

/** Checks names across all files: `clients` against `nat`, `hops` against hosts and aliases, and that hops lead somewhere. */
export function referenceComplaints(files: readonly FileContents[], { hosts, isSshAlias }: Targets): Complaint[] {
  const byName = new Map(hosts.map(host => [host.name, host]));
  const nat = new Map<string, Location>();
  const complaints: Complaint[] = [];
  for (const { name, location } of files.flatMap(file => file.nat)) {
    const first = nat.get(name);
    if (first === undefined) nat.set(name, location);
    else complaints.push({ message: `nat entry "${name}" is also in ${first.file}, line ${first.line}`, location });
  }
  const natHint = createHints(nat, 'expected a name that stands under "nat:"');
  const hopHint = createHints(byName, 'expected a host of the inventory or an alias of ssh_config');
  for (const { to, name, location } of files.flatMap(file => file.references)) {
    if (to === 'nat' && !nat.has(name)) {
      complaints.push({ message: `unknown nat entry ${quoted(name)} in "clients"${natHint(name)}`, location });
    }
    if (to === 'hop' && !byName.has(name) && !isSshAlias(name)) {
      complaints.push({ message: `unknown host ${quoted(name)} in "hops"${hopHint(name)}`, location });
    }
  }
  return [...complaints, ...loopComplaints(byName)];
}

/** Names that are looked up among all others for a suggestion. Beyond it the file is wrong as a whole, and time matters more. */
const maxSuggestions = 50;

/** The tail of a complaint about an unknown name: what was meant, or what was expected. */
function createHints(known: ReadonlyMap<string, unknown>, expected: string): (name: string) => string {
  const hints = new Map<string, string>();
  return name => {
    const hint = hints.get(name) ?? (hints.size < maxSuggestions ? didYouMean(name, known.keys()) : '');
    hints.set(name, hint);
    return hint || `; ${expected}`;
  };
}

/** Every circle of hops once, at its first host. Only hosts that are hops can be on one. */
function loopComplaints(byName: ReadonlyMap<string, Host>): Complaint[] {
  const hops = new Set([...byName.values()].flatMap(host => host.hops));
  const done = new Set<string>();
  const complaints: Complaint[] = [];
  for (const start of hops) {
    const circle = circleFrom(start, byName, done);
    const host = circle && byName.get(circle[0] ?? '');
    if (circle === undefined || host === undefined) continue;
    const way = [...circle, host.name].join(' > ');
    const hint = `give "${host.name}" the key "hops: []", or put it in a group without hops`;
    const message =
      circle.length === 1 ? `host "${host.name}" is its own hop; ${hint}` : `hops run in a circle: ${way}; ${hint}`;
    complaints.push({ message, location: host.location });
  }
  return complaints;
}

/** Depth first, without recursion: a chain of hops may be as long as the file. Hosts that lead to no circle end up in `done`. */
function circleFrom(start: string, byName: ReadonlyMap<string, Host>, done: Set<string>): string[] | undefined {
  const way: { readonly name: string; next: number }[] = [{ name: start, next: 0 }];
  const open = new Set([start]);
  for (let step = way.at(-1); step !== undefined; step = way.at(-1)) {
    const hop = byName.get(step.name)?.hops[step.next++];
    if (hop === undefined || done.has(step.name)) {
      done.add(step.name);
      open.delete(step.name);
      way.pop();
    } else if (open.has(hop)) {
      const names = way.map(({ name }) => name);
      for (const name of names) done.add(name);
      return names.slice(names.indexOf(hop));
    } else if (!done.has(hop)) {
      open.add(hop);
      way.push({ name: hop, next: 0 });
    }
  }
  return undefined;
}
