import { cutFiles, marksOf, onceOf, wordsOfMark } from './marks.ts';
import {
  addNamespaceMark,
  type CuttingNamespaces,
  isInSample,
  type NamespacesFrames,
  namespaceWords,
  noNamespaces,
} from './namespace-frames.ts';
import { formatName } from './script.ts';

/** What the collector said of one file: its bytes as text, or why there are none. */
export type Frame =
  | { readonly status: 'ok'; readonly text: string }
  | { readonly status: 'absent' }
  | { readonly status: 'denied' }
  | { readonly status: 'malformed'; readonly why: string };

/** Frames by path. */
export type FileFrames = ReadonlyMap<string, Frame>;

/**
 * What is read once per visit. Hosts of one cohort print the same here, to the byte: they share one object, so that
 * whatever is made of it is made once.
 */
export interface Once {
  readonly files: FileFrames;
  /** Directories that could be listed. */
  readonly directories: ReadonlySet<string>;
  /** Sysctl files of all directories in the order found; `same` is a path that one links to. */
  readonly sysctlFiles: readonly { readonly path: string; readonly masked: boolean; readonly same?: string }[];
  /** Paths that exist: programs that tell which engine runs at boot, profiles of tuned; scripts that are executable. */
  readonly has: ReadonlySet<string>;
  /** Single lines of files that are not read as a whole, in the order of the file. */
  readonly lines: readonly FileLine[];
}

/** One line of a file on the host. */
export interface FileLine {
  readonly path: string;
  /** Counts from 1. */
  readonly line: number;
  readonly text: string;
}

/** The collector's output, cut along its boundary and not yet understood. */
export interface Frames {
  readonly once: Once;
  /** Counters and gauges, in every sample. One or two samples, oldest first. */
  readonly samples: readonly FileFrames[];
  /** Why a socket table was not read. */
  readonly tables: FileFrames;
  /** Commands that are not there: `awk`, `ip`. */
  readonly missing: ReadonlySet<string>;
  /** Records of the awk program (sources/sockets-awk.ts); null where it did not run. */
  readonly sockets: readonly string[] | null;
  /** Number of sockets, where it was above the bound and they were not read. */
  readonly bounded: number | null;
  /** `SSH_CONNECTION`: client address, client port, server address, server port. */
  readonly self: string;
  /** Other network namespaces; their counters stand in the samples. Null where they were not looked for. */
  readonly namespaces: NamespacesFrames | null;
}

export type FramesResult =
  | { readonly ok: true; readonly frames: Frames }
  /** `no-header`: nothing of ours ran. `no-sentinel`: it began and did not end. */
  | { readonly ok: false; readonly why: 'no-header' | 'no-sentinel'; readonly firstLine: string };

/**
 * Cuts collector output into frames. Whatever a login printed before the header is passed over. With `boundary` only
 * the output of that very run is accepted; without it (saved output) the header tells the boundary.
 */
export function readFrames(output: Buffer | string, boundary?: string): FramesResult {
  const text = typeof output === 'string' ? output : output.toString('utf8');
  const header = boundary === undefined ? anyHeader(text) : headerOf(text, boundary);
  if (header === undefined) return { ok: false, why: 'no-header', firstLine: firstLineOf(text) };
  const frames = cutFrames(text, header.end, `@${header.boundary} `);
  return frames === null ? { ok: false, why: 'no-sentinel', firstLine: '' } : { ok: true, frames };
}

interface Header {
  readonly boundary: string;
  /** Where the text behind it begins. */
  readonly end: number;
}

function anyHeader(text: string): Header | undefined {
  const found = savedHeader.exec(text);
  return found?.[1] === undefined ? undefined : { boundary: found[1], end: found.index + found[0].length };
}

const savedHeader = new RegExp(`(?:^|\\n)${formatName} ([0-9a-f]{32,128})\\r?\\n`);

function headerOf(text: string, boundary: string): Header | undefined {
  const line = `${formatName} ${boundary}\n`;
  const at = text.startsWith(line) ? 0 : text.indexOf(`\n${line}`) + 1;
  return at === 0 && !text.startsWith(line) ? undefined : { boundary, end: at + line.length };
}

