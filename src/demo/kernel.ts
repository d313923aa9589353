import {
  ipExt,
  ipExt2632,
  snmpTcp,
  snmpTcp2632,
  tcpExt49,
  tcpExt310,
  tcpExt514,
  tcpExt2632,
} from './kernel-columns.ts';
import { settings49, settings310, settings514, settings2632 } from './kernel-settings.ts';

/** What the /proc of one kernel looks like: names and defaults, no counts. */
export interface Kernel {
  /** `uname -r`. */
  readonly release: string;
  /** Columns of `/proc/net/netstat`. */
  readonly tcpExt: readonly string[];
  readonly ipExt: readonly string[];
  /** Columns of the Tcp group of `/proc/net/snmp`. */
  readonly tcp: readonly string[];
  /** Values below `/proc/sys/net` by dotted key without `net.`: `ipv4.tcp_timestamps`. */
  readonly settings: ReadonlyMap<string, string>;
}

const settingsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .trim()
      .split('\n')
      .map(line => {
        const space = line.indexOf(' ');
        return [line.slice(0, space), line.slice(space + 1)];
      }),
  );

const modern = { tcpExt: tcpExt514, ipExt, tcp: snmpTcp, settings: settingsOf(settings514) };

/** The kernels of the demo, oldest first. Only the first three have tcp_tw_recycle and PAWSPassive. */
export const kernels = {
  el6: {
    release: '2.6.32-754.35.1.el6.x86_64',
    tcpExt: tcpExt2632,
    ipExt: ipExt2632,
    tcp: snmpTcp2632,
    settings: settingsOf(settings2632),
  },
  el7: {
    release: '3.10.0-1160.el7.x86_64',
    tcpExt: tcpExt310,
    ipExt,
    tcp: snmpTcp,
    settings: settingsOf(settings310),
  },
  v49: { release: '4.9.0-19-amd64', tcpExt: tcpExt49, ipExt, tcp: snmpTcp, settings: settingsOf(settings49) },
  el9: { release: '5.14.0-427.13.1.el9_4.x86_64', ...modern },
  jammy: { release: '5.15.0-119-generic', ...modern },
  bookworm: { release: '6.1.0-23-amd64', ...modern },
  alpine: { release: '6.1.102-0-lts', ...modern },
} as const satisfies Readonly<Record<string, Kernel>>;
