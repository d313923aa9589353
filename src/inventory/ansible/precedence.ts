import type { Variable, Variables } from './statement.ts';
import type { Group, HostNode, Tree } from './tree.ts';

/** Variables of the files in group_vars and host_vars, by the name of the group or host. */
export interface FileVariables {
  readonly group: ReadonlyMap<string, Variables>;
  readonly host: ReadonlyMap<string, Variables>;
}

/** Variables of one host: each layer overrides those before it. Layers of groups are shared by the hosts of the same groups. */
export interface HostVariables {
  readonly get: (key: string) => Variable | undefined;
  /** In no order that means anything. */
  readonly all: () => Variables;
}

/**
 * Who wins: all of the inventory, its groups (parents before children, then by priority, then by name), group_vars/all,
 * group_vars of the groups, the host in the inventory, host_vars. Source: `get_vars` in lib/ansible/vars/manager.py,
 * `sort_groups` in lib/ansible/inventory/helpers.py (ansible-core 2.14).
 */
export function createVariables(tree: Tree, files: FileVariables): (host: HostNode) => HostVariables {
  const ofGroups = new Map<string, Variables>();
  return host => {
    const key = [...host.groups].sort().join('\0');
    const known = ofGroups.get(key);
    const groups = known ?? groupVariables(groupsOf(host, tree), tree, files);
    if (known === undefined) ofGroups.set(key, groups);
    const layers = [files.host.get(host.name), host.variables, groups].filter(layer => layer !== undefined);
    return {
      get(name) {
        for (const layer of layers) {
          const variable = layer.get(name);
          if (variable !== undefined) return variable;
        }
        return undefined;
      },
      all: () => new Map(layers.toReversed().flatMap(layer => [...layer])),
    };
  };
}

/** All groups of a host but `all`; `ungrouped` if there is no other. */
export function groupsOf(host: HostNode, { groups }: Tree): Group[] {
  const names = new Set<string>();
  for (const direct of host.groups) {
    names.add(direct);
    for (const above of groups.get(direct)?.ancestors ?? []) names.add(above);
  }
  names.delete('all');
  names.delete('ungrouped');
  if (names.size === 0) names.add('ungrouped');
  return [...names].flatMap(name => groups.get(name) ?? []).sort((a, b) => a.order - b.order);
}

function groupVariables(groups: readonly Group[], tree: Tree, files: FileVariables): Variables {
  const sorted = groups.toSorted(
    (a, b) => a.depth - b.depth || a.priority - b.priority || (a.name < b.name ? -1 : Number(a.name > b.name)),
  );
  const layers = [
    tree.groups.get('all')?.variables,
    ...sorted.map(group => group.variables),
    files.group.get('all'),
    ...sorted.map(group => files.group.get(group.name)),
  ];
  return new Map(layers.flatMap(layer => [...(layer ?? [])]));
}
