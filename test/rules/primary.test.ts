import { expect, test } from 'vitest';
import type { Finding } from '../../src/model/rule.ts';
import { primaryOf } from '../../src/rules/primary.ts';

const finding = (rule: string, state: string): Finding => ({
  rule,
  state,
  severity: 'critical',
  title: '',
  because: '',
  confidence: 'high',
  evidence: [],
  remedy: null,
  waived: null,
});

test.each([
  ['firing', 'tw-recycle'],
  ['fired', 'tw-recycle'],
  ['exposed', 'tw-recycle'],
  ['latent', null],
  ['inert', null],
])('tw-recycle %s leads: %s', (state, expected) => {
  expect(primaryOf([finding('tw-recycle', state)])).toBe(expected);
});

test('nothing found, or only what may come back, leads nothing', () => {
  expect(primaryOf([])).toBeNull();
  expect(primaryOf([finding('tw-recycle-persisted', 'at-reboot'), finding('other', 'firing')])).toBeNull();
});

const of = (rule: string, state: string, change: Partial<Finding> = {}): Finding => ({
  ...finding(rule, state),
  ...change,
});
const proof = (perHour: number) => ({ source: 'proc/net/netstat', field: 'TcpExt.X', value: 1, perHour });

test.each([
  [
    'recycle that drops now leads over all that acts',
    [of('accept-queue-overflow', 'active'), of('tw-recycle', 'firing')],
    'tw-recycle',
  ],
  [
    'what acts leads over recycle of the past',
    [of('tw-recycle', 'fired'), of('conntrack-full', 'active')],
    'conntrack-full',
  ],
  [
    'a listener with backlog 0 leads over the overflow that it causes',
    [of('accept-queue-overflow', 'active'), of('zero-backlog', 'active')],
    'zero-backlog',
  ],
  [
    'a full queue leads over the rest of ListenDrops',
    [of('unexplained-listen-drops', 'active'), of('syn-queue-full', 'active')],
    'syn-queue-full',
  ],
  [
    'recycle of the past leads over other causes of the past',
    [of('accept-queue-overflow', 'past', { evidence: [proof(900)] }), of('tw-recycle', 'fired')],
    'tw-recycle',
  ],
  [
    'of the past, the most frequent leads',
    [
      of('accept-queue-overflow', 'past', { evidence: [proof(3)] }),
      of('conntrack-full', 'past', { evidence: [proof(40)] }),
    ],
    'conntrack-full',
  ],
  [
    'the past leads over what only waits',
    [of('tw-recycle', 'exposed'), of('rp-filter-drops', 'past')],
    'rp-filter-drops',
  ],
  ['what is low never leads', [of('tcp-backlog-drops', 'past', { severity: 'low' })], null],
  ['what may drop some day never leads', [of('syncookies-off', 'latent')], null],
] as const)('%s', (_, findings, expected) => {
  expect(primaryOf(findings)).toBe(expected);
});
