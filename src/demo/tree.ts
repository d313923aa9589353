import type { MachineKind, Motion } from './kind.ts';
import { type Counts, devText, netstatText, snmpText, sockstat6Text, sockstatText, softnetText } from './proc-net.ts';
import { type SocketPlan, socketTables } from './sockets.ts';
import type { TreeEntry } from './sysctl-files.ts';

/** One host's own part of its kind. */
export interface Machine {
  readonly kind: MachineKind;
  /** Counts from 0 within the fleet; scatters rates and totals, so that no two hosts are alike. */
  readonly number: number;
  /** A UUID. */
  readonly bootId: string;
  readonly hostname: string;
}

/** Files of a tree by path below its root. */
export type Tree = ReadonlyMap<string, TreeEntry>;

/** What any busy server counts. Rates are those of some 40 connections a second. */
const traffic: Readonly<Record<string, Motion>> = {
  'Ip.InReceives': [91_422_117, 640],
  'Ip.InDelivers': [91_422_117, 640],
  'Ip.OutRequests': [88_713_904, 610],
  'Tcp.ActiveOpens': [220_187, 1],
  'Tcp.PassiveOpens': [5_211_408, 41],
  'Tcp.EstabResets': [1_903, 0],
  'Tcp.InSegs': [90_985_220, 636],
  'Tcp.OutSegs': [88_600_431, 606],
  'Udp.InDatagrams': [402_118, 2],
  'Udp.OutDatagrams': [402_240, 2],
  'TcpExt.DelayedACKs': [701_522, 5],
  'TcpExt.TCPHPHits': [21_440_871, 150],
  'TcpExt.TCPPureAcks': [19_004_112, 130],
  'TcpExt.TCPHPAcks': [24_871_005, 170],
  'TcpExt.TCPOrigDataSent': [41_002_877, 290],
  'IpExt.InOctets': [37_665_912_204, 263_000],
  'IpExt.OutOctets': [81_129_334_871, 566_000],
};

/** Between 0.6 and 1.4, evenly scattered over the numbers: multiples of the golden ratio. */
const scatter = (number: number): number => 0.6 + 0.8 * ((number * 0.618_033_988_749) % 1);

/** Server closes first: with recycle and timestamps each close counts as TWKilled, else as TW (lab, 3.10 and 4.9). */
function closes(machine: Machine): Readonly<Record<string, Motion>> {
  const { settings } = machine.kind;
  const killed = settings['ipv4.tcp_tw_recycle'] === '1' && settings['ipv4.tcp_timestamps'] !== '0';
  return { [killed ? 'TcpExt.TWKilled' : 'TcpExt.TW']: [4_988_210, 39] };
}

/** All counters of a machine, `seconds` after the demo began. */
function countsAt(machine: Machine, seconds: number): Counts {
  const factor = scatter(machine.number);
  const motions = Object.entries({ ...traffic, ...closes(machine), ...machine.kind.counters });
  return new Map(motions.map(([name, [base, rate]]) => [name, Math.floor(factor * (base + rate * seconds))]));
}

/** `/proc/uptime`. The second number is the idle time of all CPUs. */
function uptimeText(machine: Machine, seconds: number): string {
  const up = Math.floor(machine.kind.uptimeDays * 86_400 * scatter(machine.number)) + seconds;
  return `${up.toFixed(2)} ${(up * 1.8).toFixed(2)}\n`;
}

/** The files that move, `seconds` after the demo began: the clock and the counters of one instant. */
export function movingFiles(machine: Machine, seconds: number): Tree {
  const { kernel } = machine.kind;
  const counts = countsAt(machine, seconds);
  const packets = counts.get('Ip.InReceives') ?? 0;
  return new Map([
    ['proc/uptime', uptimeText(machine, seconds)],
    ['proc/net/netstat', netstatText(kernel, counts)],
    ['proc/net/snmp', snmpText(kernel, counts)],
    ['proc/net/softnet_stat', softnetText(packets)],
    ['proc/net/dev', devText(packets)],
  ]);
}

function socketFiles(machine: Machine): ReadonlyArray<readonly [string, string]> {
  const { listening, clients, dualStack } = machine.kind;
  const plan: SocketPlan = { address: `10.20.7.${1 + (machine.number % 250)}`, listening, clients, dualStack };
  const { tcp, tcp6 } = socketTables(plan);
  const established = clients.reduce((sum, group) => sum + group.established, 0);
  const timeWait = clients.reduce((sum, group) => sum + group.timeWait, 0);
  return [
    ['proc/net/tcp', tcp],
    ['proc/net/tcp6', tcp6],
    ['proc/net/sockstat', sockstatText(listening.length + (dualStack ? 0 : established), timeWait)],
    ['proc/net/sockstat6', sockstat6Text(listening.length + (dualStack ? established : 0))],
  ];
}

function osFile({ file, name }: MachineKind['os']): readonly [string, string] {
  return [file, file === 'etc/os-release' ? `PRETTY_NAME="${name}"\nNAME="${name.split(' ')[0]}"\n` : `${name}\n`];
}

/** The files that stay as they are. */
export function standingFiles(machine: Machine): Tree {
  const { kernel, settings, files, os } = machine.kind;
  const values = new Map([...kernel.settings, ...Object.entries(settings)]);
  return new Map<string, TreeEntry>([
    ...[...values].map(([key, value]) => [`proc/sys/net/${key.replaceAll('.', '/')}`, `${value}\n`] as const),
    ['proc/sys/kernel/osrelease', `${kernel.release}\n`],
    ['proc/sys/kernel/ostype', 'Linux\n'],
    ['proc/sys/kernel/random/boot_id', `${machine.bootId}\n`],
    ['proc/sys/kernel/hostname', `${machine.hostname}\n`],
    osFile(os),
    ...socketFiles(machine),
    ...Object.entries(files),
  ]);
}
