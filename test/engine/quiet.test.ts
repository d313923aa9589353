import { describe, expect, test } from 'vitest';
import { quietOf } from '../../src/engine/quiet.ts';
import type { Finding } from '../../src/model/rule.ts';
import { exampleFacts } from '../../src/rules/example.ts';

const two = exampleFacts({ counters: { 'TcpExt.ListenOverflows': [0, 0] } }).snapshot;
const one = exampleFacts({ counters: { 'TcpExt.ListenOverflows': 0 } }).snapshot;
const finding = (rule: string, state: string): Finding => ({
  rule,
  state,
  severity: 'high',
  title: '',
  because: '',
  confidence: 'high',
  evidence: [],
  remedy: null,
  waived: null,
});

describe('flat counters', () => {
  test('exclude what was looked at, for the time between the samples, and say what to do next', () => {
    const verdicts = {
      'tw-recycle': 'notapplicable',
      'accept-queue-overflow': 'pass',
      'conntrack-full': 'notchecked',
    } as const;
    const quiet = quietOf(two, { findings: [], verdicts });
    expect(quiet?.excludes).toBe(
      'No counter of a dropped SYN moved in 2 s. For that time it excludes tcp_tw_recycle, a full accept queue.',
    );
    expect(quiet?.next).toContain('firewall');
  });

  test('exclude a cause that acted earlier in this boot, too', () => {
    const quiet = quietOf(two, {
      findings: [finding('accept-queue-overflow', 'past')],
      verdicts: { 'accept-queue-overflow': 'fail' },
    });
    expect(quiet?.excludes).toContain('a full accept queue');
  });

  test.each([
    ['one sample', one, []],
    ['a cause that acts', two, [finding('syn-queue-full', 'active')]],
    ['recycle that drops now', two, [finding('tw-recycle', 'firing')]],
  ] as const)('are none: %s', (_, snapshot, findings) => {
    expect(quietOf(snapshot, { findings, verdicts: { 'accept-queue-overflow': 'pass' } })).toBeNull();
  });
});
