import { Document, isMap, visit } from 'yaml';
import type { Host, Inventory } from '../model/host.ts';
import { foldHosts, splitPatterns } from '../text/host-set.ts';
import { whyNotLabel } from './names.ts';

/** The group that takes the hosts which are in none: our format lists hosts in groups only. */
const alone = 'ungrouped';

/** The group that takes jump hosts which are no hosts of the inventory. */
const jumpHosts = 'jump-hosts';

/** Settings of a host as our format has them. */
type Settings = Readonly<Record<string, unknown>>;

/**
 * An inventory as text of our own format, whatever it was read from: the same hosts in the same groups, reached in the same way.
 * What all hosts share stands under `defaults`; variables of other programs that we do not use are left out.
 */
export function inventoryYaml(inventory: Inventory): string {
  const hops = createHops(inventory);
  const hosts = inventory.hosts.map(host => ({ host, settings: settingsOf(host, hops.nameOf) }));
  const extra = hops.found();
  const defaults = commonSettings(hosts.map(({ settings }) => settings));
  const written = writtenGroups([...hosts, ...extra], defaults);
  const { nat, waivers } = inventory;
  const file = {
    version: 1,
    ...(Object.keys(defaults).length > 0 ? { defaults } : {}),
    ...(nat.length > 0 ? { nat: Object.fromEntries(nat.map(({ name, ...range }) => [name, range])) } : {}),
    groups: Object.fromEntries([...emptyGroups(inventory), ...written]),
    ...(waivers.length > 0 ? { waivers: waivers.map(({ location: _, ...waiver }) => waiver) } : {}),
  };
  const remark =
    extra.length === 0
      ? ''
      : `# Group ${jumpHosts}: hosts on the way to others. An audit of all hosts visits them, too.\n`;
  return `# Imported from ${inventory.files.join(', ')}\n${remark}${textOf(file)}`;
}

function textOf(file: unknown): string {
  const document = new Document(file);
  visit(document, {
    // One line for each host.
    Map(_, node, path) {
      const isHost = path.length > 2 && !path.some(each => isMap(each) && each.flow === true) && node.has('name');
      if (isHost) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

const plainLabel = (group: string): string =>
  whyNotLabel(group) === undefined ? group : group.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^[^A-Za-z0-9_]/, '_');

const emptyGroups = ({ groups }: Inventory): [string, unknown][] =>
  [...groups].filter(([, names]) => names.length === 0).map(([group]) => [plainLabel(group), null]);

function settingsOf(host: Host, hopName: (hop: string) => string): Settings {
  const { name: _n, groups: _g, location: _l, variables: _v, hops, clients, services, rules, sudo, ...rest } = host;
  return {
    ...rest,
    ...(hops.length > 0 ? { hops: hops.map(hopName) } : {}),
    ...(clients.length > 0 ? { clients } : {}),
    ...(services.length > 0 ? { services } : {}),
    ...(Object.keys(rules).length > 0 ? { rules } : {}),
    ...(sudo ? { sudo } : {}),
  };
}

interface Written {
  readonly host: Pick<Host, 'name' | 'groups'>;
  readonly settings: Settings;
}

/** Settings that may stand under `defaults`: an address is of one host, and lists of groups add up. */
const sharable = ['port', 'user', 'identity', 'sudo', 'transport', 'algorithms', 'zone'];

function commonSettings(all: readonly Settings[]): Settings {
  const [first, ...others] = all;
  if (first === undefined || others.length === 0) return {};
  const common = sharable.filter(key => key in first && others.every(settings => settings[key] === first[key]));
  return Object.fromEntries(common.map(key => [key, first[key]]));
}

/** Each host with its settings in the first of its groups, and by its name alone in the others. */
function writtenGroups(hosts: readonly Written[], defaults: Settings): [string, unknown][] {
  const groups = new Map<string, { readonly plain: string[]; readonly own: Settings[] }>();
  for (const { host, settings } of hosts) {
    const own = Object.fromEntries(Object.entries(settings).filter(([key]) => !(key in defaults)));
    const labels = host.groups.length === 0 ? [alone] : [...new Set(host.groups.map(plainLabel))];
    labels.forEach((label, position) => {
      const group = groups.get(label) ?? { plain: [], own: [] };
      groups.set(label, group);
      if (position > 0 || Object.keys(own).length === 0) group.plain.push(host.name);
      else group.own.push({ name: host.name, ...own });
    });
  }
  return Array.from(groups, ([label, { plain, own }]) => [label, { hosts: [...folded(plain), ...own] }]);
}

/** Addresses stand alone: their numbers are no ranges to anybody who reads them. */
function folded(names: readonly string[]): string[] {
  const addresses = names.filter(name => /^[\d.]+$|:/.test(name));
  return [...splitPatterns(foldHosts(names.filter(name => !addresses.includes(name)))), ...addresses];
}

/** Jump hosts as names: `admin@bastion:2222` becomes a host with that user and port. */
function createHops({ hosts }: Inventory) {
  const known = new Set(hosts.map(host => host.name));
  const names = new Map<string, string>();
  const found: Written[] = [];
  return {
    nameOf(hop: string): string {
      const before = names.get(hop);
      if (before !== undefined || known.has(hop)) return before ?? hop;
      const [, user, bracketed, plain = '', port] = /^(?:(.*)@)?(?:\[([^\]]*)\]|(.*?))(?::(\d+))?$/s.exec(hop) ?? [];
      const place = bracketed ?? plain;
      let name = place;
      for (let number = 2; known.has(name); number += 1) name = `${place}-${number}`;
      known.add(name);
      names.set(hop, name);
      const settings = {
        ...(name === place ? {} : { address: place }),
        ...(user === undefined ? {} : { user }),
        ...(port === undefined ? {} : { port: Number(port) }),
      };
      found.push({ host: { name, groups: [jumpHosts] }, settings });
      return name;
    },
    found: (): readonly Written[] => found,
  };
}
