import type { Host, Inventory } from '../model/host.ts';
import { InputError, inputError } from '../model/input-error.ts';
import { readHostSet, splitPatterns } from '../text/host-set.ts';
import { didYouMean } from '../text/nearest.ts';
import { isWildcard, matchesWildcard } from '../text/wildcard.ts';
import { quoted } from './names.ts';

/** One word of a host pattern. */
interface Term {
  readonly text: string;
  readonly sign: '' | '!' | '&';
  readonly matches: (host: Host) => boolean;
}

/**
 * Whether a host pattern, as in `--limit` and in waivers, covers a host. The words of a pattern stand between commas or spaces:
 * names, globs (`db*`), ranges (`web[01-40]`), groups (`web`, or `@web` where a host has the same name), `all`; `!` before a
 * word excludes, `&` intersects. As in Ansible the order does not count: all plain words are united, then intersected, then
 * reduced. Case does not count. A name that no host has is no error here.
 * Throws: InputError for a pattern that cannot be read.
 */
export function matchesHostPattern(pattern: string, host: Host): boolean {
  let matches = compiled.get(pattern);
  if (matches === undefined) {
    matches = combined(readTerms(pattern));
    compiled.set(pattern, matches);
  }
  return matches(host);
}

/** Why text is no host pattern; undefined if it is one. */
export function whyNotHostPattern(text: string): string | undefined {
  try {
    readTerms(text);
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

/** Waivers ask again for each host; their patterns are as few as the inventory has. */
const compiled = new Map<string, (host: Host) => boolean>();

/**
 * The hosts that a pattern covers, in the order of the inventory.
 * Throws: InputError with every word that covers no host, and what may have been meant; also where nothing is left.
 */
export function selectHosts(inventory: Inventory, pattern: string): readonly Host[] {
  const terms = readTerms(pattern);
  const { hosts } = inventory;
  const idle = terms.filter(term => !hosts.some(term.matches));
  if (idle.length > 0) {
    const names = [...inventory.groups.keys(), ...hosts.map(host => host.name)];
    const complaint = ({ text }: Term): string => `no host or group matches ${quoted(text)}${hintFor(text, names)}`;
    throw new InputError(idle.map(term => ({ message: complaint(term) })));
  }
  const selected = hosts.filter(combined(terms));
  if (selected.length === 0) throw inputError(`the host pattern ${quoted(pattern)} leaves no host`);
  return selected;
}

/** Only a plain word can be a mistyped name. */
function hintFor(text: string, names: readonly string[]): string {
  if (names.length === 0) return '; the inventory has no hosts';
  return /[[*?]/.test(text) ? '' : didYouMean(text.replace(/^[!&]?@?/, ''), names);
}

function combined(terms: readonly Term[]): (host: Host) => boolean {
  const plain = terms.filter(term => term.sign === '');
  const required = terms.filter(term => term.sign === '&');
  const excluded = terms.filter(term => term.sign === '!');
  return host =>
    (plain.length === 0 || plain.some(term => term.matches(host))) &&
    required.every(term => term.matches(host)) &&
    !excluded.some(term => term.matches(host));
}

function readTerms(pattern: string): Term[] {
  const words = splitPatterns(pattern.trim().replace(/\s+/g, ','));
  if (words.length === 0) throw inputError('the host pattern is empty');
  return words.map(text => {
    const sign = text.startsWith('!') ? '!' : text.startsWith('&') ? '&' : '';
    const word = text.slice(sign.length).toLowerCase();
    if (word === '') throw inputError(`nothing follows "${sign}" in the host pattern ${quoted(pattern)}`);
    return { text, sign, matches: word.startsWith('@') ? inGroup(word.slice(1)) : hasName(word) };
  });
}

const inGroup =
  (word: string) =>
  (host: Host): boolean =>
    host.groups.some(group => matchesWildcard(word, group.toLowerCase()));

function hasName(word: string): (host: Host) => boolean {
  const set = readHostSet(word);
  if ('problem' in set) throw inputError(`host pattern ${quoted(word)}, column ${set.column}: ${set.problem}`);
  const names = set.names().map(name => name.replace(/^\[(.*:.*)\]$/, '$1'));
  const globs = names.filter(isWildcard);
  const plain = new Set(names);
  return host => {
    const name = host.name.toLowerCase();
    if (plain.has(name) || word === 'all' || globs.some(glob => matchesWildcard(glob, name))) return true;
    return host.groups.some(group => plain.has(group.toLowerCase()));
  };
}
