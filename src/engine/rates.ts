import type { Rates } from '../model/run.ts';
import type { CounterSource, Snapshot } from '../model/snapshot.ts';
import { counter } from '../model/snapshot.ts';

/**
 * Counters of SYNs that were dropped, refused or answered otherwise, one or two per cause. A run keeps their rates for every host,
 * whatever was found there: a cause that was removed is proved by a rate that fell to 0. Source: kernel-facts B, per cause.
 */
const ratedCounters: readonly (readonly [source: CounterSource, field: string])[] = [
  ['proc/net/netstat', 'TcpExt.PAWSPassive'],
  ['proc/net/netstat', 'TcpExt.ListenDrops'],
  ['proc/net/netstat', 'TcpExt.ListenOverflows'],
  ['proc/net/netstat', 'TcpExt.TCPReqQFullDrop'],
  ['proc/net/netstat', 'TcpExt.TCPReqQFullDoCookies'],
  ['proc/net/netstat', 'TcpExt.TCPBacklogDrop'],
  ['proc/net/netstat', 'TcpExt.TCPSynRetrans'],
  ['proc/net/netstat', 'TcpExt.TCPSYNChallenge'],
  ['proc/net/netstat', 'TcpExt.PAWSEstab'],
  ['proc/net/netstat', 'TcpExt.PAWSTimewait'],
  ['proc/net/netstat', 'TcpExt.IPReversePathFilter'],
  ['proc/net/stat/nf_conntrack', 'nf_conntrack.drop'],
  ['proc/net/stat/nf_conntrack', 'nf_conntrack.insert_failed'],
  ['proc/net/stat/arp_cache', 'arp_cache.table_fulls'],
  ['proc/net/softnet_stat', 'softnet_stat.dropped'],
];

/**
 * Rates between the two samples by field, of the counters that this kernel has. Unit: 1/s, four digits. Undefined where there is
 * no second sample; a counter that is missing or went backwards has no rate, which is not 0.
 */
export function ratesOf(snapshot: Snapshot): Rates | undefined {
  const rates: Record<string, number> = {};
  for (const [source, field] of ratedCounters) {
    const reading = counter(snapshot, source, field);
    const perSecond = reading.state === 'ok' ? reading.value.perSecond : undefined;
    if (perSecond !== undefined && Number.isFinite(perSecond)) rates[field] = Number(perSecond.toPrecision(4));
  }
  return Object.keys(rates).length === 0 ? undefined : rates;
}
