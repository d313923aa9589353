/** One line of ssh_config: keyword and arguments, as OpenSSH's strdelim() and argv_split() take them apart (misc.c). */

/** A line with something in it. */
export interface ConfigLine {
  /** Lower case. */
  readonly keyword: string;
  readonly args: readonly string[];
}

/** Undefined for a blank line or a comment; `error` for quotes that do not close. */
export function parseConfigLine(text: string): ConfigLine | { readonly error: string } | undefined {
  const line = text.trim();
  if (line === '' || line.startsWith('#')) return undefined;
  const [, keyword = '', rest = ''] = /^"?([^\s="]+)"?(?:\s*=\s*|\s+)?([\s\S]*)$/.exec(line) ?? [];
  const args = splitArguments(rest);
  return args === undefined ? { error: 'unbalanced quotes' } : { keyword: keyword.toLowerCase(), args };
}

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
