import ipaddr from 'ipaddr.js';
import { stripControls } from '../text/ansi.ts';
import { truncateColumns } from '../text/table.ts';

/** Text of a file in double quotes, safe on a terminal and of bounded length. */
export const quoted = (text: string): string => `"${truncateColumns(stripControls(text), 80)}"`;

const hostName = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/**
 * Why text cannot be the name or address of a host; undefined if it can. IP addresses stand without brackets. `written` is how
 * the file has it, where that differs. Names that begin with `-` would be read as options by other programs
 * (CVE-2017-1000117); 253 characters are what DNS allows (RFC 1035).
 */
export function whyNotHostName(text: string, written = text): string | undefined {
  if (text === '') return 'a host name is empty';
  if (text.length > 253) return 'a host name is longer than 253 characters';
  if (hostName.test(text) || ipaddr.IPv6.isValid(text)) return undefined;
  if (text.startsWith('-')) return `the host name ${quoted(written)} begins with "-"`;
  if (text.includes(':')) return `${quoted(written)} is no IPv6 address`;
  return `the host name ${quoted(written)} holds ${odd(text)}; letters, digits, ".", "_" and "-" are allowed`;
}

function odd(text: string): string {
  const char = [...text].find(c => !/[A-Za-z0-9._-]/.test(c)) ?? text.charAt(0);
  if (char === ' ') return 'a space';
  return stripControls(char).trim() === '' ? 'a control character' : `"${char}"`;
}

/** Why text cannot be a login name; undefined if it can. The characters are those that ssh(1) refuses (`valid_ruser`). */
export function whyNotUser(text: string): string | undefined {
  if (text === '') return 'the user name is empty';
  if (text.startsWith('-')) return `the user name ${quoted(text)} begins with "-"`;
  if (/[\s'"`;&<>|(){}]|\\$/.test(text) || stripControls(text) !== text) {
    return `the user name ${quoted(text)} holds a character that ssh refuses`;
  }
  return undefined;
}

/** Why text cannot name a group, a zone or a nat entry; undefined if it can: it must be usable in a host pattern. */
export const whyNotLabel = (text: string): string | undefined =>
  hostName.test(text) ? undefined : `the name ${quoted(text)} must be made of letters, digits, ".", "_" and "-"`;

/** Why text cannot be a path or a sentence on one line; undefined if it can. */
export function whyNotLine(text: string): string | undefined {
  if (text.trim() === '') return 'the text is empty';
  return stripControls(text) === text ? undefined : `${quoted(text)} holds control characters`;
}

/** `a, b or c`. */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
