/** One line of ssh_config: keyword and arguments, as OpenSSH's strdelim() and argv_split() take them apart (misc.c). */

/** A line with something in it. */
export interface ConfigLine {
  /** Lower case. */
  readonly keyword: string;
  readonly args: readonly string[];
  /** All that stands behind the keyword: commands keep their quotes, and Match splits its own way. */
  readonly rest: string;
}

/** Undefined for a blank line or a comment; `error` for quotes that do not close. */
export function parseConfigLine(text: string): ConfigLine | { readonly error: string } | undefined {
  const [line = ''] = text.split('\0', 1);
  const first = takeWord(line.replace(/[ \t\r\n\f]+$/, ''));
  // Leading blanks make an empty word of their own.
  const word = first?.word === '' && first.rest !== undefined ? takeWord(first.rest) : first;
  if (word === undefined || word.word === '' || word.word.startsWith('#')) return undefined;
  const keyword = word.word.toLowerCase();
  const rest = word.rest ?? '';
  if (rest === '') return { error: `${keyword} without argument` };
  const args = splitArguments(rest);
  return args === undefined ? { error: 'unbalanced quotes' } : { keyword, args, rest };
}

/** A word, and what follows it; undefined where the line ends with the word. */
export interface Word {
  readonly word: string;
  readonly rest: string | undefined;
}

/**
 * strdelim(): a word ends at a blank or at one `=`; a double quote anywhere in it runs to the next one. Undefined where a
 * quote does not close.
 */
export function takeWord(text: string): Word | undefined {
  const end = text.search(/[ \t\r\n"=]/);
  if (end < 0) return { word: text, rest: undefined };
  if (text[end] === '"') {
    const close = text.indexOf('"', end + 1);
    if (close < 0) return undefined;
    return { word: text.slice(0, end) + text.slice(end + 1, close), rest: skipBlanks(text.slice(close + 1)) };
  }
  const rest = skipBlanks(text.slice(end + 1));
  const skipsEquals = text[end] !== '=' && rest.startsWith('=');
  return { word: text.slice(0, end), rest: skipsEquals ? skipBlanks(rest.slice(1)) : rest };
}

const skipBlanks = (text: string): string => text.replace(/^[ \t\r\n]+/, '');

/** Splits at blanks outside quotes; `\` escapes quotes and itself (and a blank outside); `#` begins a comment. */
function splitArguments(text: string): readonly string[] | undefined {
  const args: string[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === ' ' || text[at] === '\t') at += 1;
    if (at >= text.length || text[at] === '#') return args;
    let arg = '';
    let quote = '';
    for (; at < text.length; at++) {
      const char = text.charAt(at);
      const following = text.charAt(at + 1);
      if (char === '\\' && (/["'\\]/.test(following) || (quote === '' && following === ' '))) {
        arg += following;
        at += 1;
      } else if (quote === '' && (char === ' ' || char === '\t')) break;
      else if (quote === '' && (char === '"' || char === "'")) quote = char;
      else if (char === quote) quote = '';
      else arg += char;
    }
    if (quote !== '') return undefined;
    args.push(arg);
  }
}
