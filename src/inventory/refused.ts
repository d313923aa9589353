import ipaddr from 'ipaddr.js';
import { type FileContents, nothingBut, type SourceText } from './contents.ts';
import type { InventoryFormat } from './format.ts';

/** A kind of file that people give, and that is no inventory: better named than complained about line by line. */
interface Refusal {
  /** The place in the text that shows what it is; undefined if it is something else. */
  readonly sign: (text: string) => number | undefined;
  readonly message: string;
}

const signOf =
  (pattern: RegExp) =>
  (text: string): number | undefined => {
    const match = pattern.exec(text);
    return match === null ? undefined : match.index + (match[0].length - match[0].trimStart().length);
  };

const refusals: readonly Refusal[] = [
  {
    sign: signOf(/^#!/),
    message:
      'this is a program; it is run where it is given with -i, is executable, and nobody else may write it (chmod 755)',
  },
  {
    sign: signOf(/^[^\S\n]*\[[\w-]+\.(?:hosts|vars|children)\b.*$/m),
    message:
      'this is an inventory of Ansible in TOML, which is not read; give the output of `ansible-inventory --list`',
  },
  {
    sign: signOf(/^[^\S\n]*(?:map|all|list|reverse)[^\S\n]*:(?=[^\n]*(?:\$|\||`|\bsh\b|\bsed\b|\bawk\b))/m),
    message:
      'this configures ClusterShell to run commands for its groups, which is not done here; give a file of groups.d',
  },
  {
    sign: hostsFileSign,
    message:
      'this is a hosts(5) file: every name that a machine knows, and no list of servers; list the names that are meant',
  },
];

/** Signs that also files of other formats have. */
const weakRefusals: readonly Refusal[] = [
  {
    sign: clusterFileSign,
    message:
      'these are lines of names and tags as for clusterssh, where nothing tells which is a host; expected one host on each line',
  },
];

/** Files that are known, and known not to be an inventory. */
export const refused: InventoryFormat = formatOf(refusals);

/** The same for files that no other format takes. */
export const refusedAtLast: InventoryFormat = formatOf(weakRefusals);

function formatOf(candidates: readonly Refusal[]): InventoryFormat {
  const found = (text: string) =>
    candidates
      .map(({ sign, message }) => ({ message, offset: sign(text) }))
      .find(refusal => refusal.offset !== undefined);
  return {
    recognises: text => found(text) !== undefined,
    read({ file, text }: SourceText): FileContents {
      const { message = '', offset = 0 } = found(text) ?? {};
      const before = text.slice(0, offset).split('\n');
      const location = { file, line: before.length, column: (before.at(-1) ?? '').length + 1 };
      return nothingBut([{ message, location }]);
    },
  };
}

/** Lines that are no comment, and where they begin. */
function* linesOf(text: string): Generator<{ readonly words: readonly string[]; readonly offset: number }> {
  for (const { 0: line, index } of text.matchAll(/^[^\S\n]*[^#\s].*$/gm)) {
    const words = line
      .replace(/(^|\s)#.*$/, '')
      .trim()
      .split(/\s+/);
    yield { words, offset: index + line.length - line.trimStart().length };
  }
}

/** Every line is an address and at least one name. */
function hostsFileSign(text: string): number | undefined {
  let first: number | undefined;
  for (const { words, offset } of linesOf(text)) {
    const [address = '', name] = words;
    if (name === undefined || !ipaddr.isValid(address) || /[,=]/.test(name)) return undefined;
    first ??= offset;
  }
  return first;
}

/** Every line is several plain words; one that goes on ends in a backslash. */
function clusterFileSign(text: string): number | undefined {
  let first: number | undefined;
  let goesOn = false;
  for (const { words, offset } of linesOf(text)) {
    if (words.some(word => !/^[\w.@][\w.@:-]*(?<!:)$|^\\$/.test(word)) || (words.length < 2 && !goesOn))
      return undefined;
    goesOn = words.includes('\\');
    first ??= offset;
  }
  return first;
}
