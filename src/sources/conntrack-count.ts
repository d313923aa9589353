import { CounterTable } from '../model/counter-table.ts';
import { decimal } from './counter-line.ts';
import type { FileSource } from './source.ts';

/**
 * `/proc/sys/net/netfilter/nf_conntrack_count`: connections tracked now, in this network namespace. It stands among the
 * sysctls but is a gauge: read in every sample, not a setting. Source: net/netfilter/nf_conntrack_standalone.c.
 */
export const conntrackCount: FileSource<CounterTable> = {
  path: 'proc/sys/net/netfilter/nf_conntrack_count',
  sampled: true,
  parse: text => CounterTable.of([['nf_conntrack.count', decimal(text.trim(), 1)]]),
};
