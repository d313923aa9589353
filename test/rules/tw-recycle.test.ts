import { describe, expect, test } from 'vitest';
import type { SharedAddress } from '../../src/model/facts.ts';
import { absent, malformed } from '../../src/model/reading.ts';
import { judge } from '../../src/rules/define.ts';
import type { ExampleHost } from '../../src/rules/example.ts';
import rule from '../../src/rules/tw-recycle.ts';
import { facts, recycle, timestamps } from './facts.ts';

const on = { [recycle]: '1', [timestamps]: '1' };
const paws = (value: number | readonly [number, number]) => ({ 'TcpExt.PAWSPassive': value });
const nat: SharedAddress = { address: '10.8.0.5', connections: 402, because: ['declared:vpc-egress'] };
const behindNat = { connections: 812, addresses: 37, shared: [nat] };
const vpc = { name: 'vpc-egress', cidrs: ['10.8.0.0/16'], status: 'active' } as const;
const expectedVpc = { ...vpc, status: 'expected' } as const;
const earlierRun = { runId: 'r1', secondsAgo: 10_800, pawsPassive: 100 };

const judged = (host: ExampleHost) => judge(rule, facts(host));

/** The verdict in short: `firing critical certain`, `pass`. */
const short = (host: ExampleHost): string => {
  const judgement = judged(host);
  return judgement.verdict === 'fail'
    ? `${judgement.state} ${judgement.severity} ${judgement.confidence}`
    : judgement.verdict;
};

