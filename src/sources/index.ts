import { arpCacheStat, conntrackStat, ndiscCacheStat, routeCacheStat } from './cache-stat.ts';
import { conntrackCount } from './conntrack-count.ts';
import { bootId, hostname, osRelease, osReleaseFile, redhatRelease } from './identity.ts';
import { netDev } from './net-dev.ts';
import { netstat } from './netstat.ts';
import { snmp } from './snmp.ts';
import { snmp6 } from './snmp6.ts';
import { sockstat, sockstat6 } from './sockstat.ts';
import { softnetStat } from './softnet-stat.ts';
import type { FileSource } from './source.ts';
import { uptime } from './uptime.ts';

/** Counter and gauge files, read in every sample. `satisfies` in snapshot/build.ts checks that none is missing. */
export const counterSources = [
  netstat,
  snmp,
  snmp6,
  sockstat,
  sockstat6,
  softnetStat,
  netDev,
  conntrackStat,
  conntrackCount,
  arpCacheStat,
  ndiscCacheStat,
  routeCacheStat,
] as const;

/** Every file that is read by its own name. */
export const fileSources: readonly FileSource<unknown>[] = [
  uptime,
  ...counterSources,
  osRelease,
  bootId,
  hostname,
  osReleaseFile,
  redhatRelease,
];
