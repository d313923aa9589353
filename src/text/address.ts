import ipaddr from 'ipaddr.js';

/**
 * Canonical text of an IP address (RFC 5952), an IPv4-mapped IPv6 address as IPv4, without brackets and zone.
 * Text that is no address comes back unchanged: it is somebody's word, not ours.
 */
export function canonicalAddress(text: string): string {
  const known = canonical.get(text);
  if (known !== undefined) return known;
  const bare = text.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  const address = ipaddr.isValid(bare) ? ipaddr.process(bare).toString() : text;
  if (canonical.size >= addressesKept) canonical.clear();
  canonical.set(text, address);
  return address;
}

/** Whether a text is an address as the kernel and its tools write it: four decimal parts, or IPv6. */
export const isAddress = (text: string): boolean =>
  ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(':') && ipaddr.IPv6.isValid(text));

/** Every host of a fleet listens on the same few addresses. */
const canonical = new Map<string, string>();
const addressesKept = 4096;
