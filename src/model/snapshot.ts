import type { CounterTable } from './counter-table.ts';
import type { Reading } from './reading.ts';
import { absent, ok } from './reading.ts';

/** Sources that hold counters or gauges and are therefore read in every sample. */
export type CounterSource =
  | 'proc/net/netstat'
  | 'proc/net/snmp'
  | 'proc/net/snmp6'
  | 'proc/net/sockstat'
  | 'proc/net/sockstat6'
  | 'proc/net/softnet_stat'
  | 'proc/net/dev'
  | 'proc/net/stat/nf_conntrack'
  | 'proc/sys/net/netfilter/nf_conntrack_count'
  | 'proc/net/stat/arp_cache'
  | 'proc/net/stat/ndisc_cache'
  | 'proc/net/stat/rt_cache';

/** One reading of all counters at one instant. */
export interface Sample {
  /** Seconds since boot when the sample was taken: the clock that rates are computed with. */
  readonly uptimeSeconds: Reading<number>;
  readonly tables: Readonly<Record<CounterSource, Reading<CounterTable>>>;
  /** Tables that were put together from texts. Left out: the kernel printed all of them. */
  readonly excerpts?: Readonly<Partial<Record<CounterSource, Excerpt>>>;
}

/** A table from a text that leaves counters out (`netstat -s`): a name that is missing says nothing by itself. */
export interface Excerpt {
  /** Why a name may be missing, for people. */
  readonly why: string;
  /** Names that this kernel does not have, as another text of the host shows. */
  readonly gone: ReadonlySet<string>;
}

/** TCP states as in `include/net/tcp_states.h`; SYN_RECV includes half-open requests (NEW_SYN_RECV is printed as SYN_RECV). */
export const tcpStates = [
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
] as const;
export type TcpState = (typeof tcpStates)[number];
export type StateCounts = Readonly<Partial<Record<TcpState, number>>>;

/** A listening socket. */
export interface Listener {
  readonly address: string;
  readonly port: number;
  /** Connections waiting for accept(): rx_queue of the LISTEN row. */
  readonly queued: number;
  /** min(backlog, somaxconn) at listen() time: Send-Q of `ss -ltn`; null where `ss` is missing. */
  readonly limit: number | null;
}

/** All connections of one remote address to one listening port. */
export interface Peer {
  /** Canonical text; an IPv4-mapped IPv6 address is written as IPv4. */
  readonly address: string;
  /** The local, listening port. */
  readonly port: number;
  readonly connections: number;
  readonly states: StateCounts;
  /** How many of its remote ports are below 32768, where no current Linux, Windows or macOS client starts. */
  readonly lowPorts: number;
}

/** Outgoing connections to one remote address and port. */
export interface Destination {
  readonly address: string;
  readonly port: number;
  readonly connections: number;
  readonly timeWait: number;
  /** Open ones that neither sent nor received data for longer than so many seconds; left out where it was not asked for. */
  readonly idle?: Readonly<Record<number, number>>;
}

/** TCP sockets, aggregated on the host; never one row per socket. */
export interface SocketTable {
  readonly states: StateCounts;
  readonly listeners: readonly Listener[];
  /** Half-open requests per listening port, and how many of them had their SYN-ACK repeated. */
  readonly halfOpen: readonly { readonly port: number; readonly requests: number; readonly retransmitted: number }[];
  readonly peers: readonly Peer[];
  /** Peers beyond the bound, as counts per /16 (IPv6: /32). Empty: every peer is in `peers`. */
  readonly rest: readonly { readonly prefix: string; readonly connections: number }[];
  readonly destinations: readonly Destination[];
}

/** An entry of `ip tcp_metrics show` that remembers a timestamp. */
export interface TcpMetric {
  readonly address: string;
  /** Age of the remembered timestamp. Unit: s. */
  readonly ageSeconds: number;
}

/** One line of one sysctl file that wins for a key at the next boot. */
export interface BootSetting {
  readonly value: string;
  /** Absolute path on the host. */
  readonly file: string;
  readonly line: number;
  /** Lines that assign the same key and lose to this one, the strongest first; left out if there are none. */
  readonly losers?: readonly Omit<BootSetting, 'losers'>[];
}

/** One line that writes a key at boot after the sysctl files: of a tuned profile, of ufw, of rc.local. */
export interface LaterWrite extends Omit<BootSetting, 'losers'> {
  /** Who writes it, in words: `by tuned profile web`, `again by tuned`. Left out: the file says it. */
  readonly by?: string;
  /** What it takes, in words: `if it is run`. Left out: it is written at every boot. */
  readonly condition?: string;
  /** Raises or lowers a value only, or the value is made where it is written. Left out: it sets the value. */
  readonly effect?: 'raises' | 'lowers' | 'unknown';
}

/** What is set at boot: by the two engines, before them and after them. A key without an entry is set by no file. */
export interface BootSettings {
  /** `sysctl --system` of procps, and the init scripts that do the same. */
  readonly procps: ReadonlyMap<string, BootSetting>;
  /** systemd-sysctl; null where the host has no systemd. */
  readonly systemd: ReadonlyMap<string, BootSetting> | null;
  /** The kernel command line: before either engine, and weaker than any file. */
  readonly commandLine: ReadonlyMap<string, BootSetting>;
  /** Whatever writes keys after the sysctl files, whichever engine applied them; of a key in the order of the boot. */
  readonly later: ReadonlyMap<string, readonly LaterWrite[]>;
  /** Files that could not be read, with the reason: the winner may be in one of them. */
  readonly unread: Readonly<Record<string, string>>;
}

