import { CounterTable } from '../model/counter-table.ts';
import type { ClientFacts, EarlierRun, Facts } from '../model/facts.ts';
import type { NatRange } from '../model/host.ts';
import { absent, type NoReading, ok, type Reading } from '../model/reading.ts';
import type { Severity, Verdict } from '../model/rule.ts';
import type { Profile } from '../model/run.ts';
import type { BootSettings, CounterSource, Sample, Snapshot, SocketTable } from '../model/snapshot.ts';
import type { SshAlgorithms } from '../model/visit.ts';

/** The few facts of a host that matter to an example; everything else is absent (`not-collected`). */
export interface ExampleHost {
  /** Running sysctl values by dotted key; a key left out is not in this kernel. */
  readonly settings?: Readonly<Record<string, string | NoReading>>;
  /** Default true. */
  readonly ipv4Readable?: boolean;
  /** Counters by name; two numbers are two samples. Left out: no counters could be read. */
  readonly counters?: Readonly<Record<string, number | readonly [number, number]>>;
  /** Counter files that this host does not have. */
  readonly missing?: readonly CounterSource[];
  /** Between the samples. Default 2 s. */
  readonly intervalSeconds?: number;
  /** At the last sample. Default one day; null: unknown, as in pasted text. */
  readonly uptimeSeconds?: number | null;
  /** Left out: the sockets could not be read. */
  readonly clients?: Partial<ClientFacts>;
  /** Left out: the sockets could not be read. */
  readonly sockets?: Partial<SocketTable>;
  /** What was negotiated; left out: not known. */
  readonly ssh?: SshAlgorithms;
  /** `nat` entries that the host's groups name. */
  readonly declared?: readonly NatRange[];
  readonly boot?: Partial<BootSettings>;
  readonly earlierRun?: EarlierRun;
  /** Default `audit`. */
  readonly profile?: Profile;
}

/** A host and what a rule must say of it. */
export interface Example {
  readonly name: string;
  readonly host: ExampleHost;
  readonly verdict: Verdict;
  /** Of a finding. */
  readonly state?: string;
  readonly severity?: Severity;
}

const notCollected = absent('not-collected');

/** Facts of a host of which only the given things are known. */
export function exampleFacts(host: ExampleHost): Facts {
  const { declared = [], earlierRun = null, profile = 'audit', clients, ssh } = host;
  return {
    snapshot: exampleSnapshot(host),
    clients: clients === undefined ? notCollected : ok({ ...noClients, declared, ...clients }),
    declared,
    earlierRun,
    ssh: ssh === undefined ? notCollected : ok(ssh),
    profile,
  };
}

const noClients: ClientFacts = {
  connections: 0,
  addresses: 0,
  shared: [],
  declared: [],
  complete: true,
  serverClosesFirst: null,
};

const noSockets: SocketTable = { states: {}, listeners: [], halfOpen: [], peers: [], rest: [], destinations: [] };

const noBoot: BootSettings = { procps: new Map(), systemd: null, commandLine: new Map(), later: new Map(), unread: {} };

function exampleSnapshot(host: ExampleHost): Snapshot {
  const samples = exampleSamples(host);
  const settings = Object.entries(host.settings ?? {}).map(([key, value]): [string, Reading<string>] => [
    key,
    typeof value === 'string' ? ok(value) : value,
  ]);
  return {
    kernel: notCollected,
    os: notCollected,
    bootId: notCollected,
    hostname: notCollected,
    settings: new Map(settings),
    ipv4Readable: host.ipv4Readable ?? true,
    samples,
    onlyOneSample: samples.length === 2 ? null : 'one sample was asked for',
    sockets: host.sockets === undefined ? notCollected : ok({ ...noSockets, ...host.sockets }),
    tcpMetrics: notCollected,
    boot: host.boot === undefined ? notCollected : ok({ ...noBoot, ...host.boot }),
    namespaces: notCollected,
    unread: {},
  };
}

function exampleSamples(host: ExampleHost): Snapshot['samples'] {
  const { counters, intervalSeconds = 2, uptimeSeconds = 86_400 } = host;
  const at = (index: 0 | 1): Sample => ({
    uptimeSeconds: uptimeSeconds === null ? notCollected : ok(uptimeSeconds - (index === 0 ? intervalSeconds : 0)),
    tables: { ...(counters === undefined ? unreadTables : tablesOf(counters, index)), ...absentTables(host) },
  });
  const two = Object.values(counters ?? {}).some(value => typeof value !== 'number');
  return two ? [at(0), at(1)] : [at(1)];
}

const absentTables = ({ missing = [] }: ExampleHost): Partial<Record<CounterSource, NoReading>> =>
  Object.fromEntries(missing.map(source => [source, absent('no-such-file')]));

const unreadTables: Readonly<Record<CounterSource, NoReading>> = {
  'proc/net/netstat': notCollected,
  'proc/net/snmp': notCollected,
  'proc/net/snmp6': notCollected,
  'proc/net/sockstat': notCollected,
  'proc/net/sockstat6': notCollected,
  'proc/net/softnet_stat': notCollected,
  'proc/net/dev': notCollected,
  'proc/net/stat/nf_conntrack': notCollected,
  'proc/sys/net/netfilter/nf_conntrack_count': notCollected,
  'proc/net/stat/arp_cache': notCollected,
  'proc/net/stat/ndisc_cache': notCollected,
  'proc/net/stat/rt_cache': notCollected,
};

/** Which table a counter stands in, by how its name begins; what is not listed stands in /proc/net/dev. */
const sourceOfPrefix: ReadonlyArray<readonly [RegExp, CounterSource]> = [
  [/^(Tcp|Ip)Ext\./, 'proc/net/netstat'],
  [/^(Tcp|Ip|Icmp|Udp)\./, 'proc/net/snmp'],
  [/^Ip6/, 'proc/net/snmp6'],
  [/^TCP6\./, 'proc/net/sockstat6'],
  [/^(TCP|sockets)\./, 'proc/net/sockstat'],
  [/^softnet_stat\./, 'proc/net/softnet_stat'],
  [/^nf_conntrack\.count$/, 'proc/sys/net/netfilter/nf_conntrack_count'],
  [/^nf_conntrack\./, 'proc/net/stat/nf_conntrack'],
  [/^arp_cache\./, 'proc/net/stat/arp_cache'],
  [/^ndisc_cache\./, 'proc/net/stat/ndisc_cache'],
  [/^rt_cache\./, 'proc/net/stat/rt_cache'],
];
export const sourceOf = (field: string): CounterSource =>
  sourceOfPrefix.find(([begins]) => begins.test(field))?.[1] ?? 'proc/net/dev';

/** A table is there if the example has a counter of it; netstat and snmp are there as soon as it has any. */
function tablesOf(
  counters: NonNullable<ExampleHost['counters']>,
  index: 0 | 1,
): Readonly<Record<CounterSource, Reading<CounterTable>>> {
  const bySource = new Map<CounterSource, [string, number][]>([
    ['proc/net/netstat', []],
    ['proc/net/snmp', []],
  ]);
  for (const [field, value] of Object.entries(counters)) {
    const source = sourceOf(field);
    const entry: [string, number] = [field, typeof value === 'number' ? value : value[index]];
    bySource.set(source, [...(bySource.get(source) ?? []), entry]);
  }
  const tables = [...bySource].map(([source, entries]) => [source, ok(CounterTable.of(entries))] as const);
  return { ...unreadTables, ...Object.fromEntries(tables) };
}