function firstLineOf(text: string): string {
  const line = text.split('\n', 20).find(candidate => candidate.trim() !== '') ?? '';
  return line.trim().slice(0, 200);
}

/** A growing Frames. */
interface Cutting {
  once: Once;
  readonly samples: FileFrames[];
  readonly tables: Map<string, Frame>;
  readonly missing: Set<string>;
  sockets: string[] | null;
  bounded: number | null;
  self: string;
  namespaces: CuttingNamespaces | null;
}

/** Null where the last line did not come. */
function cutFrames(text: string, from: number, mark: string): Frames | null {
  const frames: Cutting = {
    once: nothingRead,
    samples: [],
    tables: new Map(),
    missing: new Set(),
    sockets: null,
    bounded: null,
    self: '',
    namespaces: null,
  };
  let at = from;
  while (at >= 0 && at < text.length) {
    if (!text.startsWith(mark, at)) {
      // content that no mark announced: nothing of ours
      at = text.indexOf(`\n${mark}`, at) + 1;
      if (at === 0) return null;
      continue;
    }
    const lineEnd = text.indexOf('\n', at);
    if (lineEnd < 0) return null;
    const line = text.slice(at + mark.length, lineEnd).trimEnd();
    if (line === 'end') return finished(frames);
    at = line.startsWith('sample ')
      ? cutSample(frames, { text, mark, from: lineEnd })
      : cutOther(frames, line, { text, mark, from: lineEnd });
  }
  return null;
}

const finished = ({ namespaces, ...frames }: Cutting): Frames => ({
  ...frames,
  namespaces: namespaces && { ...namespaces, found: [...namespaces.found.values()] },
});

/** Of a host that printed nothing. */
export const nothingRead: Once = {
  files: new Map(),
  directories: new Set(),
  sysctlFiles: [],
  has: new Set(),
  lines: [],
};

/** Where the cutting stands: `from` is the end of the line that was read last. */
interface Place {
  readonly text: string;
  readonly mark: string;
  readonly from: number;
}

/** What a sample could not read, then what it read, then, in the first, what is read once. Returns where it ends, or -1. */
function cutSample(frames: Cutting, { text, mark, from }: Place): number {
  const filesMark = `\n${mark}files\n`;
  const filesAt = text.indexOf(filesMark, from);
  const begin = filesAt + filesMark.length;
  const end = filesAt < 0 ? -1 : text.indexOf(`\n${mark}`, begin - 1);
  if (end < 0) return -1;
  const marks = marksOf(text.slice(from + 1, filesAt + 1), mark);
  const sample = new Map(marks.sampled);
  const onceAt = cutFiles(text, { from: begin, to: end, names: marks.names, into: sample, isWanted: isInSample });
  frames.samples.push(sample);
  if (frames.samples.length === 1) frames.once = onceOf(marks, text.slice(onceAt, end));
  return end + 1;
}

function cutOther(frames: Cutting, line: string, { text, mark, from }: Place): number {
  const { word, rest, subject, object } = wordsOfMark(line);
  if (word === 'sockets' || namespaceWords.has(word)) {
    const end = text.indexOf(`\n${mark}`, from);
    if (end < 0) return -1;
    const content = text.slice(from + 1, Math.max(end, from + 1));
    if (word === 'sockets') frames.sockets = content === '' ? [] : content.split('\n');
    else if (frames.namespaces !== null) addNamespaceMark(frames.namespaces, { word, words: rest.split(' '), content });
    return end + 1;
  }
  if (word === 'absent' || word === 'denied') frames.tables.set(rest, { status: word });
  else if (word === 'malformed') frames.tables.set(subject, { status: 'malformed', why: object });
  else if (word === 'missing') frames.missing.add(rest);
  else if (word === 'bounded') frames.bounded = Number(rest);
  else if (word === 'self') frames.self = rest;
  else if (word === 'namespaces') frames.namespaces = noNamespaces();
  return from + 1;
}
