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
