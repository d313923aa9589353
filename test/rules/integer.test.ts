import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { writtenInteger } from '../../src/rules/integer.ts';

const cases: readonly (readonly [string, number | null])[] = [
  ['1', 1],
  ['0', 0],
  [' 1', 1],
  ['1 ', 1],
  ['1\t# on', 1],
  ['1 2', 1],
  ['-1', -1],
  ['-0', 0],
  ['0x1', 1],
  ['0X1f', 31],
  ['010', 8],
  ['\r1', 1],
  ['\v1', 1],
  ['2147483647', 2147483647],
  ['-2147483648', -2147483648],
  ['00000000000000000001', 1],
  ['000000000000000000001', null],
  ['00000000000000000000001', null],
  ['-2147483649', null],
  ['2147483648', null],
  ['99999999999', null],
  ['1\r', null],
  ['1# on', null],
  ['1;', null],
  ['1,', null],
  ['“1”', null],
  ['"1"', null],
  ['yes', null],
  ['', null],
  [' ', null],
  ['-', null],
  ['08', null],
  ['+1', null],
  ['- 1', null],
  ['1.0', null],
  ['0x', null],
  ['0xg', null],
  ['９', null],
];

test.each(cases)('%j is %s', (text, expected) => {
  expect(writtenInteger(text)).toBe(expected);
});

/** `conf/lo/tag` of an own network namespace: an integer without bounds that nothing uses. */
const script = `
for text; do
  if printf '%s\\n' "$text" > /proc/sys/net/ipv4/conf/lo/tag; then cat /proc/sys/net/ipv4/conf/lo/tag; else echo null; fi
done 2>/dev/null`;

const mayUnshare = spawnSync('unshare', ['-n', 'test', '-w', '/proc/sys/net/ipv4/conf/lo/tag']).status === 0;
if (!mayUnshare)
  console.warn('written integers are not compared with the kernel: no right to make a network namespace');

test.skipIf(!mayUnshare)('this kernel agrees', () => {
  const texts = cases.map(([text]) => text);
  const { stdout } = spawnSync('unshare', ['-n', 'sh', '-c', script, 'sh', ...texts], { encoding: 'utf8' });
  expect(stdout.trim().split('\n')).toEqual(cases.map(([, expected]) => String(expected)));
});
