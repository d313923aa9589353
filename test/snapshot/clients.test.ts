import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import type { NatRange } from '../../src/model/host.ts';
import { absent, known, ok } from '../../src/model/reading.ts';
import type { Peer, Snapshot, SocketTable, TcpMetric } from '../../src/model/snapshot.ts';
import { type ExampleHost, exampleFacts } from '../../src/rules/example.ts';
import { clientFacts } from '../../src/snapshot/clients.ts';
import { compileRanges } from '../../src/snapshot/declared-ranges.ts';
import { cpuMs } from '../cpu-time.ts';
import fc from '../fast-check.ts';
import { arbitraryRanges, arbitrarySnapshot } from '../rules/arbitrary-facts.ts';

const vpc: NatRange = { name: 'vpc-egress', cidrs: ['10.8.0.0/16', '2001:db8:8::/48'], status: 'active' };
const office: NatRange = { name: 'office', cidrs: ['10.8.7.0/24'], status: 'expected' };

const peer = (address: string, more: Partial<Peer> = {}): Peer => ({
  address,
  port: 8080,
  connections: 1,
  states: { ESTABLISHED: 1 },
  lowPorts: 0,
  ...more,
});

interface Sockets extends Partial<SocketTable> {
  readonly metrics?: readonly TcpMetric[];
  readonly counters?: NonNullable<ExampleHost['counters']>;
}

const snapshotOf = ({ metrics, counters = {}, ...sockets }: Sockets): Snapshot => ({
  ...exampleFacts({ counters }).snapshot,
  sockets: ok({ states: {}, listeners: [], halfOpen: [], peers: [], rest: [], destinations: [], ...sockets }),
  tcpMetrics: metrics === undefined ? absent('command-missing') : ok(metrics),
});

const clients = (
  sockets: Sockets,
  declared: readonly NatRange[] = [vpc, office],
  hostClients: readonly string[] = [],
) => known(clientFacts(snapshotOf(sockets), { declared, hostClients }));

describe('shared addresses', () => {
  test.each<[string, Sockets, readonly string[]]>([
    ['a peer in a declared range', { peers: [peer('10.8.1.1')] }, ['10.8.1.1: declared:vpc-egress']],
    ['in two ranges, one expected', { peers: [peer('10.8.7.9')] }, ['10.8.7.9: declared:vpc-egress, declared:office']],
    ['IPv4-mapped counts as IPv4', { peers: [peer('::ffff:10.8.1.1')] }, ['::ffff:10.8.1.1: declared:vpc-egress']],
    ['IPv6', { peers: [peer('2001:db8:8::1'), peer('2001:db8:9::1')] }, ['2001:db8:8::1: declared:vpc-egress']],
    ['outside', { peers: [peer('10.9.0.0'), peer('10.7.255.255')] }, []],
    ['no address at all', { peers: [peer('nonsense'), peer('')] }, []],
    [
      'a timestamp younger than 60 s',
      { peers: [peer('1.2.3.4')], metrics: [{ address: '1.2.3.4', ageSeconds: 12 }] },
      ['1.2.3.4: tw_ts 12 s old'],
    ],
    ['an older one', { peers: [peer('1.2.3.4')], metrics: [{ address: '1.2.3.4', ageSeconds: 60 }] }, []],
    [
      'the peer is gone already, as under recycle',
      { metrics: [{ address: '1.2.3.4', ageSeconds: 5 }] },
      ['1.2.3.4: tw_ts 5 s old'],
    ],
    [
      'an address that only we connect to',
      {
        metrics: [{ address: '1.2.3.4', ageSeconds: 5 }],
        destinations: [{ address: '1.2.3.4', port: 5432, connections: 9, timeWait: 9 }],
      },
      [],
    ],
    [
      'low remote ports',
      { peers: [peer('1.2.3.4', { connections: 41, lowPorts: 26 })] },
      ['1.2.3.4: 63 % of 41 remote ports to :8080 below 32768'],
    ],
    [
      'exactly 20 connections and 25 %',
      { peers: [peer('1.2.3.4', { connections: 20, lowPorts: 5 })] },
      ['1.2.3.4: 25 % of 20 remote ports to :8080 below 32768'],
    ],
    ['19 connections', { peers: [peer('1.2.3.4', { connections: 19, lowPorts: 19 })] }, []],
    ['less than 25 %', { peers: [peer('1.2.3.4', { connections: 100, lowPorts: 24 })] }, []],
    [
      '20 connections, but to two ports',
      {
        peers: [
          peer('1.2.3.4', { connections: 10, lowPorts: 10 }),
          peer('1.2.3.4', { port: 80, connections: 10, lowPorts: 10 }),
        ],
      },
      [],
    ],
    [
      'a whole prefix inside a declared range',
      { rest: [{ prefix: '10.8.0.0/16', connections: 900 }] },
      ['10.8.0.0/16: declared:vpc-egress'],
    ],
  ])('%s', (_, sockets, expected) => {
    expect(clients(sockets)?.shared.map(({ address, because }) => `${address}: ${because.join(', ')}`)).toEqual(
      expected,
    );
  });

  test('the address with most connections comes first; connections add up over ports and prefixes', () => {
    const found = clients({
      peers: [
        peer('10.8.0.1', { connections: 2 }),
        peer('10.8.0.2', { connections: 3 }),
        peer('10.8.0.2', { port: 80, connections: 4 }),
        peer('9.9.9.9', { connections: 8 }),
      ],
      rest: [{ prefix: '9.9.0.0/16', connections: 100 }],
    });
    expect(found).toMatchObject({ connections: 117, addresses: 3, complete: true });
    expect(found?.shared.map(({ address, connections }) => [address, connections])).toEqual([
      ['10.8.0.2', 7],
      ['10.8.0.1', 2],
    ]);
  });
});

