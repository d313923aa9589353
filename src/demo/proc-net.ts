import type { Kernel } from './kernel.ts';
import { snmpIp, snmpUdp } from './kernel-columns.ts';

/** Counts by the name that rules use: `TcpExt.PAWSPassive`, `Tcp.PassiveOpens`. What is left out is 0. */
export type Counts = ReadonlyMap<string, number>;

const group = (name: string, columns: readonly string[], counts: Counts): string => {
  const values = columns.map(column => counts.get(`${name}.${column}`) ?? 0);
  return `${name}: ${columns.join(' ')}\n${name}: ${values.join(' ')}\n`;
};

/** `/proc/net/netstat`. Source: net/ipv4/proc.c, netstat_seq_show(). */
export const netstatText = (kernel: Kernel, counts: Counts): string =>
  group('TcpExt', kernel.tcpExt, counts) + group('IpExt', kernel.ipExt, counts);

/** RtoAlgorithm 1 and RTO bounds in ms are constants, MaxConn -1 means "dynamic". Source: RFC 4022; net/ipv4/proc.c. */
const tcpConstants: Counts = new Map([
  ['Ip.Forwarding', 2],
  ['Ip.DefaultTTL', 64],
  ['Tcp.RtoAlgorithm', 1],
  ['Tcp.RtoMin', 200],
  ['Tcp.RtoMax', 120_000],
  ['Tcp.MaxConn', -1],
]);

/** `/proc/net/snmp`. Source: net/ipv4/proc.c, snmp_seq_show(). */
export function snmpText(kernel: Kernel, counts: Counts): string {
  const all = new Map([...counts, ...tcpConstants]);
  return group('Ip', snmpIp, all) + group('Tcp', kernel.tcp, all) + group('Udp', snmpUdp, all);
}

/** `/proc/net/softnet_stat` of one CPU: packets processed, nothing dropped or squeezed. Source: net/core/net-procfs.c. */
export const softnetText = (packets: number): string =>
  `${[packets, ...Array<number>(9).fill(0)].map(n => (n >>> 0).toString(16).padStart(8, '0')).join(' ')}\n`;

/** `/proc/net/dev` with loopback and one interface. Source: net/core/net-procfs.c. */
export function devText(packets: number): string {
  const row = (name: string, bytes: number, count: number): string =>
    `${name.padStart(6)}: ${bytes} ${count} 0 0 0 0 0 0 ${bytes} ${count} 0 0 0 0 0 0\n`;
  return (
    'Inter-|   Receive                                                |  Transmit\n' +
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n' +
    row('lo', 0, 0) +
    row('eth0', packets * 412, packets)
  );
}

/** `/proc/net/sockstat`. Source: net/ipv4/proc.c, sockstat_seq_show(). */
export const sockstatText = (open: number, timeWait: number): string =>
  `sockets: used ${open + 119}\nTCP: inuse ${open} orphan 0 tw ${timeWait} alloc ${open + 3} mem ${Math.ceil(open / 8)}\n` +
  'UDP: inuse 4 mem 2\nUDPLITE: inuse 0\nRAW: inuse 0\nFRAG: inuse 0 memory 0\n';

/** `/proc/net/sockstat6`. */
export const sockstat6Text = (open: number): string =>
  `TCP6: inuse ${open}\nUDP6: inuse 1\nUDPLITE6: inuse 0\nRAW6: inuse 0\nFRAG6: inuse 0 memory 0\n`;
