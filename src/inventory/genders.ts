import type { Location } from '../model/host.ts';
import type { Complaint } from '../model/input-error.ts';
import { readHostSet, splitPatterns } from '../text/host-set.ts';
import {
  type FileContents,
  type HostEntry,
  maxHostsPerFile,
  noSettings,
  nothingBut,
  type SourceText,
} from './contents.ts';
import type { InventoryFormat } from './format.ts';
import { quoted, whyNotHostName } from './names.ts';

/**
 * genders(3) files, as pdsh -g reads them: `node[1-40] web,rack=7`. An attribute is a group, and its value a variable; `%n` in a
 * value is the name of the node. Source: src/libgenders/genders_parsing.c (genders 1.28).
 */
export const genders: InventoryFormat = { recognises, read };

const lineForm = /^\s*(\S+)(?:\s+(\S+))?\s*$/;

/** At least one line is a node and a list of attributes, and no line is of another form; section lines and YAML are not. */
function recognises(text: string): boolean {
  if (/^[^\S\n]*(?:\[[^\]\n]*\][^\S\n]*$|---|[{<%]|\S+:(?:\s|$))/m.test(text) || /\bansible_\w+=/.test(text))
    return false;
  let hasAttributes = false;
  for (const line of text.split('\n').map(withoutComment)) {
    const [, nodes = '', attributes = ''] = /^\s*(\S+)(?:\s+(\S.*))?$/.exec(line) ?? [];
    if (attributes === '') continue;
    if (nodes.includes('=') || !/^[\w.%,=:/+\-\s@]*$/.test(attributes)) return false;
    if (/,/.test(attributes) || (/\[[\d,-]+\]?|,/.test(nodes) && !/[\s]/.test(attributes))) hasAttributes = true;
  }
  return hasAttributes;
}

const withoutComment = (line: string): string => line.replace(/#.*$/, '').trimEnd();

/** GENDERS_MAXHOSTNAMELEN of genders.h, and what DNS allows in a label (RFC 1035). */
const maxNodeName = 63;

/** What collects while the file is read. */
interface Reading {
  readonly complaints: Complaint[];
  /** Attributes of each node, and where the node is first named. */
  readonly nodes: Map<string, { readonly attributes: Map<string, string | undefined>; readonly location: Location }>;
}

function read({ file, text }: SourceText): FileContents {
  const reading: Reading = { complaints: [], nodes: new Map() };
  text.split(/\r?\n/).forEach((written, index) => {
    const line = withoutComment(written);
    if (line.trim() === '') return;
    const at = (column: number): Location => ({ file, line: index + 1, column });
    const [, nodes = '', attributes = ''] = lineForm.exec(line) ?? [];
    const start = line.length - line.trimStart().length;
    if (nodes === '') {
      const message = 'expected nodes and a list of attributes without blanks in it, as in "node1 web,rack=7"';
      reading.complaints.push({ message, location: at(start + 1) });
    } else
      readLine(nodes, attributes, { start, attributesAt: line.indexOf(attributes, start + nodes.length), at, reading });
  });
  return contentsOf(reading);
}

interface Line {
  readonly start: number;
  readonly attributesAt: number;
  readonly at: (column: number) => Location;
  readonly reading: Reading;
}

function readLine(nodes: string, attributes: string, { start, attributesAt, at, reading }: Line): void {
  const { complaints } = reading;
  const location = at(start + 1);
  const pairs = attributes === '' ? [] : attributes.split(',').filter(text => text !== '');
  for (const pattern of splitPatterns(nodes)) {
    const set = readHostSet(pattern);
    if ('problem' in set) {
      complaints.push({ message: set.problem, location: at(start + nodes.indexOf(pattern) + set.column) });
      continue;
    }
    if (reading.nodes.size + set.size > maxHostsPerFile) {
      complaints.push({ message: 'the hosts of this file are more than 200,000 from here on', location });
      return;
    }
    for (const name of set.names()) {
      const problem =
        name.length > maxNodeName
          ? `node ${quoted(name)} has more than ${maxNodeName} characters`
          : whyNotHostName(name);
      const node = problem === undefined ? nodeOf(name, location, reading) : undefined;
      const twice = node && pairs.find(pair => !addAttribute(pair, name, node.attributes));
      if (problem !== undefined) complaints.push({ message: problem, location });
      else if (twice !== undefined) {
        const message = `node ${quoted(name)} has the attribute ${quoted(attributeName(twice))} twice`;
        complaints.push({ message, location: at(attributesAt + attributes.lastIndexOf(twice) + 1) });
      }
      if (problem !== undefined || twice !== undefined) break;
    }
  }
}

function nodeOf(name: string, location: Location, { nodes }: Reading) {
  const node = nodes.get(name) ?? { attributes: new Map<string, string | undefined>(), location };
  nodes.set(name, node);
  return node;
}

const attributeName = (pair: string): string => pair.split('=')[0] ?? pair;

/** False if the node has the attribute already. */
function addAttribute(pair: string, node: string, attributes: Map<string, string | undefined>): boolean {
  const name = attributeName(pair);
  if (attributes.has(name)) return false;
  const value = pair === name ? undefined : pair.slice(name.length + 1);
  attributes.set(
    name,
    value?.replace(/%[n%]/g, token => (token === '%n' ? node : '%')),
  );
  return true;
}

function contentsOf({ nodes, complaints }: Reading): FileContents {
  const groups = new Set<string>();
  const entries: HostEntry[] = [];
  for (const [name, { attributes, location }] of nodes) {
    const shared = {
      names: [name],
      defaults: noSettings,
      explicit: noSettings,
      location,
      variables: () => valuesOf(attributes),
    };
    const [group, ...also] = attributes.keys();
    for (const each of attributes.keys()) groups.add(each);
    entries.push(group === undefined ? shared : { ...shared, group, also });
  }
  return { ...nothingBut(complaints), entries, groups: [...groups] };
}

const valuesOf = (attributes: ReadonlyMap<string, string | undefined>): Record<string, unknown> =>
  Object.fromEntries([...attributes].filter(([, value]) => value !== undefined));
