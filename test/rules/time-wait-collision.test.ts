import { describe, expect, test } from 'vitest';
import { malformed } from '../../src/model/reading.ts';
import type { Finding, Judgement } from '../../src/model/rule.ts';
import { judge } from '../../src/rules/define.ts';
import type { ExampleHost } from '../../src/rules/example.ts';
import { primaryOf } from '../../src/rules/primary.ts';
import rfc1337 from '../../src/rules/rfc1337.ts';
import rule from '../../src/rules/time-wait-collision.ts';
import { facts } from './facts.ts';

type Counters = NonNullable<ExampleHost['counters']>;
type Counted = Counters[string];

const key = 'net.ipv4.tcp_rfc1337';
const direct = (value: Counted, more: Counters = {}) => ({ counters: { 'TcpExt.PAWSTimewait': value, ...more } });
const older = (established: Counted, skipped: Counted) => ({
  counters: { 'TcpExt.PAWSEstab': established, 'TcpExt.TCPACKSkippedTimeWait': skipped },
});
const shared = { address: '10.8.0.5', connections: 402, because: ['declared:vpc-egress'] };

const short = (judgement: Judgement): string =>
  judgement.verdict === 'fail' ? `${judgement.state} ${judgement.severity} ${judgement.confidence}` : judgement.verdict;

describe('what counts as a collision', () => {
  test.each<[string, ExampleHost, string]>([
    ['PAWSTimewait rises, once in 2 s', direct([0, 1]), 'active medium high'],
    ['PAWSTimewait rises, once a second', direct([0, 2]), 'active high high'],
    ['the rate is not known', { ...direct([0, 50]), uptimeSeconds: null }, 'active medium high'],
    ['59 an hour since boot', direct([1_416, 1_416]), 'pass'],
    ['60 an hour since boot', direct([1_440, 1_440]), 'past medium medium'],
    [
      'a share of the connections, time unknown',
      { ...direct(5, { 'Tcp.PassiveOpens': 1_000 }), uptimeSeconds: null },
      'past medium low',
    ],
    ['a small share of them', { ...direct(5, { 'Tcp.PassiveOpens': 100_000 }), uptimeSeconds: null }, 'pass'],
    ['PAWSTimewait stands still, whatever PAWSEstab does', direct([0, 0], { 'TcpExt.PAWSEstab': [0, 9_000] }), 'pass'],
    ['both older counters rise', older([10, 20], [0, 3]), 'active high medium'],
    ['both rose', older(9_000, 4_000), 'past medium medium'],
    ['neither', older([3, 3], [0, 0]), 'pass'],
    ['PAWSEstab alone', older([10, 20], [0, 0]), 'notchecked'],
    ['TCPACKSkippedTimeWait alone', older([0, 0], [0, 9]), 'notchecked'],
    ['one now, the other since boot', older([9_000, 9_000], [0, 9]), 'notchecked'],
    ['PAWSEstab without the other column', { counters: { 'TcpExt.PAWSEstab': [0, 9] } }, 'notchecked'],
    ['no counters', {}, 'notchecked'],
  ])('%s', (_name, host, wanted) => {
    expect(short(judge(rule, facts(host)))).toBe(wanted);
  });

  test('the counter that proves it comes first', () => {
    const first = (host: ExampleHost) => {
      const judgement = judge(rule, facts(host));
      return judgement.verdict === 'fail' ? judgement.evidence[0]?.field : undefined;
    };
    expect(first(direct([0, 9], { 'TcpExt.TCPACKSkippedTimeWait': [0, 2] }))).toBe('TcpExt.PAWSTimewait');
    expect(first(older([10, 20], [0, 3]))).toBe('TcpExt.TCPACKSkippedTimeWait');
  });
});

test('addresses with many TIME_WAIT sockets are named, over all ports, the largest first', () => {
  const peer = (address: string, port: number, timeWait: number) => ({
    address,
    port,
    connections: timeWait,
    states: { TIME_WAIT: timeWait },
    lowPorts: 0,
  });
  const small = [peer('10.8.0.6', 80, 281), peer('10.8.0.5', 80, 200), peer('10.8.0.5', 443, 82)];
  const one = judge(rule, facts({ ...direct([0, 9]), sockets: { peers: small } }));
  expect(one.because).toContain('Here now: 282 TIME_WAIT sockets of 10.8.0.5,');
  const peers = [...small, peer('10.8.0.7', 80, 900), peer('10.8.0.8', 80, 300)];
  const judgement = judge(rule, facts({ ...direct([0, 9]), sockets: { peers } }));
  expect(judgement.because).toContain(
    'Here now: 900 TIME_WAIT sockets of 10.8.0.7 and 300 TIME_WAIT sockets of 10.8.0.8,',
  );
  if (judgement.verdict !== 'fail') throw new Error('no finding');
  expect(judgement.evidence).toContainEqual({ source: 'proc/net/tcp', field: '10.8.0.7 TIME_WAIT', value: 900 });
});

describe('tcp_rfc1337 makes of late SYNs such without an answer', () => {
  test.each<[string, ExampleHost, string]>([
    ['collisions now', { ...direct([0, 1]), settings: { [key]: '1' } }, 'active high high'],
    [
      'collisions now, by the older counters',
      { ...older([10, 20], [0, 3]), settings: { [key]: '1' } },
      'active high medium',
    ],
    ['collisions since boot', { ...direct([1_440, 1_440]), settings: { [key]: '1' } }, 'latent medium high'],
    ['no collisions', { ...direct([0, 0]), settings: { [key]: '1' } }, 'latent low high'],
    [
      'clients share addresses',
      { ...direct([0, 0]), settings: { [key]: '1' }, clients: { shared: [shared] } },
      'latent medium high',
    ],
    ['collisions are not counted here', { counters: {}, settings: { [key]: '1' } }, 'latent low medium'],
    ['off, whatever collides', { ...direct([0, 9]), settings: { [key]: '0' } }, 'pass'],
    ['not readable', { settings: { [key]: malformed('contains NUL bytes') } }, 'notchecked'],
  ])('%s', (_name, host, wanted) => {
    expect(short(judge(rfc1337, facts(host)))).toBe(wanted);
  });

  test('then it leads, and not the collision that it makes worse', () => {
    const host = facts({ ...direct([0, 9]), settings: { [key]: '1' } });
    const findings = [rule, rfc1337].flatMap((each): Finding[] => {
      const judgement = judge(each, host);
      if (judgement.verdict !== 'fail') return [];
      const { verdict: _, ...found } = judgement;
      return [{ rule: each.id, ...found, waived: null }];
    });
    expect(findings.map(({ state }) => state)).toEqual(['active', 'active']);
    expect(primaryOf(findings)).toBe('rfc1337');
    expect(findings[0]?.because).toContain('see rule rfc1337');
  });
});
