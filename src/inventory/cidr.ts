import ipaddr from 'ipaddr.js';
import { quoted } from './names.ts';

/**
 * Why text is no network in CIDR notation (RFC 4632, RFC 4291); undefined if it is one. Host bits must be zero: with some set,
 * either the address or the prefix is a slip, and nobody can tell which.
 */
export function whyNotCidr(text: string): string | undefined {
  if (isAddress(text)) return `${quoted(text)} has no prefix length; one address is ${hostNetwork(text)}`;
  if (!isCidr(text)) return `${quoted(text)} is no network; expected one such as 10.8.0.0/16 or 2001:db8::/32`;
  const [address, prefix] = ipaddr.parseCIDR(text);
  if (address.kind() === 'ipv6' && address.range() === 'ipv4Mapped') {
    return `${quoted(text)} is an IPv4 network written as IPv6; write it as IPv4`;
  }
  const network = networkOf(text).toString();
  return network === address.toString()
    ? undefined
    : `${quoted(text)} has host bits set; the network is ${network}/${prefix}`;
}

/** Whether text is one address, as people write it. */
export const isAddress = (text: string): boolean =>
  ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);

/** The network of one address alone. */
export const hostNetwork = (address: string): string => `${address}/${address.includes(':') ? 128 : 32}`;

const isCidr = (text: string): boolean =>
  ipaddr.IPv4.isValidCIDRFourPartDecimal(text) || (ipaddr.IPv6.isValidCIDR(text) && !text.includes('%'));

const networkOf = (cidr: string): ipaddr.IPv4 | ipaddr.IPv6 =>
  cidr.includes(':') ? ipaddr.IPv6.networkAddressFromCIDR(cidr) : ipaddr.IPv4.networkAddressFromCIDR(cidr);

/** Canonical text of a network that `whyNotCidr` accepts: `2001:DB8:0::/32` becomes `2001:db8::/32`. */
export function canonicalCidr(cidr: string): string {
  const [address, prefix] = ipaddr.parseCIDR(cidr);
  return `${address.toString()}/${prefix}`;
}
