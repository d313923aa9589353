/** A word of a line, without its quotes, and its column from 1. */
export interface Word {
  readonly text: string;
  readonly column: number;
}

/** What a scan of one line knows. */
interface Scan {
  readonly line: string;
  at: number;
}

/**
 * Splits a line into words as Python's `shlex.split(line, comments=True)` does: quotes of both kinds, backslashes, and a `#`
 * begins a comment even inside of a word. Returns what is wrong, in words, where a quote is left open.
 */
export function splitWords(line: string): readonly Word[] | string {
  const words: Word[] = [];
  const scan: Scan = { line, at: 0 };
  while (scan.at < line.length && line[scan.at] !== '#') {
    if (isBlank(line[scan.at])) scan.at += 1;
    else {
      const column = scan.at + 1;
      const text = readWord(scan);
      if (text === undefined) return 'a quote or a backslash is not closed';
      words.push({ text, column });
    }
  }
  return words;
}

const isBlank = (char: string | undefined): boolean => char === ' ' || char === '\t' || char === '\r' || char === '\n';

function readWord(scan: Scan): string | undefined {
  const { line } = scan;
  let word = '';
  while (scan.at < line.length) {
    const char = line.charAt(scan.at);
    if (isBlank(char) || char === '#') return word;
    scan.at += 1;
    if (char === '\\') {
      if (scan.at >= line.length) return undefined;
      word += line.charAt(scan.at++);
    } else if (char === '"' || char === "'") {
      const inside = readQuoted(scan, char);
      if (inside === undefined) return undefined;
      word += inside;
    } else word += char;
  }
  return word;
}

function readQuoted(scan: Scan, quote: string): string | undefined {
  const { line } = scan;
  let inside = '';
  for (; scan.at < line.length; scan.at += 1) {
    const char = line.charAt(scan.at);
    const next = line[scan.at + 1];
    if (char === quote) {
      scan.at += 1;
      return inside;
    }
    // Between double quotes a backslash escapes a quote and itself, and is plain text otherwise.
    const escapes = char === '\\' && quote === '"' && (next === '"' || next === '\\');
    if (escapes) scan.at += 1;
    inside += escapes ? next : char;
  }
  return undefined;
}
