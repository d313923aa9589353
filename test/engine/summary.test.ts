import { describe, expect, test } from 'vitest';
import { createTally, exitCodeOf } from '../../src/engine/summary.ts';
import type { Finding, Severity } from '../../src/model/rule.ts';
import { audited } from './planned.ts';

const finding = (severity: Severity, waived: Finding['waived'] = null): Finding => ({
  rule: 'tw-recycle',
  severity,
  state: null,
  title: '',
  because: '',
  confidence: 'high',
  evidence: [],
  remedy: null,
  waived,
});

test('counts hosts per outcome and unwaived findings per severity', () => {
  const tally = createTally();
  tally.add({ ...audited('a'), findings: [finding('high'), finding('low')] });
  tally.add({
    ...audited('b'),
    outcome: 'partial',
    findings: [finding('high', { reason: 'r', expires: '2099-01-01' })],
  });
  tally.add({ ...audited('c'), outcome: 'unreachable' });
  const { hosts, findings } = tally.summary(
    { failOn: 'high', allowIncomplete: false },
    { interrupted: false, internalError: false },
  );
  expect(hosts).toEqual({ total: 3, audited: 1, partial: 1, unreachable: 1 });
  expect(findings).toEqual({ critical: 0, high: 1, medium: 0, low: 1, info: 0 });
});

describe('exit code: 4 > 130 > 1 > 3 > 0', () => {
  const none = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  const bad = { total: 2, audited: 1, unreachable: 1 };
  const good = { total: 2, audited: 1, partial: 1 };
  const quiet = { interrupted: false, internalError: false };
  const strict = { failOn: 'high', allowIncomplete: false } as const;
  test.each([
    ['nothing', good, none, strict, quiet, 0],
    ['high at fail-on high', good, { ...none, high: 1 }, strict, quiet, 1],
    ['critical at fail-on high', good, { ...none, critical: 1 }, strict, quiet, 1],
    ['medium at fail-on high', good, { ...none, medium: 9 }, strict, quiet, 0],
    ['medium at fail-on medium', good, { ...none, medium: 1 }, { ...strict, failOn: 'medium' as const }, quiet, 1],
    ['info at fail-on info', good, { ...none, info: 1 }, { ...strict, failOn: 'info' as const }, quiet, 1],
    ['critical at fail-on never', good, { ...none, critical: 1 }, { ...strict, failOn: 'never' as const }, quiet, 0],
    ['incomplete', bad, none, strict, quiet, 3],
    ['incomplete allowed', bad, none, { ...strict, allowIncomplete: true }, quiet, 0],
    ['findings before incomplete', bad, { ...none, high: 1 }, strict, quiet, 1],
    ['interrupted before findings', bad, { ...none, high: 1 }, strict, { ...quiet, interrupted: true }, 130],
    ['internal before interrupted', bad, none, strict, { interrupted: true, internalError: true }, 4],
  ])('%s', (_name, hosts, findings, policy, end, code) => {
    expect(exitCodeOf({ hosts, findings }, policy, end)).toBe(code);
  });
});
