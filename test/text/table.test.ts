import { describe, expect, test } from 'vitest';
import { stripControls } from '../../src/text/ansi.ts';
import { alignRows, displayWidth, truncateColumns, wrapColumns } from '../../src/text/table.ts';
import fc from '../fast-check.ts';

test.each([
  ['web01', 5],
  ['', 0],
  ['ümlaut', 6],
  ['e\u0301', 1],
  ['漢字', 4],
  ['ｆｕｌｌ', 8],
  ['한글', 4],
  ['👍', 2],
  ['✅⚡⌚', 6],
  ['●▲◆▽✗✓█░─│…', 11],
  ['…', 1],
])('%j takes %i columns', (text, columns) => {
  expect(displayWidth(text)).toBe(columns);
});

describe('wrapping', () => {
  test.each([
    ['one two three', 7, ['one two', 'three']],
    ['web[01-12],edge[3-4],db1', 12, ['web[01-12],', 'edge[3-4],', 'db1']],
    ['over 0.97 s, +6,653 since', 15, ['over 0.97 s,', '+6,653 since']],
    ['web[1,20,300,4000]', 12, ['web[1,20,', '300,4000]']],
    ['abcdefghij', 4, ['abcd', 'efgh', 'ij']],
    ['', 10, []],
    ['漢字漢字', 5, ['漢字', '漢字']],
  ])('%j at %i', (text, columns, lines) => {
    expect(wrapColumns(text, columns)).toEqual(lines);
  });

  test('no line is wider than asked for, and no character but spaces is lost', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).map(stripControls),
        fc.integer({ min: 2, max: 40 }),
        (text, columns) => {
          const lines = wrapColumns(text, columns);
          for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
          expect(lines.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
        },
      ),
    );
  });
});

test('cut text says so and never takes more columns than asked for', () => {
  expect(truncateColumns('abcdef', 6)).toBe('abcdef');
  expect(truncateColumns('abcdef', 4)).toBe('abc…');
  expect(truncateColumns('漢字漢字', 4)).toBe('漢…');
});

test('columns stand below each other', () => {
  expect(
    alignRows([
      ['run', 'of', 'x'],
      ['漢字', 'inventory', ''],
      ['a', 'b', 'c'],
    ]),
  ).toEqual(['run   of         x', '漢字  inventory', 'a     b          c']);
});
