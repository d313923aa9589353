import { expect, test } from 'vitest';
import { createWaiving } from '../../src/engine/waivers.ts';
import type { Waiver } from '../../src/model/host.ts';
import type { Finding } from '../../src/model/rule.ts';
import { host } from './planned.ts';

const waiver = (change: Partial<Waiver>): Waiver => ({
  rule: 'syncookies-off',
  hosts: 'lab1',
  reason: 'closed network',
  owner: 'net-team',
  expires: '2027-03-01',
  location: { file: 'inventory.yaml', line: 20, column: 5 },
  ...change,
});

const finding: Finding = {
  rule: 'syncookies-off',
  severity: 'medium',
  state: null,
  title: '',
  because: '',
  confidence: 'high',
  evidence: [],
  remedy: null,
  waived: null,
};

const apply = (waivers: readonly Waiver[], today: string) =>
  createWaiving(waivers, today, (pattern, { name }) => pattern === name)(host('lab1'), [finding]);

test.each([
  ['before its last day', {}, '2026-11-22', true],
  ['on its last day', {}, '2027-03-01', true],
  ['the day after', {}, '2027-03-02', false],
  ['of another rule', { rule: 'rfc1337' }, '2026-11-22', false],
  ['of another host', { hosts: 'lab2' }, '2026-11-22', false],
])('a waiver %s', (_name, change, today, holds) => {
  const { findings } = apply([waiver(change)], today);
  expect(findings[0]?.waived).toEqual(
    holds ? { reason: 'closed network', expires: '2027-03-01', owner: 'net-team' } : null,
  );
});

test('one that has expired is said, with its place; one that does not concern the host is not', () => {
  const { notes } = apply(
    [waiver({ expires: '2026-01-31' }), waiver({ hosts: 'lab2', expires: '2026-01-31' })],
    '2026-11-22',
  );
  expect(notes).toEqual([
    'the waiver of syncookies-off expired on 2026-01-31 ("closed network", inventory.yaml:20): the finding counts again',
  ]);
});

test('an expired waiver beside one that holds is no news', () => {
  const { findings, notes } = apply([waiver({ expires: '2026-01-31' }), waiver({})], '2026-11-22');
  expect(findings[0]?.waived).not.toBeNull();
  expect(notes).toEqual([]);
});
