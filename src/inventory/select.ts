import ipaddr from 'ipaddr.js';
import type { Host, Inventory } from '../model/host.ts';
import { InputError, inputError } from '../model/input-error.ts';
import { readHostSet, splitPatterns } from '../text/host-set.ts';
import { didYouMean } from '../text/nearest.ts';
import { isWildcard, matchesWildcard } from '../text/wildcard.ts';
import { quoted } from './names.ts';

type Matcher = (host: Host) => boolean;

/** One word of a host pattern. */
interface Term {
  readonly text: string;
  readonly sign: '' | '!' | '&';
  readonly matches: Matcher;
}

/**
 * Whether a host pattern, as in `--limit` and in waivers, covers a host. The words of a pattern stand between commas or spaces:
 * names, globs (`db*`), ranges (`web[01-40]`), groups (`web`, or `@web` where a host has the same name), `all`; `!` before a
 * word excludes, `&` intersects. As in Ansible the order does not count: all plain words are united, then intersected, then
 * reduced. Case does not count. A name that no host has is no error here. Also Ansible's: `~expression`, `web[0:2]` and `web[-1]`
 * (with an inventory), colons between the words, `ungrouped`.
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
  const terms = readTerms(pattern, inventory);
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

/**
 * The words of a pattern. Between them stand commas or spaces; where there is no comma, also colons, as Ansible's older pattern
 * language has it: `web:&prod:!web03`. Colons of IPv6 addresses, of `web[0:2]` and before a port do not count.
 */
export function patternWords(pattern: string): readonly string[] {
  const words = splitPatterns(pattern.trim().replace(/\s+/g, ','));
  if (pattern.includes(',')) return words;
  return words.flatMap(word => {
    const bare = word.replace(/^[!&]/, '');
    if (/^\[.*:.*\]$/.test(bare) || ipaddr.IPv6.isValid(bare) || /^[^:[\]]+:\d+$/.test(bare)) return word;
    return word.match(/(?:[^:[]|\[[^\]]*\]?)+/g) ?? [];
  });
}

function readTerms(pattern: string, inventory?: Inventory): Term[] {
  const words = patternWords(pattern);
  if (words.length === 0) throw inputError('the host pattern is empty');
  return words.map(text => {
    const sign = text.startsWith('!') ? '!' : text.startsWith('&') ? '&' : '';
    const written = text.slice(sign.length);
    const word = written.toLowerCase();
    if (word === '') throw inputError(`nothing follows "${sign}" in the host pattern ${quoted(pattern)}`);
    return { text, sign, matches: matcherOf({ word, written, inventory }) };
  });
}

interface Word {
  /** In lower case. */
  readonly word: string;
  readonly written: string;
  /** Undefined for a pattern of a waiver: it can count nothing, and knows groups by their full names only. */
  readonly inventory: Inventory | undefined;
}

function matcherOf({ word, written, inventory }: Word): Matcher {
  if (word.startsWith('~')) return matchingExpression(written.slice(1));
  if (word.startsWith('@')) return inGroup(word.slice(1));
  const slice = inventory && sliceOf(word, inventory);
  return slice ?? hasName(word, inventory?.countingOrder !== undefined);
}

/** Longest regular expression: what people type is shorter, and what is longer is no accident. */
const maxExpression = 1_000;

/** `~web\d+`: a regular expression that matches from the start of a name or of a group, as Ansible does with `re.match`. */
function matchingExpression(source: string): Matcher {
  if (source === '' || source.length > maxExpression) throw inputError('no usable regular expression follows "~"');
  let expression: RegExp;
  try {
    expression = new RegExp(`^(?:${source})`, 'i');
  } catch {
    throw inputError(`the host pattern ${quoted(`~${source}`)} is no regular expression`);
  }
  return host => expression.test(host.name) || host.groups.some(group => expression.test(group));
}

const inGroup =
  (word: string): Matcher =>
  host =>
    host.groups.some(group => matchesWildcard(word, group.toLowerCase()));

