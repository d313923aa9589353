import { expect, test } from 'vitest';
import { outcomeOfOutput } from '../../src/engine/outcome.ts';

const strange = (output: string, stderr = '') =>
  outcomeOfOutput({ why: 'no-header', output: Buffer.from(output), stderr });

test.each([
  ['nologin', 'This account is currently not available.\n', '', 'This account is currently not available.'],
  ['a ForceCommand with colour and a bell', '\n\x1b[31mAccess\x07 denied\x1b[0m\r\nbye', '', 'Access denied'],
  ['only stderr', '', 'sh: not found\n', 'sh: not found'],
  ['a very long line', 'x'.repeat(500), '', `${'x'.repeat(99)}…`],
])('%s: unsupported/no-shell, the host is quoted on one clean line', (_name, output, stderr, quote) => {
  expect(strange(output, stderr)).toMatchObject({
    outcome: 'unsupported',
    code: 'no-shell',
    message: `logged in, but no shell ran; the host says "${quote}"`,
    retryable: false,
  });
});

test('nothing at all is said to be nothing', () => {
  expect(strange('\r\n \n').message).toBe('logged in, but no shell ran: nothing was printed');
});

test('a header without the end: failed/truncated, with the number of bytes', () => {
  const error = outcomeOfOutput({ why: 'no-sentinel', output: Buffer.from('12345'), stderr: '' });
  expect(error).toMatchObject({ outcome: 'failed', code: 'truncated', retryable: true });
  expect(error.message).toContain('5 bytes');
});
