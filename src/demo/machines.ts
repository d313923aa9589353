import { kernels } from './kernel.ts';
import type { MachineKind } from './kind.ts';
import type { ClientGroup } from './sockets.ts';
import {
  fixThatLoses,
  nothingSet,
  nothingSetBusybox,
  setBeforeSystemd,
  setByDropIn,
  setInSysctlConf,
  setWithoutTimestamps,
} from './sysctl-files.ts';

/** `count` addresses of one /24 with a few connections each, their ports where Linux clients choose them. */
const neighbours = (net: string, port: number, count: number): ClientGroup[] =>
  Array.from({ length: count }, (_, index) => ({
    address: `${net}.${11 + index}`,
    port,
    established: 2 + (index % 3),
    timeWait: index % 2,
    lowPorts: 0,
  }));

/** One address that many clients share, with the remote ports of a NAT box. */
const gateway = (address: string, port: number, connections: number): ClientGroup => ({
  address,
  port,
  established: connections - 6,
  timeWait: 6,
  lowPorts: Math.round(connections * 0.63),
});

/** Recycle drops also count as ListenDrops from 3.9 on, not before (kernel commit 848bf15f3c32). */
const recycleDrops = (sinceBoot: number, perSecond: number) => ({
  'TcpExt.PAWSPassive': [sinceBoot, perSecond] as const,
  'TcpExt.ListenDrops': [sinceBoot, perSecond] as const,
});

const centos7 = { file: 'etc/os-release', name: 'CentOS Linux 7 (Core)' } as const;

const el7: MachineKind = {
  kernel: kernels.el7,
  os: centos7,
  uptimeDays: 212,
  settings: {},
  files: nothingSet,
  counters: {},
  listening: [22, 8080],
  clients: neighbours('10.20.1', 8080, 12),
  dualStack: false,
  shell: 'sh',
};

const recycling = { 'ipv4.tcp_tw_recycle': '1' };

/** The machines that have tcp_tw_recycle, each on another rung of the ladder of rule `tw-recycle`. */
export const oldMachines = {
  firing: {
    ...el7,
    settings: recycling,
    files: setByDropIn,
    counters: recycleDrops(5001, 59.5),
    clients: [gateway('10.8.0.5', 8080, 118), gateway('10.8.3.9', 8080, 46), ...neighbours('10.20.1', 8080, 20)],
  },
  fired: {
    ...el7,
    kernel: kernels.el6,
    os: { file: 'etc/redhat-release', name: 'CentOS release 6.10 (Final)' },
    uptimeDays: 703,
    settings: recycling,
    files: setBeforeSystemd,
    counters: { 'TcpExt.PAWSPassive': [31_204, 0] },
    listening: [22, 80],
    clients: neighbours('10.20.4', 80, 8),
  },
  firingWithoutNat: {
    ...el7,
    kernel: kernels.v49,
    os: { file: 'etc/os-release', name: 'Debian GNU/Linux 9 (stretch)' },
    uptimeDays: 97,
    settings: recycling,
    files: setInSysctlConf,
    counters: recycleDrops(140, 11.5),
    listening: [22, 443],
    clients: [...neighbours('203.0.113', 443, 14), ...neighbours('198.51.100', 443, 9)],
    dualStack: true,
  },
  exposed: {
    ...el7,
    uptimeDays: 31,
    settings: recycling,
    files: setInSysctlConf,
    listening: [22, 443],
    clients: [gateway('10.8.0.5', 443, 40), ...neighbours('10.20.2', 443, 6)],
  },
  latent: { ...el7, uptimeDays: 340, settings: recycling, files: setInSysctlConf },
  inert: { ...el7, settings: { ...recycling, 'ipv4.tcp_timestamps': '0' }, files: setWithoutTimestamps },
  fixedUntilReboot: {
    ...el7,
    uptimeDays: 58,
    files: fixThatLoses,
    counters: recycleDrops(18_211, 0),
    listening: [22, 5432],
    clients: neighbours('10.20.1', 5432, 16),
  },
} as const satisfies Readonly<Record<string, MachineKind>>;

const debian12: MachineKind = {
  ...el7,
  kernel: kernels.bookworm,
  os: { file: 'etc/os-release', name: 'Debian GNU/Linux 12 (bookworm)' },
  uptimeDays: 43,
  clients: [gateway('10.8.0.5', 8080, 64), ...neighbours('10.20.1', 8080, 12)],
};

/** The machines whose kernel has dropped tcp_tw_recycle: nothing to find, or another cause. */
export const modernMachines = {
  debian12,
  overflowing: {
    ...debian12,
    uptimeDays: 12,
    counters: { 'TcpExt.ListenOverflows': [41_873, 3.1], 'TcpExt.ListenDrops': [41_873, 3.1] },
    listening: [22, 443],
    clients: neighbours('10.20.6', 443, 30),
  },
  rhel9: {
    ...debian12,
    kernel: kernels.el9,
    os: { file: 'etc/os-release', name: 'Red Hat Enterprise Linux 9.4 (Plow)' },
    uptimeDays: 88,
    listening: [22, 5432],
    clients: neighbours('10.20.1', 5432, 16),
  },
  ubuntu2204: {
    ...debian12,
    kernel: kernels.jammy,
    os: { file: 'etc/os-release', name: 'Ubuntu 22.04.4 LTS' },
    uptimeDays: 19,
    listening: [22, 6379],
    clients: neighbours('10.20.1', 6379, 18),
  },
  busybox: {
    ...debian12,
    kernel: kernels.alpine,
    os: { file: 'etc/os-release', name: 'Alpine Linux v3.18' },
    uptimeDays: 160,
    files: nothingSetBusybox,
    listening: [22, 3128],
    clients: neighbours('10.20.9', 3128, 5),
    shell: 'busybox',
  },
} as const satisfies Readonly<Record<string, MachineKind>>;

/** Every kind of machine by name. */
export const machines = { ...oldMachines, ...modernMachines };
export type MachineName = keyof typeof machines;