function hasName(word: string, globsGroups: boolean): Matcher {
  const set = readHostSet(word);
  if ('problem' in set) {
    const classes = classesOf(word);
    if (classes === undefined) throw inputError(`host pattern ${quoted(word)}, column ${set.column}: ${set.problem}`);
    return host => classes.test(host.name.toLowerCase());
  }
  // `web0[13]*` of Ansible is one of two characters; ours is the number 13. Where there is no "-" both are meant.
  const classes = globsGroups && !/\[[^\]]*-[^\]]*\]/.test(word) && word.includes('[') ? classesOf(word) : undefined;
  const names = set.names().map(name => name.replace(/^\[(.*:.*)\]$/, '$1'));
  const globs = names.filter(isWildcard);
  const plain = new Set(names);
  const isGroup = (group: string): boolean =>
    plain.has(group) || (globsGroups && globs.some(glob => matchesWildcard(glob, group)));
  return host => {
    const name = host.name.toLowerCase();
    if (plain.has(name) || word === 'all' || globs.some(glob => matchesWildcard(glob, name))) return true;
    if (classes?.test(name) === true) return true;
    if (word === 'ungrouped' && host.groups.length === 0) return true;
    return host.groups.some(group => isGroup(group.toLowerCase()));
  };
}

/** `web[13579]`, `db[!a]`: one of these characters, or none of them, as in fnmatch(3); undefined where it is none of that. */
function classesOf(word: string): RegExp | undefined {
  if (!/^(?:[^[\]]|\[!?[^\][!,:]+\])+$/.test(word)) return undefined;
  const source = word.replace(/\[(!?)([^\]]+)\]|[*?]|[.*+^${}()|\\/]/g, (text, not, inside) => {
    if (inside !== undefined) return `[${not === '!' ? '^' : ''}${inside.replace(/[\\^]/g, '\\$&')}]`;
    return text === '*' ? '.*' : text === '?' ? '.' : `\\${text}`;
  });
  try {
    return new RegExp(`^${source}$`);
  } catch {
    return undefined;
  }
}

/** `web[0]`, `web[-1]`, `web[0:2]` (both ends are in it), `web[2:]`. */
const subscript = /^(.+)\[(?:(-?(?:0|[1-9]\d{0,8}))|(0|[1-9]\d{0,8}):(\d{0,9}))\]$/;

/**
 * The hosts that a subscript picks from those of a group, of a glob or of `all`, counted from 0. Where the word before the
 * bracket names no group, the bracket is a range of names. Source: `_apply_subscript` in lib/ansible/inventory/manager.py.
 */
function sliceOf(word: string, inventory: Inventory): Matcher | undefined {
  const [, base = '', index, from = '', to = ''] = subscript.exec(word) ?? [];
  const counted = base === '' ? [] : countedHosts(base, inventory);
  if (counted.length === 0) return undefined;
  const start = Number(index ?? from);
  const end = to === '' ? counted.length : Number(to) + 1;
  const picked = index === undefined ? counted.slice(start, end) : [counted.at(start)];
  const names = new Set(picked);
  return host => names.has(host.name);
}

function countedHosts(base: string, inventory: Inventory): readonly string[] {
  const all = inventory.countingOrder ?? inventory.hosts.map(host => host.name);
  if (base === 'all') return all;
  if (base === 'ungrouped') return inventory.hosts.filter(host => host.groups.length === 0).map(host => host.name);
  const isGlob = isWildcard(base);
  const groups = [...inventory.groups].filter(([group]) => matchesWildcard(base, group.toLowerCase()));
  const named = isGlob ? inventory.hosts.filter(host => matchesWildcard(base, host.name.toLowerCase())) : [];
  return [
    // Ansible knows the group `all` by globs, too.
    ...(isGlob && matchesWildcard(base, 'all') ? all : []),
    ...groups.flatMap(([, names]) => names),
    ...named.map(host => host.name),
  ];
}
