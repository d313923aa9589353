import type { NoReading } from '../model/reading.ts';

/** One sysctl file as it was found on a host. */
export interface SysctlFile {
  /** Absolute path on the host: `/etc/sysctl.d/99-sysctl.conf`. */
  readonly path: string;
  /** What it holds, or why it could not be read. A dangling link is `no-such-file`. */
  readonly text: string | NoReading;
  /** Target of a symbolic link as written, or `null` for a link to /dev/null. */
  readonly link?: string;
}

/** `/etc/sysctl.conf`, which the engines treat apart from the directories. */
export const sysctlConf = '/etc/sysctl.conf';

/**
 * Strongest first, for equal file names. Source: sysctl.d(5); PreloadSystem() of procps 3.3.17 has the same list.
 * (/lib/sysctl.d is another name of /usr/lib/sysctl.d on hosts with a merged /usr.)
 */
const directories: readonly string[] = [
  '/etc/sysctl.d',
  '/run/sysctl.d',
  '/usr/local/lib/sysctl.d',
  '/usr/lib/sysctl.d',
  '/lib/sysctl.d',
];

/** The same in procps before 3.3.17 (commit 5da3024e). */
export const runtimeFirst: readonly string[] = ['/run/sysctl.d', ...directories];

/**
 * The `*.conf` files of the directories in the order in which both engines read them: sorted by base name as bytes,
 * and of equal names only the one in the strongest directory (an empty one there masks the others). `from`: the
 * directories, the strongest first.
 */
export function directoryFiles(files: readonly SysctlFile[], from = directories): readonly SysctlFile[] {
  const strongest = new Map<string, { readonly file: SysctlFile; readonly rank: number }>();
  for (const file of files) {
    const { directory, name } = split(file.path);
    const rank = from.indexOf(directory);
    if (rank < 0 || !name.endsWith('.conf')) continue;
    const known = strongest.get(name);
    if (known === undefined || rank < known.rank) strongest.set(name, { file, rank });
  }
  return [...strongest.entries()].sort(([a], [b]) => compareBytes(a, b)).map(([, { file }]) => file);
}

/** Where a line of this file is to be edited: the target, if the file is a link. */
export function editedPath({ path, link }: SysctlFile): string {
  if (link === undefined || link === '' || link === 'null') return path;
  const parts: string[] = [];
  for (const part of (link.startsWith('/') ? link : `${split(path).directory}/${link}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

function split(path: string): { readonly directory: string; readonly name: string } {
  const slash = path.lastIndexOf('/');
  return { directory: path.slice(0, slash), name: path.slice(slash + 1) };
}

/** strcmp(3) on UTF-8, which orders as code points do; `<` on strings orders by UTF-16 units. */
function compareBytes(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (const [index, character] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (character !== other) return (character.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
  }
  return left.length - right.length;
}
