import type { TcpMetric } from '../model/snapshot.ts';
import { canonicalAddress, isAddress } from '../text/address.ts';
import { parseTcpMetric } from './tcp-metrics.ts';

/** An address, then any of the words that an entry consists of. */
const entry =
  /^[ ]*([0-9a-fA-F.:]{2,45}) (?=(?:age|cwnd|ssthresh|rtt|rttvar|tw_ts|source|fo_mss|reordering|metric_\d+) )(.*)$/;

/**
 * `ip tcp_metrics show`: the entries that remember a timestamp. Null: no entry is in the text.
 * Source: iproute2 ip/tcp_metrics.c.
 */
export function parseTcpMetrics(lines: readonly string[]): readonly TcpMetric[] | null {
  const metrics: TcpMetric[] = [];
  let isFound = false;
  for (const line of lines) {
    const [, address, rest] = entry.exec(line) ?? [];
    if (address === undefined || rest === undefined || !isAddress(address)) continue;
    isFound = true;
    const twTs = /(?:^| )tw_ts (-?\d{1,20}\/\d{1,10}(?:\.\d{1,9})?(?:sec)?)(?= |$)/.exec(rest)?.[1];
    if (twTs !== undefined) metrics.push(parseTcpMetric(canonicalAddress(address), twTs));
  }
  return isFound ? metrics : null;
}
