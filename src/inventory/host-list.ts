import type { Location } from '../model/host.ts';
import type { Complaint } from '../model/input-error.ts';
import { readHostSet } from '../text/host-set.ts';
import { type FileContents, type HostEntry, noSettings, nothingBut, type SourceText } from './contents.ts';
import { createExpansion } from './expansion.ts';
import type { InventoryFormat } from './format.ts';

/** The first line that says something. */
const significantLine = /^[^\S\n]*[^#\s].*$/m;

/** A `#` at the start of a line or after a blank begins a comment. */
const comment = /(^|\s)#.*$/;

/**
 * Plain host lists: one `[user@]host[:port]` on each line, ranges allowed; blank lines and comments are skipped. Sections
 * (`[web]`), YAML lists, JSON and scripts are other formats.
 */
export const hostList: InventoryFormat = { recognises, read };

function recognises(text: string): boolean {
  const first = significantLine.exec(text)?.[0].trim();
  if (first === undefined || text.startsWith('#!') || /^(-\s|---|[{%<])/.test(first)) return false;
  return !text.match(bracketedLines)?.some(isSection);
}

/** Lines that are one pair of brackets and perhaps a comment. */
const bracketedLines = /^[^\S\n]*\[[^\n]*\](?=\s*$|\s+#)/gm;

/** `[web]` and `[web:children]` of INI files, but not the range `[01-40]` and the address `[2001:db8::1]`. */
const isSection = (line: string): boolean => 'problem' in readHostSet(line.trim());

function read({ file, text }: SourceText): FileContents {
  const entries: HostEntry[] = [];
  const complaints: Complaint[] = [];
  const expand = createExpansion(complaints);
  text.split(/\r?\n/).forEach((line, index) => {
    const pattern = line.replace(comment, '').trim();
    if (pattern === '') return;
    const start = line.indexOf(pattern);
    const at = (column = 1): Location => ({ file, line: index + 1, column: start + column });
    const blank = pattern.search(/\s/);
    if (blank >= 0) {
      const words = pattern.slice(blank).trimStart();
      const location = at(pattern.length - words.length + 1);
      complaints.push({ message: 'expected one host on each line, found more behind it', location });
      return;
    }
    const entry = expand({ pattern, defaults: noSettings, wide: noSettings, at });
    if (entry !== undefined) entries.push(entry);
  });
  return { ...nothingBut(complaints), entries };
}
