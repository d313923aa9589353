import type { CounterTable } from '../model/counter-table.ts';
import { parseCounterLines } from './counter-line.ts';
import type { FileSource } from './source.ts';

/**
 * `/proc/net/netstat`: the TcpExt and IpExt counters of this network namespace, PAWSPassive and ListenDrops among them.
 * Source: net/ipv4/proc.c, netstat_seq_show().
 */
export const netstat: FileSource<CounterTable> = {
  path: 'proc/net/netstat',
  sampled: true,
  parse: parseCounterLines,
};
