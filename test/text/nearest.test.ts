import { describe, expect, it } from 'vitest';
import { didYouMean, editDistance, nearest } from '../../src/text/nearest.ts';
import fc from '../fast-check.ts';

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 7 });

/** The definition, recursive and slow. */
function byDefinition(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [x, y] = [a.slice(1), b.slice(1)];
  const options = [byDefinition(x, y) + (a[0] === b[0] ? 0 : 1), byDefinition(x, b) + 1, byDefinition(a, y) + 1];
  if (a.length > 1 && a[0] === b[1] && a[1] === b[0]) options.push(byDefinition(a.slice(2), b.slice(2)) + 1);
  return Math.min(...options);
}

describe('editDistance', () => {
  it('is what the definition says, up to the bound', () => {
    fc.assert(
      fc.property(word, word, fc.nat(7), (a, b, bound) => {
        expect(editDistance(a, b, bound)).toBe(Math.min(byDefinition(a, b), bound + 1));
      }),
      { numRuns: 150 },
    );
  });
});

describe('nearest', () => {
  const keys = ['hosts', 'services', 'clients', 'hops', 'address', 'port', 'user'];
  it.each([
    ['adress', 'address'],
    ['prot', 'port'],
    ['hsots', 'hosts'],
    ['USER', 'user'],
    ['hop', 'hops'],
    ['client', 'clients'],
    ['zone', undefined],
    ['x', undefined],
    ['', undefined],
  ])('of %j is %j', (typed, expected) => {
    expect(nearest(typed, keys)).toBe(expected);
  });

  it('prefers the nearer candidate, then the first', () => {
    expect(nearest('web12', ['web1', 'web12', 'web2'])).toBe('web12');
    expect(nearest('web', ['weba', 'webb'])).toBe('weba');
  });

  it('makes the tail of a complaint, or nothing', () => {
    expect(didYouMean('adress', keys)).toBe('; did you mean "address"?');
    expect(didYouMean('qqqqqq', keys)).toBe('');
  });
});
