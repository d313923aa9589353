import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/text/duration.ts';

test.each([
  ['5', 5_000],
  ['5s', 5_000],
  ['1.5s', 1_500],
  ['500ms', 500],
  ['2m', 120_000],
  ['2 min', 120_000],
  ['1h', 3_600_000],
  ['', undefined],
  ['-1', undefined],
  ['5 days', undefined],
  ['1e3', undefined],
  ['s', undefined],
])('%j is %s ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  [0, '0 ms'],
  [412.4, '412 ms'],
  [3_240, '3.2 s'],
  [3_000, '3 s'],
  [38_400, '38 s'],
  [59_700, '1 min'],
  [125_000, '2 min 5 s'],
  [3_780_000, '1 h 3 min'],
  [93_600_000, '1 d 2 h'],
])('%f ms are %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
