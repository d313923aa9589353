import { canonicalAddress } from '../text/address.ts';
import { ParseError } from './source.ts';

/** Turns the kernel's hexadecimal into the text that people write. Throws ParseError. */
export interface AddressDecoder {
  address(hexadecimal: string | undefined): string;
  prefix(hexadecimal: string | undefined): string;
}

/** The kernel prints addresses as 32-bit words in the host's byte order: `0100007F` is 127.0.0.1 on little-endian. */
export function addressDecoder(bigEndian: boolean): AddressDecoder {
  const bytes = (word: string): number[] => {
    const all: number[] = [];
    for (let i = 0; i < word.length; i += 2) all.push(Number.parseInt(word.slice(i, i + 2), 16));
    return bigEndian ? all : all.reverse();
  };
  const groups = (all: readonly number[]): string =>
    Array.from({ length: all.length / 2 }, (_, i) =>
      (((all[2 * i] ?? 0) << 8) | (all[2 * i + 1] ?? 0)).toString(16),
    ).join(':');
  return {
    address: (text = '') => {
      if (/^[0-9A-F]{8}$/.test(text)) {
        const word = Number.parseInt(text, 16);
        const [a, b, c, d] = [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255];
        return bigEndian ? `${a}.${b}.${c}.${d}` : `${d}.${c}.${b}.${a}`;
      }
      if (!/^[0-9A-F]{32}$/.test(text)) throw new ParseError(`not an address: ${JSON.stringify(text.slice(0, 40))}`);
      return canonicalAddress(groups((text.match(/.{8}/g) ?? []).flatMap(bytes)));
    },
    prefix: (text = '') => {
      if (/^[0-9A-F]{4}$/.test(text)) return `${bytes(text).join('.')}.0.0/16`;
      if (/^[0-9A-F]{8}$/.test(text)) return `${canonicalAddress(`${groups(bytes(text))}::`)}/32`;
      throw new ParseError(`not a prefix: ${JSON.stringify(text.slice(0, 40))}`);
    },
  };
}

/** An unsigned number as /proc/net/tcp prints it. Throws ParseError. */
export function hex(text: string | undefined): number {
  if (text === undefined || !/^[0-9A-Fa-f]{1,8}$/.test(text))
    throw new ParseError(`expected hexadecimal, got ${JSON.stringify(text)}`);
  return Number.parseInt(text, 16);
}

/** A count. Throws ParseError. */
export function integer(text: string | undefined): number {
  if (text === undefined || !/^\d{1,15}$/.test(text))
    throw new ParseError(`expected a number, got ${JSON.stringify(text)}`);
  return Number(text);
}