test.each<[string, string, boolean]>([
  ['no range in it', '9.9.0.0/16', true],
  ['a part of it is declared', '10.0.0.0/8', false],
  ['all of it is declared', '10.8.0.0/16', true],
  ['unreadable', '10.8', false],
])('complete, with a rest of which %s', (_, prefix, expected) => {
  expect(clients({ rest: [{ prefix, connections: 1 }] })?.complete).toBe(expected);
});

test('what the host’s groups declare is named, whoever is connected', () => {
  expect(clients({}, [vpc, office], ['office'])?.declared).toEqual([office]);
});

test('without sockets nothing is known', () => {
  const snapshot = { ...snapshotOf({}), sockets: absent('not-permitted') };
  expect(clientFacts(snapshot, { declared: [vpc], hostClients: [] })).toEqual(absent('not-permitted'));
});

test.each<[string, Sockets, boolean | null]>([
  ['TIME_WAIT on a service port', { peers: [peer('1.1.1.1', { states: { TIME_WAIT: 3 } })] }, true],
  ['TWKilled rises', { peers: [peer('1.1.1.1')], counters: { 'TcpExt.TW': [1, 1], 'TcpExt.TWKilled': [1, 2] } }, true],
  ['TW rises', { counters: { 'TcpExt.TW': [1, 2] } }, true],
  [
    'watched, and nothing',
    { peers: [peer('1.1.1.1')], counters: { 'TcpExt.TW': [1, 1], 'TcpExt.TWKilled': [2, 2] } },
    false,
  ],
  ['nobody connected', { counters: { 'TcpExt.TW': [1, 1], 'TcpExt.TWKilled': [2, 2] } }, null],
  ['one sample', { peers: [peer('1.1.1.1')], counters: { 'TcpExt.TW': 5, 'TcpExt.TWKilled': 5 } }, null],
  [
    'some peers not seen',
    {
      peers: [peer('1.1.1.1')],
      rest: [{ prefix: '9.9.0.0/16', connections: 1 }],
      counters: { 'TcpExt.TW': [1, 1], 'TcpExt.TWKilled': [2, 2] },
    },
    null,
  ],
])('the server closes first: %s', (_, sockets, expected) => {
  expect(clients(sockets)?.serverClosesFirst).toBe(expected);
});

test('ranges hold exactly what ipaddr.js says they do', () => {
  const cidr = fc.oneof(
    fc.tuple(fc.ipV4(), fc.nat(32)).map(([address, bits]) => `${address}/${bits}`),
    fc.tuple(fc.ipV6(), fc.nat(128)).map(([address, bits]) => `${address}/${bits}`),
  );
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.ipV4().map(v4 => `::ffff:${v4}`),
  );
  const plain = (text: string): ipaddr.IPv4 | ipaddr.IPv6 => ipaddr.process(text);
  fc.assert(
    fc.property(cidr, address, fc.boolean(), (range, other, own) => {
      const asked = own ? (range.split('/')[0] ?? '') : other;
      const [base, bits] = ipaddr.parseCIDR(range);
      fc.pre(base.kind() === plain(base.toString()).kind());
      const candidate = plain(asked);
      const expected = candidate.kind() === base.kind() && candidate.match(base, bits);
      expect(compileRanges([{ ...vpc, cidrs: [range] }]).holding(asked).length === 1).toBe(expected);
    }),
    { numRuns: 1_000 },
  );
});

test('any snapshot gives facts that add up, without throwing', () => {
  fc.assert(
    fc.property(arbitrarySnapshot, arbitraryRanges, (snapshot, declared) => {
      const facts = clientFacts(snapshot, { declared, hostClients: ['office'] });
      expect(facts.state).toBe(snapshot.sockets.state);
      if (facts.state !== 'ok') return;
      for (const { because } of facts.value.shared) expect(because.length).toBeGreaterThan(0);
      expect(facts.value.declared.every(({ name }) => name === 'office')).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('4,000 peers against 200 ranges take milliseconds, not seconds', () => {
  const declared = Array.from(
    { length: 200 },
    (_, i): NatRange => ({ ...vpc, name: `n${i}`, cidrs: [`10.${i}.0.0/20`] }),
  );
  const peers = Array.from({ length: 4_000 }, (_, i) => peer(`10.${i % 256}.${i % 32}.7`));
  const snapshot = snapshotOf({ peers });
  clientFacts(snapshot, { declared, hostClients: [] });
  const began = cpuMs();
  expect(known(clientFacts(snapshot, { declared, hostClients: [] }))?.shared.length).toBeGreaterThan(0);
  expect(cpuMs() - began).toBeLessThan(1_000);
});