describe('the ladder, from the top', () => {
  test.each<[string, ExampleHost, string]>([
    ['no key, no column', { counters: { 'TcpExt.ListenDrops': 3 } }, 'notapplicable'],
    [
      'no key, no column, but the directory was not readable',
      { ipv4Readable: false, counters: { 'TcpExt.TW': 3 } },
      'notchecked',
    ],
    ['no key, and no counters to confirm it', {}, 'notchecked'],
    ['key hidden, column rises', { counters: paws([0, 2]) }, 'firing critical certain'],
    ['key hidden, column above 0', { counters: paws([2, 2]) }, 'fired critical medium'],
    ['key hidden, column 0', { counters: paws([0, 0]) }, 'notchecked'],
    ['sys/ not captured, column above 0', { ipv4Readable: false, counters: paws(7) }, 'fired critical medium'],
    [
      'key not permitted, column rises',
      { settings: { [recycle]: absent('not-permitted') }, counters: paws([1, 2]) },
      'firing critical certain',
    ],
    ['on and rising', { settings: on, counters: paws([5_001, 5_120]) }, 'firing critical certain'],
    [
      'rising with timestamps 0 (lab case g)',
      { settings: { ...on, [timestamps]: '0' }, counters: paws([83, 215]) },
      'firing critical certain',
    ],
    ['rising, timestamps unknown', { settings: { [recycle]: '1' }, counters: paws([1, 2]) }, 'firing critical certain'],
    [
      'any value but 0 is on',
      { settings: { ...on, [recycle]: '2' }, counters: paws([1, 2]) },
      'firing critical certain',
    ],
    ['a negative value is on', { settings: { ...on, [recycle]: '-1' }, counters: paws(0) }, 'latent medium medium'],
    ['timestamps 2 are on', { settings: { ...on, [timestamps]: '2' }, counters: paws(4) }, 'fired critical high'],
    ['off', { settings: { ...on, [recycle]: '0' }, counters: paws([0, 0]) }, 'pass'],
    [
      'off, though it rose between the samples',
      { settings: { ...on, [recycle]: '0' }, counters: paws([1, 2]) },
      'pass',
    ],
    ['off, no counters', { settings: { ...on, [recycle]: '0' } }, 'pass'],
    ['inert', { settings: { ...on, [timestamps]: '0' }, counters: paws([0, 0]), declared: [vpc] }, 'inert low high'],
    ['inert after drops', { settings: { ...on, [timestamps]: '0' }, counters: paws([9, 9]) }, 'inert low high'],
    ['inert, no counters', { settings: { ...on, [timestamps]: '0' } }, 'inert low low'],
    [
      'inert in readiness',
      { settings: { ...on, [timestamps]: '0' }, counters: paws(0), profile: 'readiness' },
      'inert low high',
    ],
    ['one sample above 0', { settings: on, counters: paws(1) }, 'fired critical high'],
    ['two samples, above 0, flat', { settings: on, counters: paws([8, 8]), clients: behindNat }, 'fired critical high'],
    ['counter went backwards', { settings: on, counters: paws([9, 8]) }, 'fired critical high'],
    ['fired, timestamps unknown', { settings: { [recycle]: '1' }, counters: paws(8) }, 'fired critical medium'],
    [
      'exposed by declaration',
      { settings: on, counters: paws(0), clients: {}, declared: [vpc] },
      'exposed critical medium',
    ],
    [
      'exposed by clients still to come',
      { settings: on, counters: paws(0), clients: {}, declared: [expectedVpc] },
      'exposed critical medium',
    ],
    ['exposed, sockets unknown', { settings: on, counters: paws(0), declared: [vpc] }, 'exposed critical medium'],
    [
      'exposed, server closes first',
      { settings: on, counters: paws(0), clients: { ...behindNat, serverClosesFirst: true } },
      'exposed critical high',
    ],
    [
      'exposed, clients close first',
      { settings: on, counters: paws(0), clients: { ...behindNat, serverClosesFirst: false } },
      'exposed critical medium',
    ],
    [
      'exposed, timestamps unknown',
      { settings: { [recycle]: '1' }, counters: paws(0), clients: { ...behindNat, serverClosesFirst: true } },
      'exposed critical medium',
    ],
    [
      'exposed, no counters',
      { settings: on, clients: { ...behindNat, serverClosesFirst: true } },
      'exposed critical low',
    ],
    ['latent', { settings: on, counters: paws(0), clients: { connections: 3, addresses: 3 } }, 'latent medium high'],
    [
      'latent, some peers only counted',
      { settings: on, counters: paws(0), clients: { connections: 3, addresses: 3, complete: false } },
      'latent medium medium',
    ],
    ['latent, clients unknown', { settings: on, counters: paws(0) }, 'latent medium medium'],
    ['latent, no counters', { settings: on }, 'latent medium low'],
    ['latent in readiness', { settings: on, counters: paws(0), clients: {}, profile: 'readiness' }, 'latent high high'],
    [
      'timestamps malformed',
      { settings: { ...on, [timestamps]: 'x' }, counters: paws(0), clients: {} },
      'latent medium medium',
    ],
    ['recycle malformed', { settings: { ...on, [recycle]: 'yes' }, counters: paws(0) }, 'notchecked'],
    [
      'recycle malformed by the parser',
      { settings: { ...on, [recycle]: malformed('two lines') }, counters: paws(0) },
      'notchecked',
    ],
    [
      'an earlier run does not make it firing',
      { settings: on, counters: paws(120), earlierRun },
      'fired critical high',
    ],
  ])('%s', (_, host, expected) => {
    expect(short(host)).toBe(expected);
  });
});

/** Counters and settings of the lab's captures (shared corpus, lab/README.md): `before` against `after` of each case. */
describe('real kernels in and out of the incident', () => {
  const lab = (before: number, after: number, settings: Record<string, string>, seconds: number): ExampleHost => ({
    settings,
    counters: { 'TcpExt.PAWSPassive': [before, after], 'TcpExt.ListenDrops': [before, after] },
    intervalSeconds: seconds,
  });
  test.each<[string, ExampleHost, string]>([
    ['a, 4.9.0', lab(0, 215, on, 247.65), 'firing critical certain'],
    ['a, 3.10.0-1160.el7', lab(0, 215, on, 250.81), 'firing critical certain'],
    ['b, recycle 0 after the incident', lab(215, 215, { ...on, [recycle]: '0' }, 23.75), 'pass'],
    ['c, timestamps 0', lab(215, 215, { ...on, [timestamps]: '0' }, 22.83), 'inert low high'],
    ['d, direct client, incident before', lab(215, 215, on, 23.01), 'fired critical high'],
    ['f, one modern client without NAT', lab(0, 140, on, 158.19), 'firing critical certain'],
  ])('%s', (_, host, expected) => {
    expect(short(host)).toBe(expected);
  });
});

