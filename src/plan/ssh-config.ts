/** ssh_config(5), parsed into blocks in the order in which ssh reads them. What the blocks say: ssh-config-lookup.ts. */
import { type Complaint, InputError } from '../model/input-error.ts';
import { isWildcard } from '../text/wildcard.ts';
import { type ConfigLine, parseConfigLine } from './config-line.ts';
import { type ConfigFile, type ConfigReader, includedFiles } from './include.ts';
import { type Guard, hostGuard, matchGuard } from './match.ts';

/** A setting and the line it stands on. */
export interface Entry extends ConfigLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Settings that hold where every guard does: `Host` or `Match`, and those around the `Include` that led here. */
interface Block {
  readonly guards: readonly Guard[];
  readonly entries: readonly Entry[];
}

/** All files, parsed. */
export interface SshConfig {
  readonly blocks: readonly Block[];
  /** Names in `Host` lines without wildcards and negation. */
  readonly aliases: ReadonlySet<string>;
  /** Lines that are not honoured and may matter: `~/.ssh/config:12: ProxyCommand is not supported`. */
  readonly notes: readonly string[];
  /** Blocks that may hold for a host, in order; made once, so that ten thousand Host blocks cost no more than ten. */
  readonly blocksFor: (alias: string) => readonly Block[];
}

/** As deep as ssh goes: READCONF_MAX_DEPTH in readconf.c. */
const maxIncludeDepth = 16;

/** Of what is not honoured yet, what decides whether and where ssh would get through. */
const consequential = new Set([
  'proxycommand',
  'certificatefile',
  'canonicalizehostname',
  'bindaddress',
  'bindinterface',
  'pkcs11provider',
  'knownhostscommand',
]);

/** Keywords that are honoured, and therefore must have an argument. */
const honoured = new Set([
  'host',
  'match',
  'include',
  'hostname',
  'user',
  'port',
  'identityfile',
  'identitiesonly',
  'identityagent',
  'userknownhostsfile',
  'globalknownhostsfile',
  'hostkeyalias',
  'stricthostkeychecking',
  'proxyjump',
]);

/** An empty configuration: `--ssh-config none`. */
export const noSshConfig = (): SshConfig => parseSshConfig([]);

/** Parses the files in ssh's order. `reader` finds what `Include` names. Throws an InputError with every bad line. */
export function parseSshConfig(files: readonly ConfigFile[], reader?: ConfigReader): SshConfig {
  const parser: Parser = { blocks: [], notes: [], complaints: [], reader };
  for (const file of files) parseFile(parser, { ...file, guards: [], depth: 0 });
  if (parser.complaints.length > 0) throw new InputError(parser.complaints);
  const { blocks, notes } = parser;
  const names = blocks.flatMap(({ guards }) => guards.flatMap(guard => guard.patterns));
  const aliases = new Set(names.filter(name => !isWildcard(name) && !name.startsWith('!')));
  return { blocks, notes, aliases, blocksFor: indexBlocks(blocks) };
}

/** Names that stand for a host: what `ssh NAME` completes. */
export const aliases = (config: SshConfig): ReadonlySet<string> => config.aliases;

interface Parser {
  readonly blocks: Block[];
  readonly notes: string[];
  readonly complaints: Complaint[];
  readonly reader: ConfigReader | undefined;
}

interface NestedFile extends ConfigFile {
  /** Guards around the Include that led here. */
  readonly guards: readonly Guard[];
  readonly depth: number;
}

function parseFile(parser: Parser, nested: NestedFile): void {
  const { file, text, guards } = nested;
  const complain = (line: number, message: string): unknown =>
    parser.complaints.push({ location: { file, line, column: 1 }, message });
  let own = guards;
  let entries: Entry[] = [];
  const openBlock = (next: readonly Guard[]): void => {
    own = next;
    entries = [];
    parser.blocks.push({ guards: own, entries });
  };
  openBlock(guards);
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const parsed = parseConfigLine(raw);
    if (parsed === undefined) continue;
    if ('error' in parsed) complain(line, parsed.error);
    else if (parsed.args.length === 0 && honoured.has(parsed.keyword))
      complain(line, `${parsed.keyword} without argument`);
    else if (parsed.keyword === 'host') openBlock([...guards, hostGuard(parsed.args)]);
    else if (parsed.keyword === 'match') openBlock([...guards, guardOf(parser, parsed.args, `${file}:${line}`)]);
    else if (parsed.keyword === 'include') {
      include(parser, { ...nested, guards: own }, parsed.args);
      openBlock(own);
    } else entries.push({ ...parsed, file, line });
    if ('keyword' in parsed && consequential.has(parsed.keyword) && !isNeutral(parsed.args)) {
      parser.notes.push(`${file}:${line}: ${parsed.keyword} is not supported`);
    }
  }
}

const isNeutral = ([value]: readonly string[]): boolean => value === 'none' || value === 'no';

function guardOf(parser: Parser, args: readonly string[], where: string): Guard {
  const guard = matchGuard(args);
  if (guard.unsupported !== undefined) {
    parser.notes.push(`${where}: Match ${guard.unsupported} is not supported, the block is not applied`);
  }
  return guard;
}

function include(parser: Parser, { file, guards, depth }: NestedFile, patterns: readonly string[]): void {
  if (depth >= maxIncludeDepth) {
    parser.complaints.push({ message: `${file}: Include is nested more than ${maxIncludeDepth} deep` });
    return;
  }
  if (parser.reader === undefined) return;
  for (const included of includedFiles(patterns, file, parser.reader)) {
    parseFile(parser, { ...included, guards, depth: depth + 1 });
  }
}

/** Blocks for plain names are found in a map; only the others are looked at for every host. */
function indexBlocks(blocks: readonly Block[]): (alias: string) => readonly Block[] {
  const always: number[] = [];
  const byName = new Map<string, number[]>();
  for (const [index, { guards, entries }] of blocks.entries()) {
    if (entries.length === 0) continue;
    const names = guards.find(guard => guard.names !== undefined)?.names;
    if (names === undefined) always.push(index);
    else for (const name of names) byName.set(name, [...(byName.get(name) ?? []), index]);
  }
  return alias =>
    [...always, ...new Set(byName.get(alias))].sort((a, b) => a - b).flatMap(index => blocks[index] ?? []);
}
