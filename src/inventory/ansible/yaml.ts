import type { Complaint } from '../../model/input-error.ts';
import { type FileContents, nothingBut, type SourceText, unrecognised } from '../contents.ts';
import type { InventoryFormat } from '../format.ts';
import { quoted } from '../names.ts';
import { found } from '../schema-complaints.ts';
import { readYaml, type YamlDocument } from '../yaml-document.ts';
import type { Path } from '../yaml-nodes.ts';
import { maxGroupDepth } from './bounds.ts';
import { expandPattern } from './host-range.ts';
import { noVariables, type Statement, type Variables } from './statement.ts';

/** Inventories of Ansible in YAML. Source: lib/ansible/plugins/inventory/yaml.py (ansible-core 2.14). */
export const ansibleYaml: InventoryFormat = { recognises, read };

/** The first line that is no comment begins a mapping, or a YAML document by a marker. Our own format was asked before. */
function recognises(text: string): boolean {
  const first = /^[^\S\n]*[^#\s].*$/m.exec(text)?.[0].trim() ?? '';
  return /^(---|%YAML|\{|(["']?)[\w.-]+\2\s*:(\s|$))/.test(first);
}

/** What collects while a document is read. */
interface Reading {
  readonly document: YamlDocument;
  readonly statements: Statement[];
  readonly complaints: Complaint[];
  readonly notes: Complaint[];
}

function read(source: SourceText): FileContents {
  const { document, complaints, notes } = readYaml(source, { dialect: 'ansible' });
  if (document === undefined) return nothingBut(complaints);
  const { value } = document;
  if (!isMapping(value)) return unrecognised(document.locate([]));
  if (typeof value['plugin'] === 'string') {
    const message =
      `this configures the inventory plugin ${quoted(value['plugin'])} of Ansible, which is not run here; ` +
      'give the output of `ansible-inventory --list` instead';
    return nothingBut([{ message, location: document.locateKey(['plugin']) }]);
  }
  if (!Object.values(value).some(looksLikeGroup)) return unrecognised(document.locate([]));
  const reading: Reading = { document, statements: [], complaints: [...complaints], notes: [...notes] };
  for (const [name, group] of Object.entries(value)) readGroup(name, group, { path: [name], reading });
  const { statements, ...rest } = reading;
  return { ...nothingBut(reading.complaints), ansible: { statements, notes: rest.notes } };
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** At least one of the groups has a part that only a group has; else any mapping would be an inventory. */
const looksLikeGroup = (value: unknown): boolean =>
  isMapping(value) && ['hosts', 'children', 'vars'].some(part => part in value);

interface Position {
  readonly path: Path;
  readonly reading: Reading;
}

/** Nested groups before the group that holds them, as Ansible adds them. */
function readGroup(name: string, value: unknown, { path, reading }: Position): void {
  const { document, statements, complaints, notes } = reading;
  const location = document.locateKey(path);
  if (value !== null && !isMapping(value)) {
    notes.push({ message: `${quoted(name)} is no group, but ${found(value)}: left out, as Ansible does`, location });
    return;
  }
  statements.push({ kind: 'group', name, location });
  if (path.length > 2 * maxGroupDepth) {
    complaints.push({ message: `groups are nested deeper than ${maxGroupDepth} levels here`, location });
    return;
  }
  for (const key of Object.keys(value ?? {})) {
    if (key === 'hosts' || key === 'children' || key === 'vars') continue;
    const message = `unknown key ${quoted(key)} in group ${quoted(name)}: left out, as Ansible does; expected hosts, children or vars`;
    notes.push({ message, location: document.locateKey([...path, key]) });
  }
  // In the order of the file: what is named first counts first.
  for (const [key, part] of Object.entries(value ?? {})) {
    const at = { path: [...path, key], reading };
    if (key === 'vars') readGroupVariables(name, partOf(part, at), at);
    else if (key === 'children') readChildren(name, partOf(part, at), at);
    else if (key === 'hosts') readHosts(name, partOf(part, at), at);
  }
}

/** A part of a group: a mapping, nothing, or one name as text. */
function partOf(value: unknown, { path, reading }: Position): Record<string, unknown> {
  if (typeof value === 'string') return { [value]: null };
  if (isMapping(value)) return value;
  if (value === null) return {};
  const message = `"${String(path.at(-1))}" of a group: expected a mapping, found ${found(value)}; in YAML each name ends in ":"`;
  reading.complaints.push({ message, location: reading.document.locate(path) });
  return {};
}

function readGroupVariables(group: string, value: Record<string, unknown>, { path, reading }: Position): void {
  const variables = variablesAt(value, { path, reading });
  if (variables.size > 0) reading.statements.push({ kind: 'group-variables', group, variables });
}

function readChildren(parent: string, value: Record<string, unknown>, { path, reading }: Position): void {
  for (const [child, group] of Object.entries(value)) {
    const at = [...path, child];
    readGroup(child, group, { path: at, reading });
    if (group !== null && !isMapping(group)) continue;
    reading.statements.push({ kind: 'child', parent, child, location: reading.document.locateKey(at) });
  }
}

function readHosts(group: string, value: Record<string, unknown>, { path, reading }: Position): void {
  const { document, statements, complaints } = reading;
  for (const [pattern, settings] of Object.entries(value)) {
    const at = [...path, pattern];
    const location = document.locateKey(at);
    const expanded = expandPattern(pattern);
    if ('problem' in expanded) complaints.push({ message: expanded.problem, location });
    else if (!isMapping(settings) && settings) {
      const message = `the variables of host ${quoted(pattern)}: expected a mapping, found ${found(settings)}`;
      complaints.push({ message, location: document.locate(at) });
    } else {
      const variables = isMapping(settings) ? variablesAt(settings, { path: at, reading }) : noVariables;
      statements.push({ kind: 'hosts', group, ...expanded, variables, location });
    }
  }
}

function variablesAt(value: Record<string, unknown>, { path, reading }: Position): Variables {
  const rows = Object.entries(value).map(
    ([key, each]) => [key, { value: each, location: reading.document.locateKey([...path, key]) }] as const,
  );
  return new Map(rows);
}
