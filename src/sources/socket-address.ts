import { canonicalAddress } from '../text/address.ts';
import { ParseError } from './source.ts';

export interface AddressDecoder {
  address(hexadecimal: string | undefined): string;
  prefix(hexadecimal: string | undefined): string;
}

/** The kernel prints addresses as 32-bit words in the host's byte order: `0100007F` is 127.0.0.1 on little-endian. */
export function addressDecoder(bigEndian: boolean): AddressDecoder {
  const bytes = (word: string): number[] => {
    const pairs = (word.match(/../g) ?? []).map(pair => Number.parseInt(pair, 16));
    return bigEndian ? pairs : pairs.reverse();
  };
  const groups = (all: readonly number[]): string =>
    Array.from({ length: all.length / 2 }, (_, i) =>
      (((all[2 * i] ?? 0) << 8) | (all[2 * i + 1] ?? 0)).toString(16),
    ).join(':');
  const known = new Map<string, string>();
  return {
    address: (text = '') => {
      const seen = known.get(text);
      if (seen !== undefined) return seen;
      if (!/^(?:[0-9A-F]{8}|[0-9A-F]{32})$/.test(text))
        throw new ParseError(`not an address: ${JSON.stringify(text.slice(0, 40))}`);
      const all = (text.match(/.{8}/g) ?? []).flatMap(bytes);
      const address = all.length === 4 ? all.join('.') : canonicalAddress(groups(all));
      known.set(text, address);
      return address;
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
