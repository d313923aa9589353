/** ssh_config(5), parsed into blocks in the order in which ssh reads them. What the blocks say of a host: host-options.ts. */
import { type Complaint, InputError } from '../model/input-error.ts';
import { isWildcard } from '../text/wildcard.ts';
import type { AlgorithmList } from './algorithm-list.ts';
import { indexBlocks } from './block-index.ts';
import { type ConfigLine, parseConfigLine } from './config-line.ts';
import { type ConfigFile, includedFiles } from './include.ts';
import type { ConfigValue } from './keyword-values.ts';
import type { Guard } from './match.ts';
import { type Parser, type ParserTools, type Place, parseEntry, parseHost, parseMatchLine } from './parse-lines.ts';
import { type Asking, answerNow, ask } from './questions.ts';

/** A setting and where it stands. */
export interface Entry {
  /** Keyword in lower case, in its newer spelling. */
  readonly name: string;
  readonly value: ConfigValue;
  /** `/home/x/.ssh/config:12`, `flag --user`. */
  readonly origin: string;
  /** The value of an algorithm keyword, resolved. */
  readonly algorithms?: AlgorithmList;
  /** Position among all lines of all files. */
  readonly order: number;
  /** Of a user's file: `IdentityFile` of both kinds of file count apart. */
  readonly isUsers: boolean;
}

/** Settings that hold where every guard does: `Host` or `Match`, and those around the `Include` that led here. */
export interface Block {
  readonly guards: readonly Guard[];
  readonly entries: readonly Entry[];
}

/** A line that ssh refuses unless `IgnoreUnknown` names its keyword before. */
export interface UnknownLine {
  readonly keyword: string;
  readonly order: number;
  readonly complaint: Complaint;
}

/** All files, parsed. */
export interface SshConfig {
  readonly blocks: readonly Block[];
  /** Names in `Host` lines without wildcards and negation. */
  readonly aliases: ReadonlySet<string>;
  /** Lines that are not honoured and may matter: `~/.ssh/config:12: KnownHostsCommand is not supported`. */
  readonly notes: readonly string[];
  readonly unknown: readonly UnknownLine[];
  /** Whether some `Match final` asks for a second pass. */
  readonly wantsFinalPass: boolean;
  /** Whether this ssh expands tokens in `User`, as newer ones do. */
  readonly expandsUser: boolean;
  /** Whether this ssh has `%j`, the jump host, and makes it a part of `%C`. */
  readonly hasJumpToken: boolean;
  /** Of the installed ssh, as far as a `Match version` asks for it. */
  readonly version: string;
  /** Blocks that may hold for a host, in order; made once, so that ten thousand Host blocks cost no more than ten. */
  readonly blocksFor: (host: string) => readonly Block[];
}

/** As deep as ssh goes: READCONF_MAX_DEPTH in readconf.c. */
const maxIncludeDepth = 16;
/** More files than anybody has; a pattern that names them all again and again ends here. */
const maxFiles = 10_000;
const bareTools: ParserTools = { variable: () => undefined, servicePort: () => undefined };

/** An empty configuration: `--ssh-config none`. */
export const noSshConfig = (): SshConfig => answerNow(parseSshConfig([]));

/** Names that stand for a host: what `ssh NAME` completes. */
export const aliases = (config: SshConfig): ReadonlySet<string> => config.aliases;

/** Parses the files in ssh's order. Throws an InputError with every line that ssh would refuse for any host. */
export function* parseSshConfig(files: readonly ConfigFile[], tools: ParserTools = bareTools): Asking<SshConfig> {
  const parser: Parser = {
    blocks: [],
    notes: [],
    complaints: [],
    unknown: [],
    tools,
    accepted: new Map(),
    files: 0,
    lines: 0,
    wantsFinalPass: false,
    usesConnectionTokens: false,
    usesUserTokens: false,
    usesVersion: false,
  };
  for (const file of files) yield* parseFile(parser, { ...file, guards: [], depth: 0 });
  if (parser.complaints.length > 0) throw new InputError(parser.complaints);
  const { blocks, notes, unknown, wantsFinalPass } = parser;
  const names = blocks.flatMap(({ guards }) => guards.flatMap(guard => guard.patterns));
  return {
    blocks,
    notes,
    unknown,
    wantsFinalPass,
    aliases: new Set(names.filter(name => !isWildcard(name) && !name.startsWith('!'))),
    // An ssh that expands refuses a token that there is none of; an older one takes the name as it is.
    expandsUser: parser.usesUserTokens && (yield* ask({ kind: 'accepts', config: 'User %!\n' })) !== true,
    hasJumpToken:
      parser.usesConnectionTokens && (yield* ask({ kind: 'accepts', config: 'ControlPath %j\n' })) !== false,
    version: (parser.usesVersion ? yield* ask({ kind: 'version' }) : undefined) ?? '',
    blocksFor: indexBlocks(blocks),
  };
}

interface NestedFile extends ConfigFile {
  /** Guards around the Include that led here. */
  readonly guards: readonly Guard[];
  readonly depth: number;
}

function* parseFile(parser: Parser, nested: NestedFile): Asking<void> {
  const { file, text, guards, isSystem = false } = nested;
  parser.files += 1;
  let own = guards;
  let entries: Entry[] = [];
  const openBlock = (next: readonly Guard[]): void => {
    own = next;
    entries = [];
    parser.blocks.push({ guards: own, entries });
  };
  openBlock(guards);
  for (const [index, raw] of text.split('\n').entries()) {
    const parsed = parseConfigLine(raw);
    if (parsed === undefined) continue;
    const line = index + 1;
    const complaint = (message: string): Complaint => ({ location: { file, line, column: 1 }, message });
    const place = { origin: `${file}:${line}`, order: parser.lines++, isUsers: !isSystem, complaint };
    if ('error' in parsed) parser.complaints.push(complaint(parsed.error));
    else if (parsed.keyword === 'host') openBlock([...guards, parseHost(parser, parsed, place)]);
    else if (parsed.keyword === 'match') openBlock([...guards, yield* parseMatchLine(parser, parsed, place)]);
    else if (parsed.keyword === 'include') {
      yield* include(parser, { ...nested, guards: own }, parsed, place);
      openBlock(own);
    } else {
      const entry = yield* parseEntry(parser, parsed, place);
      if (entry !== undefined) entries.push(entry);
    }
  }
}

function* include(parser: Parser, nested: NestedFile, line: ConfigLine, { complaint }: Place): Asking<void> {
  const { reader } = parser.tools;
  const { guards, depth, isSystem = false } = nested;
  for (const pattern of line.args) {
    if (pattern === '') parser.complaints.push(complaint('include with an empty argument'));
    if (pattern === '' || reader === undefined) continue;
    for (const included of includedFiles(pattern, isSystem, reader)) {
      if (depth >= maxIncludeDepth || parser.files >= maxFiles) {
        const what = depth >= maxIncludeDepth ? `nested more than ${maxIncludeDepth} deep` : `of ${maxFiles} files`;
        throw new InputError([...parser.complaints, complaint(`Include is ${what}`)]);
      }
      if ('problem' in included) parser.complaints.push(complaint(`${included.file}: ${included.problem}`));
      else yield* parseFile(parser, { ...included, guards, depth: depth + 1 });
    }
  }
}
