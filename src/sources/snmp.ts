import type { CounterTable } from '../model/counter-table.ts';
import { parseCounterLines } from './counter-line.ts';
import type { FileSource } from './source.ts';

/**
 * `/proc/net/snmp`: the counters of RFC 4293 and RFC 4022 (Ip, Icmp, Tcp, Udp) of this network namespace.
 * Source: net/ipv4/proc.c, snmp_seq_show().
 */
export const snmp: FileSource<CounterTable> = {
  path: 'proc/net/snmp',
  sampled: true,
  parse: parseCounterLines,
};
