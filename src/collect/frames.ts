import { formatName } from './script.ts';

/** What the collector said of one file: its bytes as text, or why there are none. */
export type Frame =
  | { readonly status: 'ok'; readonly text: string }
  | { readonly status: 'absent' }
  | { readonly status: 'denied' }
  | { readonly status: 'malformed'; readonly why: string };

/** Frames of one sample by path; the first holds what is read once per visit, too. */
export type SampleFrames = ReadonlyMap<string, Frame>;

/** The collector's output, cut along its boundary and not yet understood. */
export interface Frames {
  readonly samples: readonly SampleFrames[];
  /** Directories that could be listed. */
  readonly directories: ReadonlySet<string>;
  /** Sysctl files of all directories in the order found; `text` is null where it is masked, `same` a path it links to. */
  readonly sysctlFiles: readonly { readonly path: string; readonly masked: boolean; readonly same?: string }[];
  /** Paths that exist: programs that tell which engine runs at boot. */
  readonly has: ReadonlySet<string>;
  /** Commands that are not there: `awk`, `ip`. */
  readonly missing: ReadonlySet<string>;
  /** Records of the awk program (sources/sockets-awk.ts); null where it did not run. */
  readonly sockets: readonly string[] | null;
  /** Number of sockets, where it was above the bound and they were not read. */
  readonly bounded: number | null;
  /** `SSH_CONNECTION`: client address, client port, server address, server port. */
  readonly self: string;
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
  const header = new RegExp(`(?:^|\\n)${formatName} (${boundary ?? '[0-9a-f]{32,128}'})\\r?\\n`).exec(text);
  if (header?.[1] === undefined) return { ok: false, why: 'no-header', firstLine: firstLineOf(text) };
  const reader = new FrameReader(`@${header[1]} `);
  const ended = reader.read(text, header.index + header[0].length);
  if (!ended) return { ok: false, why: 'no-sentinel', firstLine: '' };
  return { ok: true, frames: reader.frames };
}

function firstLineOf(text: string): string {
  const line = text.split('\n', 20).find(candidate => candidate.trim() !== '') ?? '';
  return line.trim().slice(0, 200);
}

/** Reads line by line, because what a line means depends on the mark before it. */
class FrameReader {
  readonly #mark: string;
  #sample = new Map<string, Frame>();
  /** Paths that were asked for, by where they really are: several links may lead to one file. */
  #names = new Map<string, string[]>();
  #body: 'none' | 'files' | 'sockets' = 'none';
  readonly frames = {
    samples: [] as Map<string, Frame>[],
    directories: new Set<string>(),
    sysctlFiles: [] as { path: string; masked: boolean; same?: string }[],
    has: new Set<string>(),
    missing: new Set<string>(),
    sockets: null as string[] | null,
    bounded: null as number | null,
    self: '',
  };

  constructor(mark: string) {
    this.#mark = mark;
  }

  /** True if the sentinel came. */
  read(text: string, from: number): boolean {
    let at = from;
    while (at < text.length) {
      if (text.startsWith(this.#mark, at)) {
        const end = text.indexOf('\n', at);
        if (end < 0) return false;
        if (this.#marked(text.slice(at + this.#mark.length, end).trimEnd())) return true;
        at = end + 1;
      } else {
        const next = text.indexOf(`\n${this.#mark}`, at);
        if (next < 0) return false;
        this.#content(text, at, next);
        at = next + 1;
      }
    }
    return false;
  }

  /** One line of ours. True for the sentinel. */
  #marked(line: string): boolean {
    const space = line.indexOf(' ');
    const word = space < 0 ? line : line.slice(0, space);
    const rest = space < 0 ? '' : line.slice(space + 1);
    const [subject = '', object = ''] = rest.split(' // ');
    this.#body = 'none';
    switch (word) {
      case 'end':
        return true;
      case 'sample':
        this.#sample = new Map();
        this.#names = new Map();
        this.frames.samples.push(this.#sample);
        break;
      case 'files':
        this.#body = 'files';
        break;
      case 'sockets':
        this.#body = 'sockets';
        this.frames.sockets = [];
        break;
      case 'absent':
        this.#sample.set(rest, { status: 'absent' });
        break;
      case 'denied':
        this.#sample.set(rest, { status: 'denied' });
        break;
      case 'malformed':
        this.#put(subject, { status: 'malformed', why: object });
        break;
      case 'real':
        this.#names.set(subject, [...(this.#names.get(subject) ?? []), object]);
        break;
      case 'directory':
        this.frames.directories.add(rest);
        break;
      case 'conf':
      case 'masked':
        this.frames.sysctlFiles.push({ path: rest, masked: word === 'masked' });
        break;
      case 'same':
        this.#sameFile(subject, object);
        break;
      case 'has':
        this.frames.has.add(rest);
        break;
      case 'missing':
        this.frames.missing.add(rest);
        break;
      case 'bounded':
        this.frames.bounded = Number(rest);
        break;
      case 'self':
        this.frames.self = rest;
        break;
    }
    return false;
  }

  #sameFile(path: string, target: string): void {
    const file = this.frames.sysctlFiles.find(candidate => candidate.path === path);
    if (file !== undefined) file.same = target;
  }

  #put(path: string, frame: Frame): void {
    this.#sample.set(path, frame);
    for (const name of this.#names.get(path) ?? []) this.#sample.set(name, frame);
  }

  /** Lines between two marks. */
  #content(text: string, from: number, to: number): void {
    if (this.#body === 'sockets') this.frames.sockets = text.slice(from, to).split('\n');
    else if (this.#body === 'files') this.#files(text, from, to);
  }

  /** `path:line`, lines of one file in a row. A file of several lines is cut once, not line by line. */
  #files(text: string, from: number, to: number): void {
    let at = from;
    while (at < to) {
      const colon = text.indexOf(':', at);
      if (colon < 0 || colon > to) return;
      const prefix = text.slice(at, colon + 1);
      const lines: string[] = [];
      while (at < to && text.startsWith(prefix, at)) {
        const newline = text.indexOf('\n', at);
        const end = newline < 0 || newline > to ? to : newline;
        lines.push(text.slice(at + prefix.length, end));
        at = end + 1;
      }
      this.#put(prefix.slice(0, -1), { status: 'ok', text: lines.join('\n') });
    }
  }
}
