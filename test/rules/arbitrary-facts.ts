import { CounterTable } from '../../src/model/counter-table.ts';
import type { ClientFacts, Facts } from '../../src/model/facts.ts';
import type { NatRange } from '../../src/model/host.ts';
import { type AbsentWhy, absent, malformed, ok, type Reading } from '../../src/model/reading.ts';
import {
  type BootSetting,
  type BootSettings,
  type CounterSource,
  type LaterWrite,
  type Sample,
  type Snapshot,
  type SocketTable,
  type TcpMetric,
  tcpStates,
} from '../../src/model/snapshot.ts';
import type { Rule } from '../../src/rules/define.ts';
import { type ExampleHost, sourceOf } from '../../src/rules/example.ts';
import fc from '../fast-check.ts';

const whys: readonly AbsentWhy[] = [
  'no-such-file',
  'not-in-this-kernel',
  'not-permitted',
  'command-missing',
  'not-collected',
];

/** A value, or any way of having none. */
const reading = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Reading<T>> =>
  fc.oneof(
    { weight: 4, arbitrary: value.map(ok) },
    { weight: 1, arbitrary: fc.constantFrom(...whys).map(why => absent(why)) },
    { weight: 1, arbitrary: fc.string().map(why => malformed(why)) },
  );

const settingValue = fc.oneof(fc.constantFrom('0', '1', '2', '-1', '', ' ', '1\n', '“1”', '9'.repeat(40)), fc.string());

const counterValue = fc.oneof(fc.nat(3), fc.maxSafeNat(), fc.constantFrom(-1, 2 ** 63, 2 ** 64));
const sources: readonly CounterSource[] = [
  'proc/net/netstat',
  'proc/net/snmp',
  'proc/net/snmp6',
  'proc/net/sockstat',
  'proc/net/sockstat6',
  'proc/net/softnet_stat',
  'proc/net/dev',
  'proc/net/stat/nf_conntrack',
  'proc/sys/net/netfilter/nf_conntrack_count',
  'proc/net/stat/arp_cache',
  'proc/net/stat/ndisc_cache',
  'proc/net/stat/rt_cache',
];

/** A table of any of the counters that stand in this source. */
const tableOf = (names: readonly string[]): fc.Arbitrary<CounterTable> =>
  names.length === 0
    ? fc.constant(CounterTable.of([]))
    : fc
        .dictionary(fc.constantFrom(...names), counterValue, { maxKeys: names.length })
        .map(entries => CounterTable.of(Object.entries(entries)));

const sampleOf = (counters: readonly string[]): fc.Arbitrary<Sample> =>
  fc.record({
    uptimeSeconds: reading(fc.oneof(fc.nat(), fc.constant(0))),
    tables: fc.record(
      Object.fromEntries(
        sources.map(source => [source, reading(tableOf(counters.filter(name => sourceOf(name) === source)))]),
      ) as Record<CounterSource, fc.Arbitrary<Reading<CounterTable>>>,
    ),
  });

const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('10.8.0.5', '::ffff:10.8.0.6', 'nonsense', ''));
const states = fc.dictionary(fc.constantFrom(...tcpStates), fc.nat(100));
const sockets: fc.Arbitrary<SocketTable> = fc.record({
  states,
  listeners: fc.array(fc.record({ address, port: fc.nat(65535), queued: fc.nat(), limit: fc.option(fc.nat()) }), {
    maxLength: 3,
  }),
  halfOpen: fc.array(fc.record({ port: fc.nat(65535), requests: fc.nat(), retransmitted: fc.nat() }), { maxLength: 2 }),
  peers: fc.array(
    fc.record({ address, port: fc.nat(65535), connections: fc.nat(5000), states, lowPorts: fc.nat(5000) }),
    { maxLength: 6 },
  ),
  rest: fc.array(
    fc.record({
      prefix: fc.constantFrom('10.8.0.0/16', '10.9', '2001:db8::/32', '', '1.2.0.0/16'),
      connections: fc.nat(),
    }),
    { maxLength: 2 },
  ),
  destinations: fc.array(fc.record({ address, port: fc.nat(65535), connections: fc.nat(), timeWait: fc.nat() }), {
    maxLength: 2,
  }),
});
const metric: fc.Arbitrary<TcpMetric> = fc.record({
  address,
  ageSeconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
});

const line = fc.record({
  value: settingValue,
  file: fc.constantFrom('/etc/sysctl.conf', '/etc/sysctl.d/a.conf'),
  line: fc.nat(),
});
const bootSetting: fc.Arbitrary<BootSetting> = fc
  .tuple(line, fc.array(line, { maxLength: 2 }))
  .map(([winner, losers]) => (losers.length === 0 ? winner : { ...winner, losers }));
const laterWrite: fc.Arbitrary<LaterWrite> = fc
  .tuple(
    line,
    fc.constantFrom({}, { by: 'by tuned profile web' }),
    fc.constantFrom({}, { condition: 'if it is run' }),
    fc.constantFrom({}, { effect: 'raises' as const }, { effect: 'lowers' as const }, { effect: 'unknown' as const }),
  )
  .map(([written, by, condition, effect]) => ({ ...written, ...by, ...condition, ...effect }));