describe('because', () => {
  test.each<[string, ExampleHost, string]>([
    [
      'firing behind NAT',
      { settings: on, counters: paws([5_001, 5_120]), clients: behindNat },
      'SYNs are being dropped now: PAWSPassive +59.5/s over 2 s, 5,120 since boot. 402 of 812 connections from 10.8.0.5 (declared:vpc-egress); 37 addresses in all.',
    ],
    [
      'firing without NAT',
      { settings: on, counters: paws([0, 2]), clients: { connections: 5, addresses: 1 } },
      'SYNs are being dropped now: PAWSPassive +1/s over 2 s, 2 since boot. No shared address is in sight (5 connections from 1 address). No NAT is needed: clients with a timestamp offset per connection (Linux 4.10–4.11, 6.12.94+, 6.18.17+, 7.0+) fail without any.',
    ],
    [
      'fired, with an earlier run of this boot',
      { settings: on, counters: paws(130), clients: behindNat, earlierRun },
      'SYNs were dropped: PAWSPassive is 130 since boot (5.42 per hour on average); whether it goes on is unknown (one sample was asked for). In the 3 h since run r1: 30 SYNs (10 per hour). 402 of 812 connections from 10.8.0.5 (declared:vpc-egress); 37 addresses in all.',
    ],
    [
      'exposed by clients to come',
      { settings: on, counters: paws([0, 0]), clients: { serverClosesFirst: false }, declared: [expectedVpc] },
      'On, and clients share addresses; nothing dropped since boot. Its clients are declared to come from vpc-egress (10.8.0.0/16, expected). This server was not seen to close first; while clients close first, no timestamp is remembered.',
    ],
    [
      'hidden key',
      { counters: paws([7, 7]), clients: behindNat },
      'SYNs were dropped: PAWSPassive is 7 since boot (0.292 per hour on average); none between the two samples. The setting is not visible from here (not in this kernel), but only tcp_tw_recycle raises this counter. net.ipv4.tcp_timestamps is unknown (not in this kernel); 1 is assumed, the default. 402 of 812 connections from 10.8.0.5 (declared:vpc-egress); 37 addresses in all.',
    ],
    [
      'off',
      { settings: { [recycle]: '0' }, counters: paws(5_120) },
      'net.ipv4.tcp_tw_recycle is 0. It was on earlier in this boot: PAWSPassive is 5,120.',
    ],
  ])('%s', (_, host, expected) => {
    expect(judged(host).because).toBe(expected);
  });

  test('three shared addresses: two are named, the third is counted', () => {
    const shared = [
      nat,
      { ...nat, address: '10.8.0.6', connections: 7 },
      { ...nat, address: '10.8.0.7', connections: 1 },
    ];
    expect(judged({ settings: on, counters: paws(0), clients: { ...behindNat, shared } }).because).toContain(
      '402 of 812 connections from 10.8.0.5 (declared:vpc-egress) and 7 from 10.8.0.6 (declared:vpc-egress), and 1 more shared address; 37 addresses in all.',
    );
  });
});

test('evidence: the counter proves, the settings explain, ListenDrops supports', () => {
  expect(
    judged({ settings: on, counters: { ...paws([5_001, 5_120]), 'TcpExt.ListenDrops': [10, 129] } }),
  ).toMatchObject({
    evidence: [
      { source: 'proc/net/netstat', field: 'TcpExt.PAWSPassive', value: 5_120, earlier: 5_001, perSecond: 59.5 },
      { source: 'proc/sys/net/ipv4/tcp_tw_recycle', field: recycle, value: '1' },
      { source: 'proc/sys/net/ipv4/tcp_timestamps', field: timestamps, value: '1' },
      { source: 'proc/net/netstat', field: 'TcpExt.ListenDrops', value: 129, earlier: 10, perSecond: 59.5 },
    ],
  });
});

test('the remedy switches recycle off and leaves timestamps alone; undo restores what ran', () => {
  expect(judged({ settings: { ...on, [recycle]: '2' }, counters: paws(1) })).toMatchObject({
    remedy: { set: { [recycle]: '0' }, undo: { [recycle]: '2' }, risk: expect.stringContaining('60 s') },
  });
});
