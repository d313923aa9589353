import { expect, test } from 'vitest';
import { painter, stripControls } from '../../src/text/ansi.ts';
import { cpuMs } from '../cpu-time.ts';
import fc from '../fast-check.ts';

test.each([
  ['plain text', 'plain text'],
  ['', ''],
  ['\x1b[31mred\x1b[0m', 'red'],
  ['\x1b[?25lhidden cursor', 'hidden cursor'],
  ['\x1b]0;new title\x07text', 'text'],
  ['\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\', 'link'],
  ['\x1bP1;2|private\x1b\\text', 'text'],
  ['\x1b(0lqk', 'lqk'],
  ['\x1bcreset', 'reset'],
  ['\x9b31mC1', 'C1'],
  ['unfinished \x1b[31', 'unfinished '],
  ['unfinished \x1b]0;title', 'unfinished '],
  ['bell\x07 back\x08space null\x00 del\x7f', 'bell backspace null del'],
  ['two\r\nlines\tand\u2028more\u2029end', 'two lines and more end'],
  ['a\u202eb\u2066c\u200fd', 'abcd'],
  ['lone \ud800 surrogate', 'lone \ufffd surrogate'],
  ['ümläut 漢字 👍🏽 e\u0301', 'ümläut 漢字 👍🏽 e\u0301'],
])('%j becomes %j', (text, clean) => {
  expect(stripControls(text)).toBe(clean);
});

test('nothing that steers a terminal is left, and a second time changes nothing', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(
        fc.constantFrom('\x1b', '[', ']', '0', ';', 'm', '\x07', '\\', 'P', '\x9b', '\x9d', '\u202e', '\ud83d', 'a'),
      )
      .map(parts => parts.join('')),
  );
  fc.assert(
    fc.property(nasty, text => {
      const clean = stripControls(text);
      expect(clean).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/u);
      expect(stripControls(clean)).toBe(clean);
    }),
    { numRuns: 1_000 },
  );
});

test('a long string without an end does not take quadratic time', () => {
  const startedAt = cpuMs();
  stripControls('\x1b]'.repeat(200_000));
  expect(cpuMs() - startedAt).toBeLessThan(1_000);
});

test('colour off leaves text alone', () => {
  expect(painter(false)('red', 'x')).toBe('x');
  expect(painter(true)('red', 'x')).toBe('\x1b[31mx\x1b[0m');
});
