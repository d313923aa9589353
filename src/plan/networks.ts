/** `Match localnetwork 10.0.0.0/8,fd00::/8`: addr_match_cidr_list() of addrmatch.c. */
import ipaddr from 'ipaddr.js';

const rangeOf = (text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined => {
  const [address = '', bits, ...others] = text.split('/');
  if (others.length > 0 || !ipaddr.isValid(address)) return undefined;
  const parsed = ipaddr.parse(address);
  const width = parsed.kind() === 'ipv4' ? 32 : 128;
  const prefix = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  return prefix >= 0 && prefix <= width ? [parsed, prefix] : undefined;
};

/** Whether every entry is an address or a range of addresses. */
export const isNetworkList = (list: readonly string[]): boolean => list.every(text => rangeOf(text) !== undefined);

/** Whether one of the addresses lies in one of the ranges. */
export function matchesNetworks(list: readonly string[], addresses: readonly string[]): boolean {
  const ranges = list.map(rangeOf).filter(range => range !== undefined);
  return addresses
    .filter(address => ipaddr.isValid(address))
    .map(address => ipaddr.parse(address))
    .some(address => ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits)));
}
