import type { Reading } from '../model/reading.ts';
import { malformed, ok } from '../model/reading.ts';
import { detached } from '../text/detached.ts';
import { matchesWildcard } from '../text/wildcard.ts';

/**
 * Keys that are never read, whatever the rights: `tcp_fastopen_key` is the secret that TCP Fast Open cookies are made
 * with (Documentation/networking/ip-sysctl.rst). The collector tests every name below /proc/sys against this list.
 */
export const secretKeys: readonly string[] = ['tcp_fastopen_key'];

/** Directories below /proc/sys and the names that are read in them. */
const wanted: ReadonlyArray<readonly [directory: string, pattern: string]> = [
  ['net/ipv4', 'tcp_*'],
  ['net/ipv4', 'ip_local_*'],
  ['net/ipv4/neigh/default', 'gc_thresh*'],
  ['net/ipv6/neigh/default', 'gc_thresh*'],
  ['net/core', 'somaxconn'],
  ['net/core', 'netdev_max_backlog'],
  ['net/core', 'netdev_budget*'],
  ['net/netfilter', 'nf_conntrack_max'],
  ['net/netfilter', 'nf_conntrack_buckets'],
  ['net/netfilter', 'nf_conntrack_tcp_*'],
  ['net/ipv4/netfilter', 'ip_conntrack_*'],
];

/** Interfaces whose rp_filter is read; a host of containers may have thousands. */
const maxInterfaces = 256;

/**
 * Running sysctl values below `/proc/sys/net`. One frame per key; `all` of the interfaces first, so that a bound cuts
 * the least important ones.
 */
export const sysctlKeys = {
  id: 'proc/sys/net',
  sh: `
deny='${secretKeys.join(' ')}'
directory proc/sys/net/ipv4
${wanted.map(([directory, pattern]) => `each proc/sys/${directory} '${pattern}'`).join('\n')}
want proc/sys/net/ipv4/conf/all/rp_filter
interfaces=0
if inside proc/sys/net/ipv4/conf; then
  for conf in "$real"/*; do
    name=\${conf##*/}
    case $name in all|'*') continue ;; esac
    interfaces=$((interfaces + 1))
    [ $interfaces -le ${maxInterfaces} ] || break
    want "proc/sys/net/ipv4/conf/$name/rp_filter"
  done
fi`.trim(),
};

/** Whether a visit would read the file of this path below /proc/sys: `net/ipv4/tcp_syncookies`. A secret never. */
export function isReadKey(path: string): boolean {
  const slash = path.lastIndexOf('/');
  const [directory, name] = [path.slice(0, slash), path.slice(slash + 1)];
  if (secretKeys.includes(name)) return false;
  if (name === 'rp_filter') return /^net\/ipv4\/conf\/[^/]+$/.test(directory);
  return wanted.some(([place, pattern]) => place === directory && matchesWildcard(pattern, name));
}

/** `proc/sys/net/ipv4/conf/eth0.100/rp_filter` to `net.ipv4.conf.eth0/100.rp_filter`, as sysctl(8) writes it. */
export function sysctlKeyOf(path: string): string {
  const seen = keys.get(path);
  if (seen !== undefined) return seen;
  const parts = path.replace(/^proc\/sys\//, '').split('/');
  const key = parts.map(part => part.replaceAll('.', '/')).join('.');
  if (keys.size < keysKept) keys.set(path, key);
  return key;
}

/** Paths repeat on every host. */
const keys = new Map<string, string>();
const keysKept = 1024;

/** The value as sysctl(8) prints it: without its line ending, tabs as single spaces. */
export function parseSysctlValue(text: string): Reading<string> {
  if (isPlain(text)) return ok(text.length < shortest ? text : detached(text));
  if (text.includes('\0')) return malformed('contains NUL bytes');
  const value = text.replace(/[ \t\r\n]+$/, '').replace(/[ \t]+/g, ' ');
  if (value.includes('\n') || value.length > 1024) return malformed('not one short line');
  return ok(detached(value));
}

/** Shorter parts of a string are copied by V8 anyway (SlicedString::kMinLength). */
const shortest = 13;

/** A bare number, as most values are. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return text.length > 0 && text.length <= 20;
}
