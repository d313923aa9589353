import { isMap, isScalar, LineCounter, type ScalarTag, type Tags, type YAMLError } from 'yaml';
import type { Location } from '../model/host.ts';
import type { Complaint } from '../model/input-error.ts';
import { vaultedValue } from './ansible/statement.ts';
import type { SourceText } from './contents.ts';
import { indexNodes, nodeAt, offsetOf, type Path, pairOf } from './yaml-nodes.ts';
import { maxYamlDepth, parseYaml } from './yaml-parse.ts';

/** A YAML text as plain values, and where each of them is written. */
export interface YamlDocument {
  readonly value: unknown;
  /** Where the value at a path begins; `column` (from 1) points into the text of a plain or quoted scalar. */
  locate(path: Path, column?: number): Location;
  /** Where the last step of a path is written as a key. */
  locateKey(path: Path): Location;
}

/** The document, if it can be built, and everything wrong with it as YAML. */
export interface YamlReading {
  readonly document?: YamlDocument;
  readonly complaints: readonly Complaint[];
  /** What the dialect allows, and is worth knowing. */
  readonly notes: readonly Complaint[];
}

/** How YAML is meant: as in our own format (1.2), or as Ansible reads it (1.1, its tags, the last of two equal keys wins). */
export interface YamlReadingOptions {
  readonly dialect?: 'ansible';
}

/** Tags of Ansible. Source: lib/ansible/parsing/yaml/constructor.py. */
const ansibleTags: readonly ScalarTag[] = [
  { tag: '!vault', resolve: () => vaultedValue },
  { tag: '!vault-encrypted', resolve: () => vaultedValue },
  { tag: '!unsafe', resolve: value => value },
];

/**
 * Scalars as PyYAML has them, which Ansible reads with: `y` and `n` are text, and so is `1e3`, but not `1.0e+3`. Source:
 * lib/yaml/resolver.py (PyYAML 6).
 */
function pyYamlTags(tags: Tags): Tags {
  return [...tags.map(asPyYaml), ...ansibleTags];
}

function asPyYaml(tag: Tags[number]): Tags[number] {
  if (typeof tag !== 'object' || tag.collection !== undefined) return tag;
  if (tag.tag === 'tag:yaml.org,2002:bool') {
    const isTrue = tag.test?.test('yes') === true;
    return {
      ...tag,
      test: isTrue ? /^(?:yes|true|on|Yes|True|On|YES|TRUE|ON)$/ : /^(?:no|false|off|No|False|Off|NO|FALSE|OFF)$/,
    };
  }
  if (tag.tag !== 'tag:yaml.org,2002:float' || tag.format !== 'EXP') return tag;
  return { ...tag, test: /^[-+]?(?:\d[\d_]*\.[\d_]*|\.\d[\d_]*)[eE][-+]\d+$/ };
}

/** Reads one YAML document; anchors, aliases and merge keys (`<<`) are allowed. Never throws for what the text holds. */
export function readYaml({ file, text }: SourceText, { dialect }: YamlReadingOptions = {}): YamlReading {
  const lines = new LineCounter();
  const at = (offset: number): Location => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  // uniqueKeys compares each key with each other one; the walk of indexNodes finds duplicates in one pass.
  const plain = { lineCounter: lines, prettyErrors: false, uniqueKeys: false, merge: true };
  const parsed =
    dialect === 'ansible'
      ? parseYaml(text, { ...plain, version: '1.1', customTags: pyYamlTags })
      : parseYaml(text, plain);
  if ('tooDeepAt' in parsed) {
    const message = `this YAML is nested deeper than ${maxYamlDepth} levels here`;
    return { complaints: [{ message, location: at(parsed.tooDeepAt) }], notes: [] };
  }
  const { document, next } = parsed;
  const broken = [...document.errors, ...document.warnings].map(error => ({
    message: yamlMessage(error, text),
    location: at(error.pos[0]),
  }));
  const second = { message: 'a second YAML document begins here; an inventory is one document' };
  const all = next === null ? broken : [...broken, { ...second, location: at(next) }];
  if (all.length > 0) return { complaints: firstOfEachLine(all), notes: [] };

  const index = indexNodes(document.contents);
  const isAllowed = ({ message }: { readonly message: string }): boolean =>
    dialect === 'ansible' && message.startsWith('duplicate key ');
  const told = (problems: typeof index.problems): Complaint[] =>
    problems.map(({ message, offset }) => ({ message, location: at(offset) }));
  const complaints = told(index.problems.filter(problem => !isAllowed(problem)));
  const notes = told(index.problems.filter(isAllowed)).map(({ message, ...rest }) => ({
    ...rest,
    message: `${message}: the last one counts, as in Ansible`,
  }));
  if (!index.buildable) return { complaints, notes };
  const root = document.contents;
  const locate = (path: Path, column?: number): Location => {
    const node = nodeAt(root, path, index);
    const quotes = isScalar(node) && node.type?.startsWith('QUOTE') === true ? 1 : 0;
    return at(offsetOf(node) + (column === undefined ? 0 : column - 1 + quotes));
  };
  const locateKey = (path: Path): Location => {
    const map = nodeAt(root, path.slice(0, -1), index);
    const target = isMap(map) ? map : undefined;
    const key = target && pairOf(target, String(path.at(-1)), index)?.key;
    return key ? at(offsetOf(key)) : locate(path);
  };
  // indexNodes has bounded what aliases can add, so the library's own, cruder bound is off.
  return { document: { value: document.toJS({ maxAliasCount: -1 }), locate, locateKey }, complaints, notes };
}

/** What follows on a line after a fault is mostly its consequence. */
function firstOfEachLine<T extends { readonly location: Location }>(complaints: readonly T[]): T[] {
  const lines = new Map(complaints.toReversed().map(complaint => [complaint.location.line, complaint]));
  return [...lines.values()].toReversed();
}

/** The library's words where they help, ours where people run into it. */
function yamlMessage({ code, message, pos }: YAMLError, text: string): string {
  if (code === 'TAB_AS_INDENT') return 'a tab is used for indentation; YAML allows spaces only';
  const range = code === 'MISSING_CHAR' && /[^\s,[{]*\[[^\]]*\]/.exec(text.slice(text.lastIndexOf(' ', pos[0]) + 1));
  const hint = range && range.index === 0 ? '; a range inside [ ] needs quotes, as in ["web[01-40]"]' : '';
  return `this is no YAML: ${message.charAt(0).toLowerCase()}${message.slice(1).split('\n')[0]}${hint}`;
}
