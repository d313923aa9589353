import type { Host, Inventory } from '../model/host.ts';
import { foldHosts } from '../text/host-set.ts';
import { alignRows } from '../text/table.ts';

/** What `inventory list` prints, with a line break at its end: `table` for people, `json` for programs. */
export function listHosts(hosts: readonly Host[], format: 'table' | 'json'): string {
  if (format === 'json') return `${JSON.stringify(hosts.map(described), null, 2)}\n`;
  const header = ['NAME', 'ADDRESS', 'PORT', 'USER', 'GROUPS', 'HOPS'];
  const rows = hosts.map(({ name, address, port, user, groups, hops }) =>
    [name, address, port?.toString(), user, groups.join(','), hops.join(',')].map(cell => cell || '-'),
  );
  return `${alignRows([header, ...rows]).join('\n')}\n`;
}

/** A host of `inventory list -f json`. What the inventory leaves to ssh_config is null; `vars` holds all else that it says. */
function described({ name, address, port, user, groups, hops, location: _, variables, ...own }: Host): unknown {
  const vars = { ...own, ...variables?.() };
  return { name, address: address ?? null, port: port ?? null, user: user ?? null, groups, hops, vars };
}

/** What `inventory check` prints of an inventory without faults: one paragraph, and a line for each group. */
export function checkText({ files, hosts, groups, nat, waivers }: Inventory): string {
  const parts = [counted(hosts.length, 'host'), counted(groups.size, 'group')];
  if (nat.length > 0) parts.push(counted(nat.length, 'nat entry', 'nat entries'));
  if (waivers.length > 0) parts.push(counted(waivers.length, 'waiver'));
  const lines = [...groups].map(([group, names]) => `  ${group} (${names.length}): ${foldHosts(names) || 'no hosts'}`);
  const alone = hosts.filter(host => host.groups.length === 0).map(host => host.name);
  if (alone.length > 0) lines.push(`  in no group (${alone.length}): ${foldHosts(alone)}`);
  return [`${files.join(', ')}: no faults; ${parts.join(', ')}`, ...lines, ''].join('\n');
}

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
