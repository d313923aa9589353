import { expect, test } from 'vitest';
import type { ScriptMode } from '../../src/model/remediation.ts';
import type { StepEnd } from '../../src/model/rollout.ts';
import type { Visit, VisitError } from '../../src/model/visit.ts';
import { stepResult } from '../../src/remediate/rollout-step.ts';
import fc from '../fast-check.ts';

const printed = (output: string, exitCode: number | null = 0, stderr = ''): Visit => ({
  ok: true,
  output: Buffer.from(output),
  stderr,
  exitCode,
  timing: { totalMs: 1 },
  notes: [],
});
const failed = (code: string, more: Partial<VisitError> = {}): Visit => ({
  ok: false,
  error: {
    outcome: 'failed',
    phase: 'exec',
    code,
    message: 'the session ended',
    hint: 'look',
    retryable: true,
    ...more,
  },
  timing: { totalMs: 1 },
  notes: [],
});
const said = (exit: number, state: string, ...more: string[]): string =>
  ['hello', ...more, `@synaudit\tstate\t${state}`, `@synaudit\texit\t${exit}`, '@synaudit end', ''].join('\n');

test.each<[string, ScriptMode, Visit, StepEnd]>([
  ['it did', 'apply', printed(said(0, 'applied')), 'done'],
  ['it would', 'check', printed(said(10, 'none'), 10), 'would-change'],
  ['the server did not tell the exit code: the script did', 'apply', printed(said(4, 'rolled-back'), null), 'undone'],
  ['the script counts, not what became of the shell behind it', 'apply', printed(said(5, 'begun'), 0), 'stuck'],
  ['it refused', 'apply', printed(said(3, 'none'), 3), 'refused'],
  ['it does not hold', 'verify', printed(said(1, 'applied'), 1), 'failed'],
  ['another one is at work', 'check', printed(said(3, 'busy'), 3), 'busy'],
  ['10 is no end of --apply', 'apply', printed(said(10, 'none'), 10), 'lost'],
  ['an exit code that no script has', 'apply', printed(said(77, 'none'), 77), 'lost'],
  ['cut short', 'apply', printed(said(0, 'applied').slice(0, -16), 137), 'lost'],
  ['killed', 'apply', printed('', null), 'lost'],
  ['no state', 'apply', printed('@synaudit\texit\t0\n@synaudit end\n'), 'lost'],
])('%s: %s', (_, mode, visit, end) => {
  expect(stepResult(mode, visit, { mayHaveBegun: true }).end).toBe(end);
});

test('a host where another script is at work says so, though its own script has no problem', () => {
  const { because } = stepResult('check', printed(said(10, 'busy'), 10), { mayHaveBegun: true });
  expect(because).toContain('at work');
});

test.each<[string, boolean, StepEnd]>([
  ['closed', true, 'lost'],
  ['exec-timeout', true, 'lost'],
  ['interrupted', true, 'lost'],
  ['hop-lost', true, 'lost'],
  ['refused', false, 'not-reached'],
  ['hop-lost', false, 'not-reached'],
  ['auth-failed', false, 'not-reached'],
  ['not-root', true, 'not-reached'],
  ['session-refused', true, 'not-reached'],
])('no answer, %s, the script may have been sent: %s: %s', (code, mayHaveBegun, end) => {
  expect(stepResult('apply', failed(code), { mayHaveBegun })).toMatchObject({
    end,
    report: null,
    because: 'the session ended; look',
  });
});

test('what it says is quoted without what a terminal would obey, and bounded', () => {
  const text = said(3, 'none', `@synaudit\tproblem\t\x1b[31mred\x1b[0m ${'x'.repeat(9_999)}`);
  const { because } = stepResult('apply', printed(text, 3), { mayHaveBegun: true });
  expect(because).toMatch(/^red x+/);
  expect(because?.length).toBeLessThan(500);
});

test('whatever a host prints, it is a result; only a whole report of a script is believed', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), fc.option(fc.nat({ max: 255 })), (text, code) => {
      const { end, report } = stepResult('apply', printed(text, code, text), { mayHaveBegun: true });
      expect(end).toBe('lost');
      expect(report).toBeNull();
    }),
  );
});
