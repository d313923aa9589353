import { describe, expect, test } from 'vitest';
import { answerFor, answerOfHost, clientQuestion } from '../../src/engine/client-question.ts';
import { ok } from '../../src/model/reading.ts';
import type { Finding } from '../../src/model/rule.ts';
import type { Peer, Snapshot } from '../../src/model/snapshot.ts';
import { exampleFacts } from '../../src/rules/example.ts';

const finding = (rule: string, state: string): Finding => ({
  rule,
  state,
  severity: 'critical',
  title: `title of ${rule}`,
  because: '',
  confidence: 'high',
  evidence: [],
  remedy: null,
  waived: null,
});
const peer = (address: string): Peer => ({ address, port: 443, connections: 3, states: {}, lowPorts: 0 });
const host = ({ peers = [] as readonly Peer[], remembered = [] as readonly [string, number][] } = {}): Snapshot => ({
  ...exampleFacts({ sockets: { peers } }).snapshot,
  tcpMetrics: ok(remembered.map(([address, ageSeconds]) => ({ address, ageSeconds }))),
});
const ask = (snapshot: Snapshot, findings: readonly Finding[], notChecked = {}, cidr = '10.8.0.0/16') =>
  answerFor(clientQuestion(cidr), snapshot, { findings, notChecked });

const firing = [finding('tw-recycle', 'firing')];

describe('which hosts drop a client, or would', () => {
  test('a remembered timestamp of the client, while SYNs are being dropped', () => {
    const answer = ask(host({ remembered: [['10.8.0.5', 12]] }), firing);
    expect(answer.answer).toBe('drops');
    expect(answer.because).toContain('A timestamp of 10.8.0.5 is remembered since 12 s.');
  });

  test.each([
    ['its connections, while SYNs are being dropped', host({ peers: [peer('10.8.0.5')] }), firing, 'drops'],
    ['IPv4-mapped IPv6 counts as IPv4', host({ peers: [peer('::ffff:10.8.0.5')] }), firing, 'drops'],
    ['no trace of it', host(), firing, 'would-drop'],
    ['a timestamp that is too old to reject', host({ remembered: [['10.8.0.5', 61]] }), firing, 'would-drop'],
    [
      'a trace of another client',
      host({ peers: [peer('192.0.2.1')], remembered: [['192.0.2.1', 1]] }),
      firing,
      'would-drop',
    ],
    ['recycle that waits for it', host(), [finding('tw-recycle', 'latent')], 'would-drop'],
    ['recycle without effect', host(), [finding('tw-recycle', 'inert')], 'does-not-drop'],
    ['nothing found', host(), [], 'does-not-drop'],
    ['another cause that drops SYNs of everybody', host(), [finding('accept-queue-overflow', 'active')], 'drops'],
    ['another cause that only may', host(), [finding('syncookies-off', 'latent')], 'does-not-drop'],
  ] as const)('%s', (_, snapshot, findings, expected) => {
    expect(ask(snapshot, findings).answer).toBe(expected);
  });

  test('what could not be judged is unknown, with the reason', () => {
    const answer = ask(host(), [], { 'tw-recycle': 'TcpExt.PAWSPassive: not permitted.' });
    expect(answer).toMatchObject({ answer: 'unknown', cidr: '10.8.0.0/16' });
    expect(answer.because).toContain('not permitted');
  });

  test('sockets that could not be read are said, not taken for none', () => {
    expect(ask(exampleFacts({}).snapshot, firing).because).toContain('Its connections are unknown');
  });
});

test('a container that drops it counts for its host, and is named', () => {
  const inside = host({ peers: [peer('10.8.0.5')] });
  const namespaces = ok({
    read: [{ id: '4026532281', owner: 'nginx[4711]', container: null, hostKeys: new Set<string>(), snapshot: inside }],
    unseen: null,
  });
  const judged = { findings: [], notChecked: {} };
  const results = [
    { id: '4026532281', owner: 'nginx[4711]', container: null, findings: firing, verdicts: {}, notChecked: {} },
  ];
  const answer = answerOfHost(
    clientQuestion('10.8.0.0/16'),
    { ...host(), namespaces },
    { judged, namespaces: results },
  );
  expect(answer.answer).toBe('drops');
  expect(answer.because).toMatch(/^In nginx\[4711\]: /);
});
