/** What `--to` and `--from` mean. */
import type { PlannedHost } from '../engine/run.ts';
import { readHostPattern } from '../inventory/host-pattern.ts';
import type { Host, Inventory } from '../model/host.ts';
import { inputError } from '../model/input-error.ts';
import { type NamedTarget, targetName } from '../probe/attempts.ts';
import { foldHosts, type HostSet, splitPatterns } from '../text/host-set.ts';
import { preferredAddress } from '../transport/connect-attempt.ts';
import { patternHosts } from './hosts.ts';
import type { World } from './world.ts';

/** One `--to`: names with a port, or a pattern of inventory hosts, whose services are meant. */
export type TargetWords =
  | { readonly kind: 'named'; readonly set: HostSet; readonly port: number }
  | { readonly kind: 'pattern'; readonly pattern: string };

/** Reads `--to` texts: each a list of `HOST:PORT`, or a host pattern. Throws InputError. */
export const readTargets = (texts: readonly string[]): readonly TargetWords[] =>
  texts.flatMap((text): TargetWords[] => {
    const parts = splitPatterns(text).map(part => ({ part, read: readHostPattern(part) }));
    const isNamed = parts.some(({ part, read }) => ('set' in read ? read.port !== undefined : /:\d+$/.test(part)));
    if (!isNamed) return [{ kind: 'pattern', pattern: text }];
    return parts.map(({ part, read }) => {
      if ('problem' in read) throw inputError(`--to ${part}, column ${read.column}: ${read.problem}`);
      if (read.user !== undefined) throw inputError(`--to ${part}: a user makes no sense here; expected HOST:PORT`);
      if (read.port === undefined) throw inputError(`--to ${text}: "${part}" has no port, the others have`);
      return { kind: 'named', set: read.set, port: read.port };
    });
  });

/** How many targets are named at the least, before any of them is made. */
export const namedCount = (words: readonly TargetWords[]): number =>
  words.reduce((sum, word) => sum + (word.kind === 'named' ? word.set.size : 1), 0);

/** The first `--to` that only an inventory can say the meaning of; undefined if there is none. */
export const patternIn = (words: readonly TargetWords[]): string | undefined =>
  words.flatMap(word => (word.kind === 'pattern' ? word.pattern : []))[0];

export interface TargetSources {
  /** Null where none was read. */
  readonly inventory: Inventory | null;
  /** Resolves connection plans: of them the address is taken. */
  readonly planOf: (hosts: readonly Host[]) => Promise<readonly PlannedHost[]>;
  readonly world: World;
}

/** All targets, each once, in the order given. Throws InputError: nothing matches, or no host of a pattern has a service. */
export async function targetsOf(
  words: readonly TargetWords[],
  sources: TargetSources,
): Promise<readonly NamedTarget[]> {
  const targets = new Map<string, NamedTarget>();
  for (const word of words) {
    const found =
      word.kind === 'named' ? await namedTargets(word, sources) : await serviceTargets(word.pattern, sources);
    for (const target of found) {
      const name = targetName(target);
      if (!targets.has(name)) targets.set(name, target);
    }
  }
  return [...targets.values()];
}

/** The target with the address that is connected to from here. A name that has none stays: it is no fault of the others. */
export async function withAddress(target: NamedTarget): Promise<NamedTarget> {
  const address = target.address ?? (await preferredAddress(target.host));
  return address === undefined || address === target.host ? target : { ...target, address };
}

/** Names of inventory hosts are reached as the inventory says; a group is all of its hosts. */
async function namedTargets(
  { set, port }: Extract<TargetWords, { kind: 'named' }>,
  { inventory, planOf }: TargetSources,
): Promise<NamedTarget[]> {
  const known = new Map(inventory?.hosts.map(host => [host.name, host]));
  const hosts = new Map<string, Host | null>();
  for (const name of set.names()) {
    const group = known.has(name) ? undefined : inventory?.groups.get(name);
    for (const member of group ?? [name]) hosts.set(member, known.get(member) ?? null);
  }
  const addresses = await addressesOf(
    [...hosts.values()].filter(host => host !== null),
    planOf,
  );
  return [...hosts.keys()].map(host => ({ host, port, ...addresses.get(host) }));
}

async function serviceTargets(pattern: string, { inventory, planOf, world }: TargetSources): Promise<NamedTarget[]> {
  if (inventory === null) throw inputError(`--to ${pattern}: no port, and no inventory that would name services`);
  const hosts = await patternHosts(inventory, pattern, world);
  const mute = hosts.filter(({ services }) => services.length === 0).map(({ name }) => name);
  const hint = 'name `services` in the inventory, or give the port: --to HOST:PORT';
  if (mute.length === hosts.length) throw inputError(`--to ${pattern}: ${foldHosts(mute)} has no service; ${hint}`);
  if (mute.length > 0) world.stderr.write(`synaudit: ${foldHosts(mute)} has no service and is left out; ${hint}\n`);
  const serving = hosts.filter(({ services }) => services.length > 0);
  const addresses = await addressesOf(serving, planOf);
  return serving.flatMap(({ name, services }) =>
    services.map(service => ({ host: name, port: service.port, service: service.name, ...addresses.get(name) })),
  );
}

async function addressesOf(hosts: readonly Host[], planOf: TargetSources['planOf']) {
  const planned = await planOf(hosts);
  return new Map(
    planned.map(({ host, plan }) => [host.name, plan.address === host.name ? {} : { address: plan.address }]),
  );
}
