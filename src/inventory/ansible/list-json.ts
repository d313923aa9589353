import type { Location } from '../../model/host.ts';
import type { Complaint } from '../../model/input-error.ts';
import { isMapping, type Mapping, parsedJson } from '../../text/json.ts';
import { type FileContents, nothingBut, type SourceText } from '../contents.ts';
import type { InventoryFormat } from '../format.ts';
import { quoted } from '../names.ts';
import { found } from '../schema-complaints.ts';
import { type AnsibleSource, noVariables, type Statement, type Variables, vaultedValue } from './statement.ts';

/**
 * What `ansible-inventory --list` and executable inventories print: groups with lists of hosts, and `_meta.hostvars`. Source:
 * lib/ansible/plugins/inventory/script.py (ansible-core 2.14).
 */
export const ansibleListJson: InventoryFormat = { recognises, read };

/** JSON in which some group lists its hosts. With mappings of hosts it is Ansible's YAML, of which JSON is a part. */
function recognises(text: string): boolean {
  if (!/^\s*\{/.test(text)) return false;
  const value = parsedJson(text);
  if (!isMapping(value) || 'version' in value) return false;
  if (isMapping(value['_meta'])) return true;
  const groups = Object.values(value);
  return groups.some(
    group =>
      Array.isArray(group) || (isMapping(group) && (Array.isArray(group['hosts']) || Array.isArray(group['children']))),
  );
}

/** What collects while the groups are read. */
interface Reading {
  readonly at: (name: string) => Location;
  readonly statements: Statement[];
  readonly complaints: Complaint[];
  readonly hosts: Map<string, Location>;
}

function read({ file, text }: SourceText): FileContents {
  const value = parsedJson(text);
  if (!isMapping(value)) return nothingBut([]);
  const reading: Reading = { at: placesOf(file, text), statements: [], complaints: [], hosts: new Map() };
  for (const [name, group] of Object.entries(value)) if (name !== '_meta') readGroup(name, group, reading);
  const meta = isMapping(value['_meta']) ? value['_meta']['hostvars'] : undefined;
  readHostVariables(isMapping(meta) ? meta : {}, reading);
  const { statements, complaints } = reading;
  const ansible: AnsibleSource = { statements, notes: [] };
  return { ...nothingBut(complaints), ansible };
}

/** Where a text first stands in quotes: JSON.parse keeps no places, and a parser that does is fifty times slower. */
function placesOf(file: string, text: string): (name: string) => Location {
  let places: Map<string, Location> | undefined;
  return name => {
    places ??= indexStrings(file, text);
    return places.get(name) ?? { file, line: 1, column: 1 };
  };
}

function indexStrings(file: string, text: string): Map<string, Location> {
  const places = new Map<string, Location>();
  text.split('\n').forEach((line, index) => {
    for (const match of line.matchAll(/"((?:[^"\\]|\\.)*)"/g)) {
      const name = match[1] ?? '';
      if (!places.has(name)) places.set(name, { file, line: index + 1, column: match.index + 1 });
    }
  });
  return places;
}

function readGroup(name: string, value: unknown, reading: Reading): void {
  const { at, statements, complaints } = reading;
  const location = at(name);
  statements.push({ kind: 'group', name, location });
  const { hosts, vars, children } = partsOf(name, value);
  if (Array.isArray(hosts)) for (const host of hosts) addHost(host, name, reading);
  else if (hosts !== undefined) {
    complaints.push({ message: `"hosts" of group ${quoted(name)}: expected a list, found ${found(hosts)}`, location });
  }
  if (isMapping(vars))
    statements.push({ kind: 'group-variables', group: name, variables: variablesAt(vars, location) });
  else if (vars !== undefined) {
    complaints.push({ message: `"vars" of group ${quoted(name)}: expected a mapping, found ${found(vars)}`, location });
  }
  for (const child of Array.isArray(children) ? children : []) {
    if (typeof child !== 'string') continue;
    statements.push(
      { kind: 'group', name: child, location: at(child) },
      { kind: 'child', parent: name, child, location: at(child) },
    );
  }
}

/** A group may also be a list of hosts, or the variables of one host that has its name. */
function partsOf(
  name: string,
  value: unknown,
): { readonly hosts?: unknown; readonly vars?: unknown; readonly children?: unknown } {
  if (!isMapping(value)) return { hosts: value };
  if ('hosts' in value || 'vars' in value || 'children' in value) return value;
  return { hosts: [name], vars: value };
}

function addHost(host: unknown, group: string, { at, statements, complaints, hosts }: Reading): void {
  if (typeof host !== 'string') {
    complaints.push({
      message: `a host of group ${quoted(group)}: expected text, found ${found(host)}`,
      location: at(group),
    });
    return;
  }
  const location = hosts.get(host) ?? at(host);
  hosts.set(host, location);
  statements.push({ kind: 'hosts', names: [host], group, variables: noVariables, location });
}

/** As in Ansible, variables of hosts that no group names are not looked at. */
function readHostVariables(hostvars: Mapping, { statements, hosts }: Reading): void {
  for (const [host, location] of hosts) {
    const value = hostvars[host];
    if (!isMapping(value)) continue;
    statements.push({ kind: 'host-variables', host, variables: variablesAt(value, location) });
  }
}

const variablesAt = (value: Mapping, location: Location): Variables =>
  new Map(Object.entries(value).map(([key, each]) => [key, { value: unvaulted(each), location }]));

/** `ansible-inventory --list` prints `{"__ansible_vault": "…"}` and `{"__ansible_unsafe": "…"}`. */
function unvaulted(value: unknown): unknown {
  if (!isMapping(value)) return value;
  return '__ansible_vault' in value ? vaultedValue : (value['__ansible_unsafe'] ?? value);
}
