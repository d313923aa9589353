import type { TcpMetric } from '../model/snapshot.ts';
import { canonicalAddress } from '../text/address.ts';
import { ParseError } from './source.ts';

/**
 * `ip tcp_metrics show`: the timestamps that the kernel remembers per address, which is what tcp_tw_recycle compares
 * SYNs with. The age stands after the slash: `tw_ts 123456/12sec ago`, or without "sec" since iproute2 4.17.
 * The command runs inside the awk program of sockets.ts, only where tcp_tw_recycle exists: newer kernels never remember.
 * Source: iproute2 ip/tcp_metrics.c; kernel net/ipv4/tcp_metrics.c.
 */
export function parseTcpMetric(address: string, twTs: string): TcpMetric {
  const match = /^-?\d+\/(\d{1,10})(?:\.\d+)?(?:sec)?$/.exec(twTs);
  if (match === null) throw new ParseError(`tw_ts is not "value/age"`);
  return { address: canonicalAddress(address), ageSeconds: Number(match[1]) };
}
