/** `KexAlgorithms +diffie-hellman-group14-sha1` and the like: kex_assemble_names() of kex.c. */
import { isWildcard, matchesPatternList, matchesWildcard } from '../text/wildcard.ts';
import { type AlgorithmFamily, algorithmKeywords, builtInLists, type SshLists } from './ssh-lists.ts';

/** A list of algorithms as configured: what OpenSSH would offer, in its order. */
export interface AlgorithmList {
  readonly names: readonly string[];
  /** Names that stand in the file, as against those that come from OpenSSH's defaults by `+`, `-` or `^`. */
  readonly written: readonly string[];
  /** Whether keys that known_hosts holds come first: with `+` and `-`, but not where the user gives the order. */
  readonly isReordered: boolean;
}

/**
 * Resolves a value against the defaults and abilities of the installed ssh. A problem where ssh has one: a name it does not
 * know, or nothing left. `lists` is undefined where there is no ssh: then OpenSSH 9 is assumed, and unknown names are kept.
 */
export function assembleList(
  keyword: string,
  value: string,
  lists: SshLists | undefined,
): AlgorithmList | { readonly problem: string } {
  const family: AlgorithmFamily = algorithmKeywords[keyword] ?? 'kex';
  const { defaults, supported } = lists ?? builtInLists;
  const own = (defaults.get(keyword)?.[0] ?? builtInLists.defaults.get(keyword)?.[0] ?? '').split(',');
  const [, sign, text = ''] = /^([-+^]?)(.*)$/s.exec(value) ?? [];
  const written = text.split(',');
  const isReordered = sign === '+' || sign === '-';
  if (sign === '-') {
    return { names: own.filter(name => !matchesPatternList(written, name)), written: [], isReordered };
  }
  const mayBePattern = family === 'key';
  const all =
    lists === undefined ? [...supported[family], ...written.filter(name => !isWildcard(name))] : supported[family];
  for (const name of written) {
    // ssh stops looking at an empty name; those of GSSAPI are known to some builds, and never offered here.
    if (name === '' && name !== text) break;
    const isKnown = mayBePattern ? all.some(known => matchesWildcard(name, known)) : all.includes(name);
    if (!isKnown && !(family === 'kex' && name.startsWith('gss-'))) {
      return { problem: `ssh knows no algorithm "${name}"` };
    }
  }
  const wanted = sign === '+' ? [...own, ...written] : sign === '^' ? [...written, ...own] : written;
  const names = new Set(wanted.flatMap(name => all.filter(known => matchesWildcard(name, known))));
  return names.size === 0 ? { problem: 'no algorithm is left' } : { names: [...names], written, isReordered };
}
