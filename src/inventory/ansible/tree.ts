import type { Location } from '../../model/host.ts';
import type { Complaint } from '../../model/input-error.ts';
import { quoted } from '../names.ts';
import { maxAncestries, maxGroupDepth } from './bounds.ts';
import type { AnsibleSource, Statement, Variable, Variables } from './statement.ts';

/** A group while files are read. */
export interface Group {
  readonly name: string;
  /** Position among all groups, as they are first named. */
  readonly order: number;
  readonly hosts: Set<string>;
  readonly children: Map<string, Location>;
  readonly parents: Set<string>;
  readonly variables: Map<string, Variable>;
  /** `ansible_group_priority`: among groups of one depth the higher one wins. */
  priority: number;
  isDeclared: boolean;
  /** Where it is declared; undefined for one that is only named elsewhere. */
  location: Location | undefined;
  /** Groups above it on the longest way from `all`. */
  depth: number;
  /** All groups above it, without `all`. */
  ancestors: ReadonlySet<string>;
}

/** A host while files are read. */
export interface HostNode {
  readonly name: string;
  readonly groups: Set<string>;
  /** Shared with the statement that named the host, until another one adds to it. */
  variables: Variables;
  readonly location: Location;
}

/** Groups and hosts of all files of an Ansible inventory, in the order in which they are first named. */
export interface Tree {
  readonly groups: Map<string, Group>;
  readonly hosts: Map<string, HostNode>;
  readonly complaints: Complaint[];
}

/**
 * Joins what all files say. Source: lib/ansible/inventory/data.py and group.py (ansible-core 2.14): `all` and `ungrouped` are
 * always there, and every group without a parent is a child of `all`.
 */
export function growTree(sources: readonly AnsibleSource[]): Tree {
  const tree: Tree = { groups: new Map(), hosts: new Map(), complaints: [] };
  for (const name of ['all', 'ungrouped']) groupOf(tree, name).isDeclared = true;
  const start: Location = { file: '', line: 1, column: 1 };
  addChild(tree, { parent: 'all', child: 'ungrouped', location: start });
  for (const { statements } of sources) {
    for (const statement of statements) apply(statement, tree);
    for (const statement of statements) {
      if (statement.kind === 'demand' && tree.groups.get(statement.group)?.isDeclared !== true)
        tree.complaints.push(statement.complaint);
    }
  }
  for (const group of tree.groups.values()) {
    if (group.name !== 'all' && group.parents.size === 0)
      addChild(tree, { parent: 'all', child: group.name, location: start });
  }
  measure(tree);
  return tree;
}

function groupOf({ groups }: Tree, name: string): Group {
  const known = groups.get(name);
  if (known !== undefined) return known;
  const group: Group = {
    name,
    order: groups.size,
    hosts: new Set(),
    children: new Map(),
    parents: new Set(),
    variables: new Map(),
    priority: 1,
    isDeclared: false,
    location: undefined,
    depth: 0,
    ancestors: new Set(),
  };
  groups.set(name, group);
  return group;
}

function addChild(
  tree: Tree,
  { parent, child, location }: { parent: string; child: string; location: Location },
): void {
  const above = groupOf(tree, parent);
  if (!above.children.has(child)) above.children.set(child, location);
  groupOf(tree, child).parents.add(parent);
}

function apply(statement: Statement, tree: Tree): void {
  if (statement.kind === 'group') {
    const group = groupOf(tree, statement.name);
    group.isDeclared = true;
    group.location ??= statement.location;
  } else if (statement.kind === 'hosts') addHosts(statement, tree);
  else if (statement.kind === 'child') applyChild(statement, tree);
  else if (statement.kind === 'host-variables') {
    const host = tree.hosts.get(statement.host);
    if (host !== undefined) host.variables = joined(host.variables, statement.variables);
  } else if (statement.kind === 'group-variables') {
    const group = groupOf(tree, statement.group);
    for (const [key, variable] of statement.variables) {
      if (key === 'ansible_group_priority') group.priority = priorityOf(variable, tree) ?? group.priority;
      else group.variables.set(key, variable);
    }
  }
}

