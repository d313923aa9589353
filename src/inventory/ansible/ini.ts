import type { Location } from '../../model/host.ts';
import type { Complaint } from '../../model/input-error.ts';
import { type FileContents, nothingBut, type SourceText } from '../contents.ts';
import type { InventoryFormat } from '../format.ts';
import { listed, quoted } from '../names.ts';
import { expandPattern } from './host-range.ts';
import { literalOrText } from './literal.ts';
import { noVariables, type Statement, type Variable, type Variables } from './statement.ts';
import { splitWords, type Word } from './words.ts';

/** Inventories of Ansible in INI. Source: lib/ansible/plugins/inventory/ini.py (ansible-core 2.14). */
export const ansibleIni: InventoryFormat = { recognises, read };

/** `[web]`, `[web:vars]`, perhaps with a comment behind it. */
const section = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/;

const sectionLine = /^[^\S\n]*\[[^:\]\s[]+(?::\w+)?\][^\S\n]*(?:#.*)?\r?$/m;

/** A range of a host list: `[01-40]` or `[1:9]` alone on a line. Groups are not called like this. */
const rangeLine = /^[^\S\n]*\[[\da-zA-Z]*[-:,][\da-zA-Z:,-]*\]/;

/** A host with variables, where there is no section at all. Lists of attributes are genders, which was asked before. */
const variableLine = /^[^\S\n]*[^\s#;=]+[^\S\n]+[A-Za-z_]\w*=/m;

function recognises(text: string): boolean {
  if (/^\s*(?:#!|\{|---)/.test(text)) return false;
  const found = text.match(new RegExp(sectionLine, 'gm')) ?? [];
  return (
    found.some(line => !rangeLine.test(line) || /:(?:vars|children|hosts)\]/.test(line)) || variableLine.test(text)
  );
}

type Kind = 'hosts' | 'vars' | 'children' | 'unknown';

/** What collects while a file is read from top to bottom. */
interface Reading {
  readonly file: string;
  readonly statements: Statement[];
  readonly complaints: Complaint[];
  readonly notes: Complaint[];
  group: string;
  kind: Kind;
}

function read({ file, text }: SourceText): FileContents {
  const reading: Reading = { file, statements: [], complaints: [], notes: [], group: 'ungrouped', kind: 'hosts' };
  text.split('\n').forEach((written, index) => {
    const line = written.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) return;
    const start = written.indexOf(line);
    readLine(line, column => ({ file, line: index + 1, column: start + column }), reading);
  });
  const { statements, complaints, notes } = reading;
  return { ...nothingBut(complaints), ansible: { statements, notes } };
}

type Locate = (column: number) => Location;

function readLine(line: string, at: Locate, reading: Reading): void {
  const { complaints, group } = reading;
  const header = section.exec(line);
  if (header !== null) {
    beginSection(header, at(1), reading);
    return;
  }
  if (line.startsWith('[') && line.endsWith(']')) {
    complaints.push({
      message: `${quoted(line)} is no section; expected [group], [group:vars] or [group:children]`,
      location: at(1),
    });
    return;
  }
  if (reading.kind === 'hosts') readHostLine(line, at, reading);
  else if (reading.kind === 'vars') {
    const variables = readAssignment(line, at, reading);
    if (variables !== undefined) reading.statements.push({ kind: 'group-variables', group, variables });
  } else if (reading.kind === 'children') readChild(line, at(1), reading);
}

function beginSection([, group = '', kind = 'hosts']: RegExpExecArray, location: Location, reading: Reading): void {
  const { statements, complaints } = reading;
  reading.group = group;
  reading.kind = kind === 'hosts' || kind === 'vars' || kind === 'children' ? kind : 'unknown';
  if (reading.kind === 'unknown') {
    const expected = listed(['hosts', 'vars', 'children']);
    complaints.push({ message: `section [${group}:${kind}] is of no known kind; expected ${expected}`, location });
  } else if (reading.kind === 'vars') {
    const message = `section [${group}:vars] is about a group that is declared nowhere; expected [${group}] as well`;
    statements.push({ kind: 'demand', group, complaint: { message, location } });
  } else statements.push({ kind: 'group', name: group, location });
}

function readHostLine(line: string, at: Locate, { group, statements, complaints }: Reading): void {
  const words = splitWords(line);
  if (typeof words === 'string') {
    complaints.push({ message: words, location: at(1) });
    return;
  }
  const [first, ...rest] = words;
  if (first === undefined) return;
  const variables = readVariables(rest, at, complaints);
  const expanded = expandPattern(first.text);
  if ('problem' in expanded) complaints.push({ message: expanded.problem, location: at(first.column) });
  else statements.push({ kind: 'hosts', group, ...expanded, variables, location: at(first.column) });
}

function readVariables(words: readonly Word[], at: Locate, complaints: Complaint[]): Variables {
  if (words.length === 0) return noVariables;
  const variables = new Map<string, Variable>();
  for (const { text, column } of words) {
    const equals = text.indexOf('=');
    if (equals < 0) {
      complaints.push({
        message: `expected a variable such as key=value behind a host, found ${quoted(text)}`,
        location: at(column),
      });
    } else {
      variables.set(text.slice(0, equals), { value: literalOrText(text.slice(equals + 1)), location: at(column) });
    }
  }
  return variables;
}

function readAssignment(line: string, at: Locate, { complaints }: Reading): Variables | undefined {
  const equals = line.indexOf('=');
  if (equals < 0) {
    complaints.push({
      message: `expected key=value in a section of variables, found ${quoted(line)}`,
      location: at(1),
    });
    return undefined;
  }
  const value = literalOrText(line.slice(equals + 1).trim());
  return new Map([[line.slice(0, equals).trim(), { value, location: at(1) }]]);
}

function readChild(line: string, location: Location, { group, statements, complaints }: Reading): void {
  const child = /^([^:\]\s]+)\s*(?:#.*)?$/.exec(line)?.[1];
  if (child === undefined) {
    complaints.push({ message: `expected the name of a group, found ${quoted(line)}`, location });
    return;
  }
  const message = `section [${group}:children] includes group ${quoted(child)}, which is declared nowhere`;
  statements.push({ kind: 'demand', group: child, complaint: { message, location } });
  statements.push({ kind: 'child', parent: group, child, location });
}
