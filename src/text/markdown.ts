import { stripControls } from './ansi.ts';

/** What Markdown reads as more than a character, wherever it stands in a line; `:` and `@` make links of addresses (GFM). */
const special = /[\\`*_{}[\]<>#|~&!$:@]/g;

/** Where a word would make a link by itself (GFM, "autolinks"). */
const linkLike = /\bwww\./gi;

/** Text of others inside a line of Markdown, so that it reads as it was written: no markup, no link, no line break. */
export const markdownText = (text: string): string =>
  stripControls(text)
    .replace(special, found => (found === ':' ? found : `\\${found}`))
    .replace(/:(?=\/)/g, '\\:')
    .replace(linkLike, found => `${found.slice(0, -1)}\\.`);

/** A code span that holds any text: its fence is longer than any row of backticks inside (CommonMark, "code spans"). */
export function markdownCode(text: string): string {
  const plain = stripControls(text).trim();
  if (plain === '') return '–';
  const longest = Math.max(0, ...Array.from(plain.matchAll(/`+/g), ([row]) => row.length));
  const fence = '`'.repeat(longest + 1);
  return plain.startsWith('`') || plain.endsWith('`') ? `${fence} ${plain} ${fence}` : `${fence}${plain}${fence}`;
}