/** A network namespace of the host beside the one that the visit logged in to. */
export interface NetworkNamespace {
  /** Inode of the namespace, as in `net:[4026532281]`; where that is not permitted, of its /proc/net. */
  readonly id: string;
  /** `nginx[4711]`: the process that it was read through; `netns blue` where only a mount holds it. */
  readonly owner: string;
  /** The first 12 digits of the container's id, or its name (LXC, nspawn), from the cgroup of that process; else null. */
  readonly container: string | null;
  /** Its own counters, sockets and settings; settings that this kernel has only once are the host's. */
  readonly snapshot: Snapshot;
  /** Keys that this kernel has only once: their values in the snapshot are those of the host. */
  readonly hostKeys: ReadonlySet<string>;
}

/** The other network namespaces of a host. */
export interface Namespaces {
  readonly read: readonly NetworkNamespace[];
  /** What was not seen of them, and why, in one sentence without a full stop; null if all was seen. */
  readonly unseen: string | null;
}

/** Everything one visit learnt of one host. Plain data; nothing in it is judged. */
export interface Snapshot {
  /** `uname -r`. */
  readonly kernel: Reading<string>;
  /** PRETTY_NAME, or the first line of redhat-release. */
  readonly os: Reading<string>;
  readonly bootId: Reading<string>;
  /** What the host calls itself: /proc/sys/kernel/hostname. */
  readonly hostname: Reading<string>;
  /** Running sysctl values by dotted key: `net.ipv4.tcp_tw_recycle`. Only keys that were there, or there and unreadable. */
  readonly settings: ReadonlyMap<string, Reading<string>>;
  /** Whether `/proc/sys/net/ipv4` itself could be listed; if not, a missing key means nothing. */
  readonly ipv4Readable: boolean;
  /** One or two, oldest first. */
  readonly samples: readonly [Sample] | readonly [Sample, Sample];
  /** Why there is no usable second sample, for people; null if there is one. */
  readonly onlyOneSample: string | null;
  readonly sockets: Reading<SocketTable>;
  readonly tcpMetrics: Reading<readonly TcpMetric[]>;
  readonly boot: Reading<BootSettings>;
  /** Absent where they were not looked for. */
  readonly namespaces: Reading<Namespaces>;
  /** Sources that exist but could not be read or parsed, with the reason: what makes a visit `partial`. */
  readonly unread: Readonly<Record<string, string>>;
}

/**
 * A running sysctl value by dotted key. Absent key: `not-in-this-kernel`, unless nothing was read of the sysctls at all, which
 * `net.ipv4` tells: every Linux has that directory.
 */
export function setting(snapshot: Snapshot, key: string): Reading<string> {
  const found = snapshot.settings.get(key);
  if (found !== undefined) return found;
  return absent(snapshot.ipv4Readable ? 'not-in-this-kernel' : 'not-collected');
}

/** A counter, with what it did between the samples. */
export interface CounterReading {
  readonly source: CounterSource;
  readonly field: string;
  /** Now, since boot of the host (or creation of the network namespace). */
  readonly value: number;
  /** In the first sample; left out where there is one sample, or the counter went backwards. */
  readonly earlier?: number;
  /** Unit: 1/s between the samples. Left out with `earlier`, or where no time passed. */
  readonly perSecond?: number;
  /** Average since boot. Unit: 1/h. Left out where the uptime is unknown. */
  readonly perHourSinceBoot?: number;
}

/** Looks up one counter in the latest sample and compares it with the first. Never invents a zero. */
export function counter(snapshot: Snapshot, source: CounterSource, field: string): Reading<CounterReading> {
  const { samples } = snapshot;
  const latest = samples[samples.length - 1] as Sample;
  const table = latest.tables[source];
  if (table.state !== 'ok') return table;
  const value = table.value.get(field);
  if (value === undefined) {
    const excerpt = latest.excerpts?.[source];
    if (excerpt === undefined || excerpt.gone.has(field)) return absent('not-in-this-kernel');
    return absent('not-collected', excerpt.why);
  }

  const reading: { -readonly [K in keyof CounterReading]: CounterReading[K] } = { source, field, value };
  if (latest.uptimeSeconds.state === 'ok' && latest.uptimeSeconds.value > 0) {
    reading.perHourSinceBoot = (value * 3600) / latest.uptimeSeconds.value;
  }
  const first = samples.length === 2 ? samples[0].tables[source] : undefined;
  const earlier = first?.state === 'ok' ? first.value.get(field) : undefined;
  if (earlier !== undefined && earlier <= value) {
    reading.earlier = earlier;
    const seconds = secondsBetweenSamples(snapshot);
    if (seconds !== undefined) reading.perSecond = (value - earlier) / seconds;
  }
  return ok(reading);
}

/** Time between the two samples by the host's own clock. Unit: s; undefined if unknown or zero. */
export function secondsBetweenSamples({ samples }: Snapshot): number | undefined {
  if (samples.length !== 2) return undefined;
  const [first, second] = samples;
  if (first.uptimeSeconds.state !== 'ok' || second.uptimeSeconds.state !== 'ok') return undefined;
  const seconds = second.uptimeSeconds.value - first.uptimeSeconds.value;
  return seconds > 0 ? seconds : undefined;
}
