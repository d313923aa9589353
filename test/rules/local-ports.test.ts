import { expect, test } from 'vitest';
import { type PortRun, portRange, reservedPorts, usablePorts } from '../../src/rules/local-ports.ts';
import fc from '../fast-check.ts';

test.each<[string, PortRun | null]>([
  ['32768 60999', { first: 32_768, last: 60_999 }],
  ['32768\t60999\n', { first: 32_768, last: 60_999 }],
  ['7 7', { first: 7, last: 7 }],
  ['60999 32768', null],
  ['1024 65536', null],
  ['1024', null],
  ['1024 65535 1', null],
  ['-1 5', null],
  ['1e3 2e3', null],
  ['', null],
  [`1 ${'9'.repeat(400)}`, null],
])('the range %j', (text, wanted) => {
  expect(portRange(text)).toEqual(wanted);
});

test.each<[string, readonly PortRun[] | null]>([
  ['', []],
  ['\n', []],
  ['8080', [{ first: 8080, last: 8080 }]],
  [
    '8080,9000-9010',
    [
      { first: 8080, last: 8080 },
      { first: 9000, last: 9010 },
    ],
  ],
  ['8080,', null],
  ['9010-9000', null],
  ['70000', null],
  ['http', null],
])('the reserved ports %j', (text, wanted) => {
  expect(reservedPorts(text)).toEqual(wanted);
});

const run = fc
  .tuple(fc.nat(300), fc.nat(300))
  .map(([a, b]): PortRun => ({ first: Math.min(a, b), last: Math.max(a, b) }));

test('usable is the range without the reserved ports, however these overlap', () => {
  fc.assert(
    fc.property(run, fc.array(run, { maxLength: 6 }), (range, reserved) => {
      const left = new Set<number>();
      for (let port = range.first; port <= range.last; port++) left.add(port);
      for (const { first, last } of reserved) for (let port = first; port <= last; port++) left.delete(port);
      expect(usablePorts(range, reserved)).toBe(left.size);
    }),
  );
});

test('what was printed is read back', () => {
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 6 }), runs => {
      expect(reservedPorts(runs.map(({ first, last }) => `${first}-${last}`).join(','))).toEqual(runs);
    }),
  );
});
