/** Single lines of ssh_config, as far as they can be understood without a host. */
import type { Complaint } from '../model/input-error.ts';
import { assembleList } from './algorithm-list.ts';
import type { ConfigLine } from './config-line.ts';
import type { ConfigReader } from './include.ts';
import type { ValueTools } from './keyword-values.ts';
import { type Keyword, keywordNamed } from './keywords.ts';
import { type Guard, hostGuard, parseMatch } from './match.ts';
import { type Asking, ask } from './questions.ts';
import type { Block, Entry, UnknownLine } from './ssh-config.ts';
import { algorithmKeywords } from './ssh-lists.ts';

/** Distinct keywords that the installed ssh is asked about. */
const maxAsked = 100;

/** Of what is not honoured, what decides whether ssh would get through. */
const consequential: Readonly<Record<string, string>> = {
  pkcs11provider: 'PKCS11Provider is not supported',
  knownhostscommand: 'KnownHostsCommand is not supported',
  certificatefile: 'CertificateFile: logins with certificates are not supported, the plain key is tried',
};

/** What the parser needs besides the files. */
export type ParserTools = ValueTools & { readonly reader?: ConfigReader };

/** What a parse of all files gathers. */
export interface Parser {
  readonly blocks: Block[];
  readonly notes: string[];
  readonly complaints: Complaint[];
  readonly unknown: UnknownLine[];
  readonly tools: ParserTools;
  /** What the installed ssh said of a keyword or of criteria. */
  readonly accepted: Map<string, boolean | undefined>;
  files: number;
  lines: number;
  wantsFinalPass: boolean;
  /** All values that may hold tokens whose meaning depends on the ssh. */
  usesConnectionTokens: boolean;
  usesUserTokens: boolean;
  usesVersion: boolean;
}

/** Where a line stands, and how to complain about it. */
export interface Place {
  readonly origin: string;
  readonly order: number;
  readonly isUsers: boolean;
  readonly complaint: (message: string) => Complaint;
}

/** `Host a *.b !c`. */
export function parseHost(parser: Parser, { keyword, args }: ConfigLine, { complaint }: Place): Guard {
  if (args.includes('')) parser.complaints.push(complaint(`${keyword} with an empty argument`));
  return hostGuard(args);
}

const never: Guard = { holds: () => false, commands: [], names: undefined, patterns: [] };

/** `Match …`; a guard that never holds for a line that is refused. */
export function* parseMatchLine(parser: Parser, { rest }: ConfigLine, { complaint }: Place): Asking<Guard> {
  const match = parseMatch(rest);
  if ('problem' in match) {
    parser.complaints.push(complaint(match.problem));
    return never;
  }
  for (const config of match.recent) {
    if ((yield* accepts(parser, config, config)) === false) {
      parser.complaints.push(complaint(`this ssh does not take: ${config.trim()}`));
    }
  }
  parser.wantsFinalPass ||= match.isFinal;
  parser.usesVersion ||= /version/i.test(rest);
  parser.usesConnectionTokens ||= /%[Cj]/.test(rest);
  return match.guard;
}

/** Undefined for a line that means nothing here, or is refused. */
export function* parseEntry(parser: Parser, line: ConfigLine, place: Place): Asking<Entry | undefined> {
  const keyword = keywordNamed(line.keyword);
  if (keyword === undefined || keyword.isRecent) {
    const taken = yield* accepts(parser, line.keyword, `${line.keyword} ${line.rest}\n`);
    if (!(taken ?? keyword !== undefined)) {
      const complaint = place.complaint(`ssh knows no option "${line.keyword}"`);
      parser.unknown.push({ keyword: line.keyword, order: place.order, complaint });
      return undefined;
    }
  }
  return keyword === undefined ? undefined : yield* readEntry(parser, line, { keyword, place });
}

interface Spelled {
  readonly keyword: Keyword;
  readonly place: Place;
}

function* readEntry(parser: Parser, line: ConfigLine, { keyword, place }: Spelled): Asking<Entry | undefined> {
  const { origin, order, isUsers, complaint } = place;
  const read = keyword.read(line, parser.tools);
  if ('problem' in read) {
    parser.complaints.push(complaint(read.problem));
    return undefined;
  }
  const { name } = keyword;
  parser.usesConnectionTokens ||= /%[Cj]/.test(line.rest);
  parser.usesUserTokens ||= name === 'user' && /[%$]/.test(line.rest);
  const remark = consequential[name];
  if (remark !== undefined && line.args[0] !== 'none') parser.notes.push(`${origin}: ${remark}`);
  const entry = { name, value: read.value, origin, order, isUsers };
  if (algorithmKeywords[name] === undefined) return entry;
  const algorithms = assembleList(name, String(read.value), yield* ask({ kind: 'lists' }));
  if ('problem' in algorithms) {
    parser.complaints.push(complaint(`${line.keyword}: ${algorithms.problem}`));
    return undefined;
  }
  return { ...entry, value: algorithms.names, algorithms };
}

/** Asks the installed ssh about each keyword once, and not about more of them than a file of a person has. */
function* accepts(parser: Parser, key: string, config: string): Asking<boolean | undefined> {
  if (parser.accepted.has(key) || parser.accepted.size >= maxAsked) return parser.accepted.get(key);
  const answer = yield* ask({ kind: 'accepts', config });
  parser.accepted.set(key, answer);
  return answer;
}
