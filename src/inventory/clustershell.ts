import type { Location } from '../model/host.ts';
import type { Complaint } from '../model/input-error.ts';
import { expandHosts } from '../text/host-set.ts';
import { matchesWildcard } from '../text/wildcard.ts';
import {
  type FileContents,
  type HostEntry,
  maxHostsPerFile,
  noSettings,
  nothingBut,
  type SourceText,
  unrecognised,
} from './contents.ts';
import type { InventoryFormat } from './format.ts';
import { quoted, whyNotHostName, whyNotLabel } from './names.ts';
import { readYaml, type YamlDocument } from './yaml-document.ts';
import type { Path } from './yaml-nodes.ts';

/**
 * Group files of ClusterShell: `group: nodeset` on each line, or sources of such groups in YAML. Source: groups.conf(5),
 * lib/ClusterShell/NodeUtils.py (1.9). Groups of the only source have their own name, of several `source.group`.
 */
export const clusterShell: InventoryFormat = { recognises, read };

const flatLine = /^[\w.-]+\s*:[^\S\n]+\S/;

/** Every line at the left margin is `group: nodes`; or everything is sources of groups, and no group of Ansible. */
function recognises(text: string): boolean {
  const lines = text.split(/\r?\n/).filter(line => /^[^\S\n]*[^#\s]/.test(line));
  if (lines.length === 0) return false;
  if (lines.every(line => flatLine.test(line) && !/:[^\S\n]+[{&*|>"'[]/.test(line))) return true;
  const isNested = lines.every(line => /^[\w.-]+\s*:\s*(?:#.*)?$|^\s+[\w.-]+\s*:|^\s+-\s/.test(line));
  return isNested && !/^\s*(?:hosts|children|vars)\s*:/m.test(text) && /^\s+[\w.-]+\s*:[^\S\n]*["']?[@\w]/m.test(text);
}

/** A group as written: texts of nodes, which are joined. */
interface Written {
  readonly source: string;
  readonly nodes: readonly string[];
  readonly location: Location;
}

type Groups = ReadonlyMap<string, ReadonlyMap<string, Written>>;

function read(source: SourceText): FileContents {
  const isFlat = !/^[^\S\n]+\S/m.test(source.text.replace(/^[^\S\n]*#.*$/gm, ''));
  if (isFlat) return joined(new Map([['', readFlat(source)]]), []);
  const { document, complaints } = readYaml(source);
  if (document === undefined) return nothingBut(complaints);
  return readSources(document, [...complaints]);
}

function readFlat({ file, text }: SourceText): Map<string, Written> {
  const groups = new Map<string, Written>();
  text.split(/\r?\n/).forEach((line, index) => {
    const [, name, nodes] = /^([\w.-]+)\s*:\s*(.*?)\s*(?:#.*)?$/.exec(line) ?? [];
    if (name !== undefined && nodes !== undefined)
      groups.set(name, { source: '', nodes: [nodes], location: { file, line: index + 1, column: 1 } });
  });
  return groups;
}

function readSources(document: YamlDocument, complaints: Complaint[]): FileContents {
  const { value } = document;
  if (typeof value !== 'object' || value === null) return unrecognised(document.locate([]));
  const sources = new Map<string, Map<string, Written>>();
  for (const [source, groups] of Object.entries(value)) {
    const read = new Map<string, Written>();
    sources.set(source, read);
    for (const [name, nodes] of Object.entries(typeof groups === 'object' ? (groups ?? {}) : {})) {
      const path: Path = [source, name];
      const texts = Array.isArray(nodes) ? nodes : [nodes];
      if (texts.every(text => typeof text === 'string' || typeof text === 'number')) {
        read.set(name, { source, nodes: texts.map(String), location: document.locateKey(path) });
      } else
        complaints.push({
          message: `group ${quoted(name)}: expected nodes as text or a list`,
          location: document.locateKey(path),
        });
    }
  }
  return joined(sources, complaints);
}

function joined(groups: Groups, complaints: Complaint[]): FileContents {
  const evaluation: Evaluation = { groups, known: new Map(), open: new Set(), budget: 4 * maxHostsPerFile };
  const places = new Map<string, Location>();
  const members = new Map<string, readonly string[]>();
  for (const [source, own] of groups) {
    for (const [name, written] of own) {
      const label = groups.size === 1 ? name : `${source}.${name}`;
      try {
        const nodes = nodesOfGroup(source, name, evaluation);
        const problem = whyNotLabel(label) ?? firstProblem(nodes);
        if (problem === undefined) members.set(label, [...nodes]);
        else complaints.push({ message: problem, location: written.location });
        for (const node of nodes) if (!places.has(node)) places.set(node, written.location);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        complaints.push({ message: `group ${quoted(name)}: ${error.message}`, location: written.location });
      }
    }
  }
  const entries = [...members].flatMap(([group, names]) => names.map(name => entryOf(name, group, places.get(name))));
  return { ...nothingBut(complaints), entries, groups: [...members.keys()] };
}

const entryOf = (name: string, group: string, location: Location = { file: '', line: 1, column: 1 }): HostEntry => ({
  names: [name],
  group,
  defaults: noSettings,
  explicit: noSettings,
  location,
});

function firstProblem(nodes: ReadonlySet<string>): string | undefined {
  for (const node of nodes) {
    const problem = whyNotHostName(node);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** What is known while groups that name groups are worked out. */
interface Evaluation {
  readonly groups: Groups;
  readonly known: Map<string, ReadonlySet<string>>;
  /** Groups that are being worked out: one among them again is a circle. */
  readonly open: Set<string>;
  /** Names that may still be made. */
  budget: number;
}

/** Levels of groups in groups. */
const maxDepth = 100;

function nodesOfGroup(source: string, name: string, evaluation: Evaluation): ReadonlySet<string> {
  const key = `${source}:${name}`;
  const known = evaluation.known.get(key);
  if (known !== undefined) return known;
  const written = evaluation.groups.get(source)?.get(name);
  if (written === undefined)
    throw new RangeError(`unknown group "@${source === '' ? '' : `${source}:`}${name.slice(0, 80)}"`);
  if (evaluation.open.has(key)) throw new RangeError(`groups go in a circle at "@${name}"`);
  if (evaluation.open.size >= maxDepth) throw new RangeError(`groups are nested deeper than ${maxDepth} levels`);
  evaluation.open.add(key);
  try {
    const nodes = new Set(written.nodes.flatMap(text => [...nodesOf(text, source, evaluation)]));
    evaluation.known.set(key, nodes);
    return nodes;
  } finally {
    evaluation.open.delete(key);
  }
}

/** `a[1-4]`, `@group`, `@source:group[1-2]`, with `,` and blank for union, `!` without, `&` in both, `^` in one of both; from the left. */
const operand = /([,!&^\s]*)((?:[^,!&^\s[]|\[[^\]]*\]?)+)/gy;

function nodesOf(text: string, source: string, evaluation: Evaluation): ReadonlySet<string> {
  let nodes: ReadonlySet<string> = new Set();
  for (const [, operators = '', word = ''] of text.matchAll(operand)) {
    const others = nodesOfWord(word, source, evaluation);
    evaluation.budget -= others.size;
    if (evaluation.budget < 0) throw new RangeError('the nodes of this file are too many');
    const operator = /[!&^]/.exec(operators)?.[0];
    const without = [...nodes].filter(node => !others.has(node));
    if (operator === '!') nodes = new Set(without);
    else if (operator === '&') nodes = new Set([...nodes].filter(node => others.has(node)));
    else if (operator === '^') nodes = new Set([...without, ...[...others].filter(node => !nodes.has(node))]);
    else nodes = new Set([...nodes, ...others]);
  }
  return nodes;
}

function nodesOfWord(word: string, source: string, evaluation: Evaluation): ReadonlySet<string> {
  // A step is written [0-10/2]; ours is [0-10:2].
  const pattern = word.replaceAll(/\[[^\]]*\]/g, range => range.replaceAll('/', ':'));
  if (!pattern.startsWith('@')) return new Set(expandHosts(pattern));
  const [, of = source, names = ''] = /^@(?:([\w.-]+):)?(.*)$/s.exec(pattern) ?? [];
  if (names.includes('*')) {
    const all = [...(evaluation.groups.get(of)?.keys() ?? [])].filter(name => matchesWildcard(names, name));
    return new Set(all.flatMap(name => [...nodesOfGroup(of, name, evaluation)]));
  }
  return new Set(expandHosts(names).flatMap(name => [...nodesOfGroup(of, name, evaluation)]));
}