const bootOf = (keys: readonly string[]): fc.Arbitrary<BootSettings> => {
  const engine = fc
    .dictionary(fc.constantFrom(...keys), bootSetting)
    .map((entries): ReadonlyMap<string, BootSetting> => new Map(Object.entries(entries)));
  return fc.record({
    procps: engine,
    systemd: fc.option(engine),
    commandLine: engine,
    later: fc
      .dictionary(fc.constantFrom(...keys), fc.array(laterWrite, { maxLength: 3 }))
      .map((entries): ReadonlyMap<string, readonly LaterWrite[]> => new Map(Object.entries(entries))),
    unread: fc.dictionary(fc.constantFrom('/etc/sysctl.d/a.conf', '/etc/sysctl.conf'), fc.constant('not permitted')),
  });
};

/** What a rule looks at: the names that its facts are made of. */
export interface Names {
  readonly counters: readonly string[];
  readonly settings: readonly string[];
}

const usual: Names = {
  counters: [
    'TcpExt.PAWSPassive',
    'TcpExt.ListenDrops',
    'TcpExt.ListenOverflows',
    'TcpExt.TW',
    'TcpExt.TWKilled',
    'Tcp.PassiveOpens',
  ],
  settings: ['net.ipv4.tcp_tw_recycle', 'net.ipv4.tcp_timestamps', 'net.ipv4.tcp_syncookies', 'net.core.somaxconn'],
};

/** Names that the examples of a rule speak of, and those that every host has. */
export function namesOf({ examples }: Pick<Rule, 'examples'>): Names {
  const keys = (of: (host: ExampleHost) => object | undefined): string[] =>
    examples.flatMap(({ host }) => Object.keys(of(host) ?? {}));
  return {
    counters: [...new Set([...usual.counters, ...keys(host => host.counters)])],
    settings: [...new Set([...usual.settings, ...keys(host => host.settings)])],
  };
}

/** Any snapshot, of hosts that make sense and of those that do not. */
const snapshotAbout = ({ counters, settings }: Names): fc.Arbitrary<Snapshot> => {
  const sample = sampleOf(counters);
  return fc.record({
    kernel: reading(fc.string()),
    os: reading(fc.string()),
    bootId: reading(fc.uuid()),
    hostname: reading(fc.string()),
    settings: fc
      .dictionary(fc.constantFrom(...settings), reading(settingValue))
      .map((entries): ReadonlyMap<string, Reading<string>> => new Map(Object.entries(entries))),
    ipv4Readable: fc.boolean(),
    samples: fc.oneof(
      sample.map((one): Snapshot['samples'] => [one]),
      fc.tuple(sample, sample).map((two): Snapshot['samples'] => two),
    ),
    onlyOneSample: fc.option(fc.string()),
    sockets: reading(sockets),
    tcpMetrics: reading(fc.array(metric, { maxLength: 4 })),
    boot: reading(bootOf(settings)),
    namespaces: fc.constant(absent('not-collected')),
    unread: fc.dictionary(fc.constantFrom('proc/net/netstat', 'etc/sysctl.conf'), fc.string()),
  });
};

export const arbitrarySnapshot: fc.Arbitrary<Snapshot> = snapshotAbout(usual);

/** `nat` entries of an inventory, checked or not. */
export const arbitraryRanges: fc.Arbitrary<readonly NatRange[]> = fc.array(
  fc.record({
    name: fc.constantFrom('vpc-egress', 'office'),
    cidrs: fc.array(fc.constantFrom('10.8.0.0/16', '2001:db8::/32', '0.0.0.0/0', 'nonsense'), { maxLength: 4 }),
    status: fc.constantFrom('active', 'expected'),
  }),
  { maxLength: 3 },
);

const clients: fc.Arbitrary<ClientFacts> = fc.record({
  connections: fc.nat(),
  addresses: fc.nat(),
  shared: fc.array(
    fc.record({ address, connections: fc.nat(), because: fc.array(fc.string(), { minLength: 1, maxLength: 3 }) }),
    { maxLength: 4 },
  ),
  declared: arbitraryRanges,
  complete: fc.boolean(),
  serverClosesFirst: fc.option(fc.boolean()),
});

/** Anything that a rule may be asked to judge. */
export const factsAbout = (names: Names): fc.Arbitrary<Facts> =>
  fc.record({
    snapshot: snapshotAbout(names),
    clients: reading(clients),
    declared: arbitraryRanges,
    earlierRun: fc.option(fc.record({ runId: fc.string(), secondsAgo: fc.nat(), pawsPassive: fc.nat(5) })),
    ssh: reading(fc.record({ kex: fc.string(), hostKey: fc.string(), cipher: fc.string(), mac: fc.string() })),
    profile: fc.constantFrom('audit', 'readiness'),
  });
