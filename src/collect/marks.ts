import { fileSources } from '../sources/index.ts';
import { detached } from '../text/detached.ts';
import type { FileLine, Frame, Once } from './frames.ts';

/** Lines of the collector about files, without the files themselves. */
export interface Marks extends Omit<Once, 'files'> {
  /** Why files of the sample were not read. */
  readonly sampled: ReadonlyMap<string, Frame>;
  /** The same of files that are read once. */
  readonly once: ReadonlyMap<string, Frame>;
  /** Paths that were asked for, by where they really are: several links may lead to one file. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** What came of the files that are read once, by their text. */
  readonly seen: Map<string, Once>;
}

const sampledPaths: ReadonlySet<string> = new Set(fileSources.filter(({ sampled }) => sampled).map(({ path }) => path));

/** Whether a file is read in every sample. */
export const isSampled = (path: string): boolean => sampledPaths.has(path);

/** Texts remembered: as many as a large fleet has cohorts; hostile hosts can only make us read anew. */
const textsKept = 256;
const remembered = new Map<string, Marks>();

/** The marks between `sample` and `files`. Equal text, equal object. */
export function marksOf(text: string, mark: string): Marks {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const marks = readMarks(text, mark);
  if (remembered.size >= textsKept) remembered.clear();
  remembered.set(detached(text), marks);
  return marks;
}

/** What is read once, from its text: `path:line` after `path:line`. Equal text under equal marks, equal object. */
export function onceOf(marks: Marks, text: string): Once {
  const known = marks.seen.get(text);
  if (known !== undefined) return known;
  const own = detached(text);
  const files = new Map(marks.once);
  cutFiles(own, { from: 0, to: own.length, names: marks.names, into: files });
  const { directories, sysctlFiles, has, lines } = marks;
  const once: Once = { files, directories, sysctlFiles, has, lines };
  if (marks.seen.size >= textsKept) marks.seen.clear();
  marks.seen.set(own, once);
  return once;
}

/** A mark's word and what follows it: `malformed proc/net/snmp // not a regular file`. */
export function wordsOfMark(line: string): { word: string; rest: string; subject: string; object: string } {
  const space = line.indexOf(' ');
  const word = space < 0 ? line : line.slice(0, space);
  const rest = space < 0 ? '' : line.slice(space + 1);
  const [subject = '', object = ''] = rest.split(' // ');
  return { word, rest, subject, object };
}

function readMarks(text: string, mark: string): Marks {
  const frames = new Map<string, Frame>();
  const names = new Map<string, string[]>();
  const directories = new Set<string>();
  const sysctlFiles: { path: string; masked: boolean; same?: string }[] = [];
  const has = new Set<string>();
  const lines: FileLine[] = [];
  for (const line of detached(text).split('\n')) {
    if (!line.startsWith(mark)) continue;
    const { word, rest, subject, object } = wordsOfMark(line.slice(mark.length).trimEnd());
    if (word === 'absent' || word === 'denied') frames.set(rest, { status: word });
    else if (word === 'malformed') frames.set(subject, { status: 'malformed', why: object });
    else if (word === 'real') names.set(subject, [...(names.get(subject) ?? []), object]);
    else if (word === 'directory') directories.add(rest);
    else if (word === 'conf' || word === 'masked') sysctlFiles.push({ path: rest, masked: word === 'masked' });
    else if (word === 'same') addSame(sysctlFiles, subject, object);
    else if (word === 'has') has.add(rest);
    else if (word === 'line') lines.push(fileLine(rest));
  }
  // a file that is too large was found where it is; those who asked for it know it by other names
  for (const [path, frame] of [...frames]) for (const name of names.get(path) ?? []) frames.set(name, frame);
  const of = (sampled: boolean): Map<string, Frame> =>
    new Map([...frames].filter(([path]) => isSampled(path) === sampled));
  return { sampled: of(true), once: of(false), names, directories, sysctlFiles, has, lines, seen: new Map() };
}

/** `etc/rc.local 12 sysctl -w …`; the text is the rest, whatever it holds. */
function fileLine(rest: string): FileLine {
  const [, path = '', line = '', text = ''] = /^(\S+) (\d{1,6}) ?([\s\S]*)$/.exec(rest) ?? [];
  return { path, line: Number(line), text };
}

function addSame(files: { path: string; same?: string }[], path: string, target: string): void {
  const file = files.find(candidate => candidate.path === path);
  if (file !== undefined) file.same = target;
}

/** Which part of a text is to be cut, and into what. */
interface Cut {
  readonly from: number;
  readonly to: number;
  readonly names: Marks['names'];
  readonly into: Map<string, Frame>;
  /** Cutting stops before the first file that is not; left out: all are wanted. */
  readonly isWanted?: (path: string) => boolean;
}

/** `path:line`, lines of one file in a row; a file is cut as a whole, not line by line. Returns where it stopped. */
export function cutFiles(text: string, { from, to, names, into, isWanted }: Cut): number {
  let at = from;
  while (at < to) {
    const colon = text.indexOf(':', at);
    if (colon < 0 || colon > to) return to;
    const prefix = text.slice(at, colon + 1);
    const path = text.slice(at, colon);
    const asked = names.get(path) ?? noNames;
    if (isWanted !== undefined && !isWanted(path) && !asked.some(isWanted)) return at;
    while (at < to && text.startsWith(prefix, at)) {
      const newline = text.indexOf('\n', at);
      at = (newline < 0 || newline > to ? to : newline) + 1;
    }
    const frame: Frame = { status: 'ok', text: text.slice(colon + 1, at - 1).replaceAll(`\n${prefix}`, '\n') };
    into.set(path, frame);
    for (const name of asked) into.set(name, frame);
  }
  return to;
}

const noNames: readonly string[] = [];
