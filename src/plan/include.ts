/** `Include` of ssh_config(5): which files, in which order. Reading is the caller's. */
import { isWildcard, matchesWildcard } from '../text/wildcard.ts';

/** One file: the user's first, then the system's. */
export interface ConfigFile {
  readonly file: string;
  readonly text: string;
}

/** How the caller reads. What cannot be read is left out, as ssh does. */
export interface ConfigReader {
  /** `$HOME`, without a slash at the end. */
  readonly home: string;
  /** Names in a directory; empty if it cannot be listed. */
  readonly list: (directory: string) => readonly string[];
  readonly read: (file: string) => string | undefined;
}

/** The files that the patterns name, each pattern's sorted. Relative ones are below ~/.ssh, or /etc/ssh in a system file. */
export function includedFiles(patterns: readonly string[], from: string, reader: ConfigReader): readonly ConfigFile[] {
  const base = from.startsWith('/etc/ssh/') ? '/etc/ssh' : `${reader.home}/.ssh`;
  return patterns.flatMap(pattern => {
    const home = pattern.replace(/^~(?=\/)/, reader.home);
    return expand(home.startsWith('/') ? home : `${base}/${home}`, reader).flatMap(file => {
      const text = reader.read(file);
      return text === undefined ? [] : [{ file, text }];
    });
  });
}

/** glob(3) as far as `*` and `?` go; a leading dot must be written. */
function expand(pattern: string, { list }: ConfigReader): readonly string[] {
  let paths = [''];
  for (const part of pattern.split('/').slice(1)) {
    paths = paths.flatMap(path => {
      if (!isWildcard(part)) return [`${path}/${part}`];
      const fits = (name: string): boolean =>
        matchesWildcard(part, name) && (!name.startsWith('.') || part.startsWith('.'));
      return list(path === '' ? '/' : path)
        .filter(fits)
        .toSorted()
        .map(name => `${path}/${name}`);
    });
  }
  return paths;
}
