import ipaddr from 'ipaddr.js';

/**
 * Canonical text of an IP address (RFC 5952), an IPv4-mapped IPv6 address as IPv4, without brackets and zone.
 * Text that is no address comes back unchanged: it is somebody's word, not ours.
 */
export function canonicalAddress(text: string): string {
  const bare = text.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  return ipaddr.isValid(bare) ? ipaddr.process(bare).toString() : text;
}
