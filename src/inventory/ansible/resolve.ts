import type { Location } from '../../model/host.ts';
import type { Complaint } from '../../model/input-error.ts';
import { stripControls } from '../../text/ansi.ts';
import { foldHosts } from '../../text/host-set.ts';
import { truncateColumns } from '../../text/table.ts';
import { type FileContents, type HostEntry, maxHostsPerFile, noSettings, nothingBut } from '../contents.ts';
import { quoted, whyNotHostName } from '../names.ts';
import { maxValueDepth } from './bounds.ts';
import { connectionOf, type Remark } from './connection.ts';
import { createVariables, type FileVariables, groupsOf } from './precedence.ts';
import { shownVariables } from './shown.ts';
import { type AnsibleSource, type Variables, vaultedValue } from './statement.ts';
import { growTree, type HostNode, hostsBelow, type Tree } from './tree.ts';

/** Joins all files of an Ansible inventory to the hosts and groups that they come to. */
export function resolveAnsible(sources: readonly AnsibleSource[], files: FileVariables): FileContents {
  const tree = growTree(sources);
  const complaints = [...tree.complaints, ...nameComplaints(tree)];
  if (tree.hosts.size > maxHostsPerFile) {
    const message = `these are more than ${maxHostsPerFile.toLocaleString('en-US')} hosts`;
    return nothingBut([...complaints, { message, location: firstPlace(tree) }]);
  }
  if (tree.complaints.length > 0) return nothingBut(complaints);
  const remarks = createRemarks();
  const variablesOf = createVariables(tree, files);
  const entries: HostEntry[] = [];
  const left = new Set<string>();
  const groupNames = new Map<string, readonly string[]>();
  for (const host of tree.hosts.values()) {
    const variables = variablesOf(host);
    const { settings, origins, remarks: found, leftOut } = connectionOf(host.name, variables);
    for (const remark of leftOut === undefined ? found : [leftOut]) remarks.add(host.name, remark);
    if (leftOut === undefined) {
      const shared = {
        names: [host.name],
        defaults: noSettings,
        explicit: { settings, origins },
        location: host.location,
        variables: () => shownVariables(variables),
      };
      const [group, ...also] = namesOf(host, tree, groupNames);
      entries.push(group === undefined ? shared : { ...shared, group, also });
    } else left.add(host.name);
  }
  const groups = [...tree.groups.keys()].filter(name => name !== 'all' && name !== 'ungrouped');
  const members = new Map(
    ['all', ...groups].map(name => [name, [...hostsBelow(name, tree)].filter(host => !left.has(host))]),
  );
  const notes = [...sources.flatMap(source => source.notes), ...vaultNotes(tree, files), ...remarks.list()];
  return { ...nothingBut(complaints), entries, groups, members, notes };
}

/** Every variable that ansible-vault has encrypted, or that holds something encrypted, once. */
function vaultNotes({ groups, hosts }: Tree, files: FileVariables): Complaint[] {
  const notes = new Map<string, Complaint>();
  const layers: Iterable<Iterable<Variables>> = [
    Array.from(groups.values(), group => group.variables),
    Array.from(hosts.values(), host => host.variables),
    files.group.values(),
    files.host.values(),
  ];
  for (const layer of layers) {
    for (const variables of layer) {
      for (const [key, { value, location }] of variables) {
        if (!holdsVaulted(value, 0)) continue;
        const { file, line, column } = location;
        notes.set(`${file}:${line}:${column}:${key}`, { message: `${quoted(key)} is vaulted: not read`, location });
      }
    }
  }
  return [...notes.values()];
}

function holdsVaulted(value: unknown, depth: number): boolean {
  if (value === vaultedValue) return true;
  if (typeof value !== 'object' || value === null || depth > maxValueDepth) return false;
  return Object.values(value).some(item => holdsVaulted(item, depth + 1));
}

/** The names of a host's groups, worked out once for all hosts that stand in the same ones. */
function namesOf(host: HostNode, tree: Tree, known: Map<string, readonly string[]>): readonly string[] {
  const key = [...host.groups].join('\0');
  const names = known.get(key) ?? groupsOf(host, tree).flatMap(({ name }) => (name === 'ungrouped' ? [] : name));
  known.set(key, names);
  return names;
}

const firstPlace = ({ hosts }: Tree): Location =>
  hosts.values().next().value?.location ?? { file: '', line: 1, column: 1 };

function nameComplaints({ hosts, groups }: Tree): Complaint[] {
  const complaints: Complaint[] = [];
  for (const { name, location } of hosts.values()) {
    const message = whyNotHostName(name);
    if (message !== undefined) complaints.push({ message, location });
  }
  for (const { name, hosts: members, location: declared } of groups.values()) {
    if (stripControls(name) === name && name !== '' && name.length <= 253) continue;
    const location = declared ?? hosts.get([...members][0] ?? '')?.location;
    const message = `${quoted(name)} is no name for a group`;
    complaints.push(location === undefined ? { message } : { message, location });
  }
  return complaints;
}

/** Remarks about many hosts at one place are one, which names them all. */
function createRemarks() {
  const byPlace = new Map<string, { readonly remark: Remark; readonly hosts: string[] }>();
  return {
    add(host: string, remark: Remark): void {
      const { file, line, column } = remark.location;
      const key = `${file}:${line}:${column}:${remark.message}`;
      const known = byPlace.get(key);
      if (known === undefined) byPlace.set(key, { remark, hosts: [host] });
      else known.hosts.push(host);
    },
    list: (): Complaint[] =>
      Array.from(byPlace.values(), ({ remark: { message, location }, hosts }) => ({
        message: `host ${truncateColumns(foldHosts(hosts), 80)}: ${message}`,
        location,
      })),
  };
}
