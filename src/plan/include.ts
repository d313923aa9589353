/** `Include` of ssh_config(5): which files, in which order. Reading is the caller's. */
import { globMatcher, isGlob } from './glob.ts';
import { expandTilde, type Homes } from './tokens.ts';

/** One file: the user's first, then the system's. */
export interface ConfigFile {
  readonly file: string;
  readonly text: string;
  /** Of the machine, not of the user: relative Includes are below /etc/ssh, and `~` is not allowed in them. */
  readonly isSystem?: boolean;
}

/** How the caller reads. */
export interface ConfigReader extends Homes {
  /** Names in a directory; empty if it cannot be listed. */
  readonly list: (directory: string) => readonly string[];
  /** Undefined if there is no such file; `problem` if ssh would not read it (owner, permissions). A directory is empty. */
  readonly read: (file: string) => { readonly text: string } | { readonly problem: string } | undefined;
}

/** A file that an Include named, or why it is refused. */
export type Included = ConfigFile | { readonly file: string; readonly problem: string };

/** The files that one pattern names, sorted. A pattern that names none is passed over, as ssh does. */
export function includedFiles(pattern: string, isSystem: boolean, reader: ConfigReader): readonly Included[] {
  if (isSystem && pattern.startsWith('~')) return [{ file: pattern, problem: '~ is for the files of users' }];
  const base = isSystem ? '/etc/ssh' : `${reader.home}/.ssh`;
  const path = expandTilde(pattern, reader);
  if ('problem' in path) return [];
  const absolute = path.text.startsWith('/') ? path.text : `${base}/${path.text}`;
  return expand(absolute, reader).flatMap((file): Included[] => {
    const found = reader.read(file);
    return found === undefined ? [] : [{ file, isSystem, ...found }];
  });
}

/** glob(3) without flags: each part of the path by itself. */
function expand(pattern: string, { list }: ConfigReader): readonly string[] {
  let paths = [''];
  for (const part of pattern.split('/').slice(1)) {
    if (!isGlob(part)) {
      paths = paths.map(path => `${path}/${part}`);
      continue;
    }
    const fits = globMatcher(part);
    paths = paths.flatMap(path =>
      list(path === '' ? '/' : path)
        .filter(fits)
        .toSorted()
        .map(name => `${path}/${name}`),
    );
  }
  return paths;
}
