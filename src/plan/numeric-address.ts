/** Names that are addresses: what getaddrinfo(3) takes with AI_NUMERICHOST, and the one form that it gives back. */
import ipaddr from 'ipaddr.js';
import type { AddressFamily } from './questions.ts';

/** Whether ssh takes a name for an address, right or wrong: is_addr_fast() of ssh.c. */
export const looksNumeric = (name: string): boolean => /[%:]/.test(name) || /^[\d.]*$/.test(name);

/** The address in its canonical form; undefined if it is none, or of the other family. */
export function numericAddress(name: string, family: AddressFamily): string | undefined {
  const four = family === 'inet6' ? undefined : dottedQuad(name);
  if (four !== undefined) return four;
  const [bare = '', zone] = name.split('%', 2);
  if (family === 'inet' || !bare.includes(':') || !ipaddr.IPv6.isValid(bare)) return undefined;
  const canonical = compressed(ipaddr.IPv6.parse(bare).parts);
  return zone === undefined ? canonical : `${canonical}%${zone}`;
}

/** inet_aton(3): one to four numbers, decimal, octal or hexadecimal; the last fills what is left. */
function dottedQuad(name: string): string | undefined {
  const parts = name.split('.');
  if (parts.length > 4 || !parts.every(part => /^(?:0x[0-9a-f]{1,8}|0[0-7]{0,11}|[1-9]\d{0,9})$/i.test(part)))
    return undefined;
  const numbers = parts.map(part => (/^0\d/.test(part) ? Number.parseInt(part, 8) : Number(part)));
  const last = numbers.pop() ?? 0;
  if (numbers.some(number => number > 255) || last >= 256 ** (4 - numbers.length)) return undefined;
  const bytes = [...numbers];
  for (let left = 3 - numbers.length; left >= 0; left--) bytes.push(Math.floor(last / 256 ** left) % 256);
  return bytes.join('.');
}

/** inet_ntop(3): the first longest run of two or more zeros as `::`; embedded IPv4 with dots. */
function compressed(words: readonly number[]): string {
  let [start, length] = [-1, 1];
  for (let at = 0; at < words.length; at++) {
    let run = 0;
    while (words[at + run] === 0) run += 1;
    if (run > length) [start, length] = [at, run];
  }
  const hex = (part: readonly number[]): string => part.map(word => word.toString(16)).join(':');
  const isMapped = start === 0 && (length === 6 || (length === 5 && words[5] === 0xffff));
  if (isMapped) {
    const [high = 0, low = 0] = words.slice(6);
    const quad = [high >> 8, high & 255, low >> 8, low & 255].join('.');
    return length === 6 ? `::${quad}` : `::ffff:${quad}`;
  }
  return start < 0 ? hex(words) : `${hex(words.slice(0, start))}::${hex(words.slice(start + length))}`;
}
