import { expect, test } from 'vitest';
import { absent } from '../../src/model/reading.ts';
import { defineRule, judge, parameterComplaints } from '../../src/rules/define.ts';
import { counterOf, optional, settingOf } from '../../src/rules/inputs.ts';
import { facts } from './facts.ts';

/** A counter rule as the catalogue will hold them: a rate against a threshold. */
const overflows = defineRule({
  id: 'accept-queue-overflow',
  title: 'accept queues do not overflow',
  summary: 's',
  mechanism: ['m'],
  proof: 'p',
  fix: { none: 'depends on the program' },
  references: [],
  reads: {
    overflow: counterOf('proc/net/netstat', 'TcpExt.ListenOverflows'),
    limit: optional(settingOf('net.core.somaxconn')),
  },
  parameters: { perHour: { default: 10, unit: 'per hour', min: 0, max: 1e6, reason: 'r' } },
  check: (_, { inputs: { overflow, limit }, parameters: { perHour } }) => ({
    verdict: (overflow.perHourSinceBoot ?? 0) > perHour ? 'notchecked' : 'pass',
    because: `${overflow.value} against ${perHour}, ${limit.state}`,
  }),
  examples: [],
});

test('inputs are unwrapped, parameters have defaults', () => {
  const host = facts({ counters: { 'TcpExt.ListenOverflows': 24 } });
  expect(judge(overflows, host)).toEqual({ verdict: 'pass', because: '24 against 10, absent' });
  expect(judge(overflows, host, { perHour: 0.5 })).toMatchObject({ verdict: 'notchecked' });
});

test('a missing input is the engine’s business: not applicable where the kernel lacks it, else not checked', () => {
  expect(judge(overflows, facts({ counters: {} }))).toEqual({
    verdict: 'notapplicable',
    because: 'TcpExt.ListenOverflows: not in this kernel.',
  });
  expect(judge(overflows, facts({}))).toEqual({
    verdict: 'notchecked',
    because: 'TcpExt.ListenOverflows: not collected.',
  });
  const hidden = defineRule({
    ...overflows,
    reads: { on: settingOf('net.core.somaxconn') },
    parameters: {},
    check: () => ({ verdict: 'pass', because: 'never asked' }),
  });
  expect(judge(hidden, facts({ settings: { 'net.core.somaxconn': absent('not-permitted') } }))).toEqual({
    verdict: 'notchecked',
    because: 'net.core.somaxconn: not permitted.',
  });
});

test('parameters of an inventory are checked against name and range', () => {
  expect(parameterComplaints(overflows, { perHour: 5 })).toEqual([]);
  expect(parameterComplaints(overflows, { perHour: -1, perDay: 2, toString: 1 })).toEqual([
    'accept-queue-overflow.perHour must be a number from 0 to 1000000 (per hour)',
    'rule accept-queue-overflow has no parameter "perDay"',
    'rule accept-queue-overflow has no parameter "toString"',
  ]);
});