function priorityOf({ value, location }: Variable, { complaints }: Tree): number | undefined {
  const priority = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof priority === 'number' && Number.isFinite(priority)) return Math.trunc(priority);
  complaints.push({
    message: `ansible_group_priority: expected a whole number, found ${quoted(String(value))}`,
    location,
  });
  return undefined;
}

function applyChild(statement: Extract<Statement, { kind: 'child' }>, tree: Tree): void {
  const { parent, child, location } = statement;
  if (parent === child || child === 'all') {
    tree.complaints.push({ message: `group ${quoted(child)} cannot be a child of ${quoted(parent)}`, location });
  } else addChild(tree, statement);
}

function addHosts(statement: Extract<Statement, { kind: 'hosts' }>, tree: Tree): void {
  const { names, port, variables, location } = statement;
  const group = groupOf(tree, statement.group);
  for (const name of names) {
    const host = tree.hosts.get(name);
    const own: Variables =
      port === undefined || host !== undefined
        ? variables
        : joined(new Map([['ansible_port', { value: port, location }]]), variables);
    if (host === undefined) tree.hosts.set(name, { name, groups: new Set([group.name]), variables: own, location });
    else {
      host.groups.add(group.name);
      host.variables = joined(host.variables, own);
    }
    group.hosts.add(name);
  }
}

/** The later one wins. */
const joined = (earlier: Variables, later: Variables): Variables => {
  if (earlier.size === 0) return later;
  return later.size === 0 ? earlier : new Map([...earlier, ...later]);
};

/** Depths and ancestors, from `all` downwards. A group whose parents never all come to an end is on a circle, or below one. */
function measure({ groups, complaints }: Tree): void {
  const waiting = new Map(Array.from(groups.values(), group => [group.name, group.parents.size]));
  const ready = Array.from(groups.values()).filter(group => group.parents.size === 0);
  let ancestries = 0;
  for (let group = ready.pop(); group !== undefined; group = ready.pop()) {
    waiting.delete(group.name);
    const above = new Set(group.parents);
    for (const parent of group.parents) for (const name of groups.get(parent)?.ancestors ?? []) above.add(name);
    above.delete('all');
    group.ancestors = above;
    ancestries += above.size;
    for (const [name, location] of group.children) {
      const child = groups.get(name);
      if (child === undefined) continue;
      child.depth = Math.max(child.depth, group.depth + 1);
      const open = (waiting.get(name) ?? 1) - 1;
      waiting.set(name, open);
      if (child.depth > maxGroupDepth || ancestries > maxAncestries) {
        complaints.push({
          message: `groups are nested deeper than ${maxGroupDepth} levels, or too often, here`,
          location,
        });
        return;
      }
      if (open === 0) ready.push(child);
    }
  }
  complaints.push(...circleComplaints(groups, waiting));
}

function circleComplaints(groups: ReadonlyMap<string, Group>, waiting: ReadonlyMap<string, number>): Complaint[] {
  const stuck = [...waiting.keys()].flatMap(name => groups.get(name) ?? []);
  const first = stuck.find(group => [...group.children.keys()].some(child => waiting.has(child)));
  const child = first && [...first.children].find(([name]) => waiting.has(name));
  if (first === undefined || child === undefined) return [];
  const message = `groups go in a circle: ${quoted(child[0])} is a child of ${quoted(first.name)}, and above it`;
  return [{ message, location: child[1] }];
}

/**
 * Hosts of a group and of all groups below it, in the order in which Ansible counts them for `web[0]`: the group's own, those of
 * its children, then level by level. Source: `Group.get_hosts` (below the second level Ansible's own order is by chance).
 */
export function hostsBelow(name: string, { groups }: Tree): Set<string> {
  const found = new Set<string>();
  const seen = new Set([name]);
  for (let level = [name]; level.length > 0; ) {
    const next: string[] = [];
    for (const each of level) {
      const group = groups.get(each);
      for (const host of group?.hosts ?? []) found.add(host);
      for (const child of group?.children.keys() ?? []) {
        if (!seen.has(child)) next.push(child);
        seen.add(child);
      }
    }
    level = next;
  }
  return found;
}
