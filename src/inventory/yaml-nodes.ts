import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { didYouMean } from '../text/nearest.ts';
import { quoted } from './names.ts';

/** A complaint, and the offset in the text that it is about. */
interface NodeProblem {
  readonly message: string;
  readonly offset: number;
}

/** What one walk over a document learns: enough to say where a path is, and whether to build its value at all. */
export interface NodeIndex {
  readonly pairs: ReadonlyMap<YAMLMap, ReadonlyMap<string, Pair>>;
  readonly targets: ReadonlyMap<Alias, Node>;
  readonly problems: readonly NodeProblem[];
  /** False where no value can be made of the document, or should be: see the problems. */
  readonly buildable: boolean;
}

/**
 * Nodes that aliases may add to a document by repeating what they stand for. Above it the file is an alias bomb ("billion
 * laughs"), which would cost time rather than memory: the values are shared, but every check visits each of them.
 */
const maxAliasedNodes = 1_000_000;

/** What a walk knows so far. */
interface Walk {
  readonly pairs: Map<YAMLMap, Map<string, Pair>>;
  readonly targets: Map<Alias, Node>;
  readonly problems: NodeProblem[];
  readonly anchors: Map<string, Node>;
  /** Nodes that a finished node with an anchor stands for, aliases counted in full. One still open has no entry. */
  readonly sizes: Map<Node, number>;
  aliased: number;
  buildable: boolean;
}

/** Walks a document once, in the order of the text, so an alias sees the anchors before it and no others (YAML 1.2, 7.1). */
export function indexNodes(root: Node | null): NodeIndex {
  const walk: Walk = {
    pairs: new Map(),
    targets: new Map(),
    problems: [],
    anchors: new Map(),
    sizes: new Map(),
    aliased: 0,
    buildable: true,
  };
  visit(root, walk);
  return walk;
}

/** Visits a node and all below it; returns how many nodes it stands for. */
function visit(node: unknown, walk: Walk): number {
  if (isAlias(node)) return visitAlias(node, walk);
  if (!isMap(node) && !isSeq(node) && !isScalar(node)) return 1;
  if (node.anchor !== undefined) walk.anchors.set(node.anchor, node);
  let size = 1;
  if (isMap(node)) size = visitMap(node, walk);
  else if (isSeq(node)) for (const item of node.items) size += visit(item, walk);
  if (node.anchor !== undefined) walk.sizes.set(node, size);
  return size;
}

function visitAlias(alias: Alias, walk: Walk): number {
  const refuse = (message: string): number => {
    walk.buildable = false;
    walk.problems.push({ message, offset: offsetOf(alias) });
    return 1;
  };
  const { source } = alias;
  const target = walk.anchors.get(source);
  if (target === undefined) return refuse(`unknown alias "*${source}"${didYouMean(source, walk.anchors.keys())}`);
  const size = walk.sizes.get(target);
  if (size === undefined) return refuse(`the alias "*${source}" stands inside the very thing it repeats`);

  walk.targets.set(alias, target);
  const before = walk.aliased;
  walk.aliased += size;
  if (before <= maxAliasedNodes && walk.aliased > maxAliasedNodes) {
    refuse('aliases blow this file up to more than 1,000,000 values; write them out, or use ranges');
  }
  return size;
}

function visitMap(map: YAMLMap, walk: Walk): number {
  const index = new Map<string, Pair>();
  walk.pairs.set(map, index);
  let size = 1;
  for (const pair of map.items) {
    const key = keyText(pair.key);
    const offset = offsetOf(pair.key) || offsetOf(map);
    if (key === undefined) walk.buildable = false;
    if (key === undefined || key === '__proto__') walk.problems.push({ message: 'expected a plain key', offset });
    else if (index.has(key)) walk.problems.push({ message: `duplicate key ${quoted(key)}`, offset });
    else index.set(key, pair);
    size += 1 + visit(pair.value, walk);
    if (key === '<<' && !isMergeable(pair.value, walk)) {
      walk.buildable = false;
      walk.problems.push({ message: 'expected a mapping, or an alias of one, after "<<"', offset });
    }
  }
  return size;
}

function isMergeable(node: unknown, { targets }: Walk): boolean {
  const sources = isSeq(node) ? node.items : [node];
  return sources.every(source => isMap(isAlias(source) ? targets.get(source) : source));
}

/** The text of a key; a merge key (`<<`) is a symbol in the library. */
function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'symbol' ? '<<' : String(key.value);
}

/** Where a node begins in the text; 0 where the library does not know. */
export function offsetOf(node: unknown): number {
  return (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined) ?? 0;
}

/** A step of a path: a key, or an index of a list. */
export type Path = readonly PropertyKey[];

/** The deepest node on a path that is written in the text: a missing key is answered by the mapping that lacks it. */
export function nodeAt(root: Node | null, path: Path, index: NodeIndex): Node | null {
  let found = root;
  let node = root;
  for (const step of path) {
    const inside = isAlias(node) ? index.targets.get(node) : node;
    const next = isMap(inside) ? pairOf(inside, String(step), index) : itemOf(inside, step);
    if (next === undefined) return found;
    node = next.value;
    found = isEmpty(next.value) ? next.key : next.value;
  }
  return found;
}

interface Step {
  readonly key: Node | null;
  readonly value: Node | null;
}

const isEmpty = (node: Node | null): boolean => node === null || (isScalar(node) && node.source === '');

function itemOf(node: unknown, step: PropertyKey): Step | undefined {
  if (!isSeq<Node>(node) || typeof step !== 'number') return undefined;
  const value = node.items[step];
  return value === undefined ? undefined : { key: value, value };
}

/** A pair of the mapping itself, or of one that it merges in by `<<`. */
export function pairOf(map: YAMLMap, key: string, index: NodeIndex): Step | undefined {
  const own = index.pairs.get(map);
  const pair = own?.get(key);
  if (pair !== undefined) return { key: asNode(pair.key), value: asNode(pair.value) };
  const merged = own?.get('<<')?.value;
  for (const source of isSeq(merged) ? merged.items : [merged]) {
    const target = isAlias(source) ? index.targets.get(source) : source;
    const step = isMap(target) ? pairOf(target, key, index) : undefined;
    if (step !== undefined) return step;
  }
  return undefined;
}

const asNode = (node: unknown): Node | null =>
  isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node : null;
