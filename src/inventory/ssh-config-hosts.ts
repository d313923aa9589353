import type { Location } from '../model/host.ts';
import type { Complaint } from '../model/input-error.ts';
import { isWildcard, matchesPatternList } from '../text/wildcard.ts';
import { type FileContents, type HostEntry, noSettings, nothingBut, type SourceText } from './contents.ts';
import type { InventoryFormat } from './format.ts';
import { quoted, whyNotHostName, whyNotLine, whyNotUser } from './names.ts';
import type { HostSettings } from './schema.ts';

/**
 * `Host` entries of an ssh_config(5) as hosts: every name without wildcards. Blocks with wildcards give values to them, the first
 * value of each keyword counts. What this file does not say is decided by the ssh_config that is in use, as for any host.
 */
export const sshConfigHosts: InventoryFormat = { recognises, read };

/** Keywords that show that a file with a line `Host x` is an ssh_config. */
const keywordLine =
  /^[^\S\n]*(?:host|match|include|hostname|user|port|identityfile|proxyjump|proxycommand|identitiesonly|forwardagent|stricthostkeychecking|userknownhostsfile|serveraliveinterval|compression|controlmaster|preferredauthentications|pubkeyauthentication|addkeystoagent|loglevel)(?:[^\S\n]*=[^\S\n]*|[^\S\n]+)\S/i;

function recognises(text: string): boolean {
  if (!/^[^\S\n]*host(?:[^\S\n]*=[^\S\n]*|[^\S\n]+)\S/im.test(text)) return false;
  const lines = text.split('\n').filter(line => /^\s*[^#\s]/.test(line));
  const known = lines.filter(line => keywordLine.test(line)).length;
  // Keywords are many; two lines of three that are known, the first among them, are no coincidence.
  return keywordLine.test(lines[0] ?? '') && known * 3 >= lines.length * 2 && !/^\s*\[/m.test(text);
}

interface Setting {
  readonly keyword: string;
  readonly value: string;
  readonly location: Location;
}

interface Block {
  readonly patterns: readonly string[];
  readonly settings: Setting[];
  readonly location: Location;
}

function read({ file, text }: SourceText): FileContents {
  const blocks: Block[] = [{ patterns: ['*'], settings: [], location: { file, line: 1, column: 1 } }];
  const notes: Complaint[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    const [, indent = '', keyword = '', rest = ''] = /^(\s*)([A-Za-z]\w*)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? [];
    if (keyword === '') return;
    const location = { file, line: index + 1, column: indent.length + 1 };
    readLine({ keyword: keyword.toLowerCase(), value: unquoted(rest), location }, blocks, notes);
  });
  const complaints: Complaint[] = [];
  const entries = entriesOf(blocks, complaints);
  return { ...nothingBut(complaints), entries, notes };
}

const unquoted = (text: string): string => /^"([^"]*)"(?:\s+#.*)?$/.exec(text)?.[1] ?? text.replace(/\s+#.*$/, '');

function readLine(setting: Setting, blocks: Block[], notes: Complaint[]): void {
  const { keyword, value, location } = setting;
  if (keyword === 'host') {
    blocks.push({
      patterns: value.split(/[\s,]+/).map(pattern => pattern.replace(/^"|"$/g, '')),
      settings: [],
      location,
    });
  } else if (keyword === 'match') {
    const isForAll = value.toLowerCase() === 'all';
    blocks.push({ patterns: isForAll ? ['*'] : [], settings: [], location });
    if (!isForAll)
      notes.push({ message: `Match ${quoted(value)} is not evaluated in a list of hosts: left out`, location });
  } else if (keyword === 'include') {
    notes.push({
      message: `Include ${quoted(value)} is not followed in a list of hosts: give that file with -i`,
      location,
    });
  } else blocks.at(-1)?.settings.push(setting);
}

function entriesOf(blocks: readonly Block[], complaints: Complaint[]): HostEntry[] {
  const places = new Map<string, Location>();
  for (const { patterns, location } of blocks) {
    for (const name of patterns) {
      if (name === '' || isWildcard(name) || name.startsWith('!') || places.has(name)) continue;
      const problem = whyNotHostName(name);
      if (problem === undefined) places.set(name, location);
      else complaints.push({ message: problem, location });
    }
  }
  const exact = new Map<string, number[]>();
  const general: number[] = [];
  blocks.forEach(({ patterns }, index) => {
    if (patterns.some(pattern => isWildcard(pattern) || pattern.startsWith('!'))) general.push(index);
    else for (const name of patterns) exact.set(name, [...(exact.get(name) ?? []), index]);
  });
  return Array.from(places, ([name, location]) => {
    const indexes = [...new Set([...(exact.get(name) ?? []), ...general])].sort((a, b) => a - b);
    const holding = indexes
      .flatMap(index => blocks[index] ?? [])
      .filter(block => matchesPatternList(block.patterns, name));
    return entryOf(name, location, { blocks: holding, complaints });
  });
}

interface Holding {
  readonly blocks: readonly Block[];
  readonly complaints: Complaint[];
}

function entryOf(name: string, location: Location, { blocks, complaints }: Holding): HostEntry {
  const first = new Map<string, Setting>();
  for (const { settings } of blocks)
    for (const each of settings) if (!first.has(each.keyword)) first.set(each.keyword, each);
  const settings: Record<string, unknown> = {};
  const origins = new Map<string, Location>();
  for (const [keyword, { key, read: readValue }] of Object.entries(keywords)) {
    const setting = first.get(keyword);
    if (setting === undefined) continue;
    const value = readValue(setting.value, name);
    if (value === undefined) continue;
    if (typeof value === 'object' && 'problem' in value) {
      complaints.push({ message: value.problem, location: setting.location });
    } else {
      settings[key] = value;
      origins.set(key, setting.location);
    }
  }
  return { names: [name], defaults: noSettings, explicit: { settings: settings as HostSettings, origins }, location };
}

interface Problem {
  readonly problem: string;
}

/** What a keyword becomes; undefined leaves it to the ssh_config that is in use. */
interface Keyword {
  readonly key: keyof HostSettings;
  readonly read: (value: string, host: string) => string | number | readonly string[] | Problem | undefined;
}

const checked = (value: string, whyNot: (text: string) => string | undefined): string | Problem => {
  const problem = whyNot(value);
  return problem === undefined ? value : { problem };
};

const keywords: Readonly<Record<string, Keyword>> = {
  hostname: {
    key: 'address',
    read: (value, host) => {
      const address = value.replaceAll('%h', host).replaceAll('%%', '%');
      return address === host ? undefined : checked(address, whyNotHostName);
    },
  },
  port: {
    key: 'port',
    read: value =>
      /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535
        ? Number(value)
        : { problem: `expected a port from 1 to 65535, found ${quoted(value)}` },
  },
  user: { key: 'user', read: value => (value.includes('%') ? undefined : checked(value, whyNotUser)) },
  identityfile: {
    key: 'identity',
    read: value =>
      value.includes('%') || value.includes('$') || value === 'none' ? undefined : checked(value, whyNotLine),
  },
  proxyjump: {
    key: 'hops',
    read: value =>
      value.toLowerCase() === 'none' ? [] : value.includes('%') ? undefined : value.split(',').map(hop => hop.trim()),
  },
};
