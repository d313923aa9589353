import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { compareHostNames, expandHosts, foldHosts, readHostSet, splitPatterns } from '../../src/text/host-set.ts';
import { cpuMs } from '../cpu-time.ts';
import fc from '../fast-check.ts';

describe('expandHosts', () => {
  it.each([
    ['web01', 'web01'],
    ['web[01-03]', 'web01 web02 web03'],
    ['web[01-03,42].example.com', 'web01.example.com web02.example.com web03.example.com web42.example.com'],
    ['web[01:07:3]', 'web01 web04 web07'],
    ['web[1:3]', 'web1 web2 web3'],
    ['n[8-11]', 'n8 n9 n10 n11'],
    ['n[098-101]', 'n098 n099 n100 n101'],
    ['db[a-c]', 'dba dbb dbc'],
    ['db[A:E:2]', 'dbA dbC dbE'],
    ['r[1-2]n[a-b]', 'r1na r1nb r2na r2nb'],
    ['[1-2]', '1 2'],
    ['a,b[1,2],c', 'a b1 b2 c'],
    ['[2001:db8::1]:2222', '[2001:db8::1]:2222'],
    ['[1:2:3:4:5:6:7:8]', '[1:2:3:4:5:6:7:8]'],
    ['[fe80::1%eth0]', '[fe80::1%eth0]'],
    ['', ''],
  ])('%j', (pattern, names) => {
    expect(expandHosts(pattern).join(' ')).toBe(names);
  });

  it.each([
    ['web[40-01]', 5, 'the range from "40" to "01" runs backwards'],
    ['web[01-3,9-x]', 10, 'the range from "9" to "x" mixes a number and a letter'],
    ['web[1-010]', 5, 'the range from "1" to "010" has leading zeros on one side only'],
    ['web[1:9:0]', 5, 'the range "1:9:0" has a step of 0'],
    ['web[a-Z]', 5, 'the range from "a" to "Z" mixes kinds: both must be a-z, or both A-Z'],
    ['web[]', 5, 'expected a number, a letter or a range such as 01-40 or 01:40:2, found ""'],
    ['web[1-2', 4, '"[" without "]"'],
    ['web1-2]', 7, '"]" without "["'],
    ['a[1-2]b[1-', 8, '"[" without "]"'],
    ['a[1-100001]', 2, 'the ranges stand for 100,001 names; at most 100,000 are allowed in one pattern'],
    ['a[1-400]b[1-400]', 10, 'the ranges stand for 160,000 names; at most 100,000 are allowed in one pattern'],
  ])('%j is refused at column %d', (pattern, column, problem) => {
    expect(readHostSet(pattern)).toEqual({ problem, column });
    expect(() => expandHosts(pattern)).toThrow(
      new RangeError(`host pattern "${pattern}", column ${column}: ${problem}`),
    );
  });

  it('refuses a huge range before it makes any name', () => {
    const started = cpuMs();
    expect(() => expandHosts('web[1-999999999999999][1-999999999999999]')).toThrow(RangeError);
    expect(cpuMs() - started).toBeLessThan(50);
  });

  it.skipIf(spawnSync('bash', ['-c', ':']).status !== 0)('expands as the braces of bash do', () => {
    const bounds = fc.tuple(fc.nat(30), fc.nat(30), fc.integer({ min: 1, max: 4 }), fc.constantFrom(0, 2, 3));
    const ranges = fc.sample(bounds, { numRuns: 200, seed: 1 }).map(([a, length, step, width]) => {
      const [from, to] = [a, a + length].map(value => String(value).padStart(width, '0'));
      return { ours: `n[${from}:${to}:${step}]`, braces: `echo n{${from}..${to}..${step}}` };
    });
    const script = ranges.map(range => range.braces).join('\n');
    const lines = execFileSync('bash', ['-s'], { input: script, encoding: 'utf8', timeout: 10_000 }).trim().split('\n');
    expect(ranges.map(range => expandHosts(range.ours).join(' '))).toEqual(lines);
  });
});

describe('foldHosts', () => {
  it.each([
    ['web01 web02 web04', 'web[01-02,04]'],
    ['web2 web10 web9', 'web[2,9-10]'],
    ['web01', 'web01'],
    ['web1 web01 web2 web02', 'web[1-2,01-02]'],
    ['w09 w10 w99 w100', 'w[09-10,99-100]'],
    ['w01.example.com w02.example.com db1', 'db1,w[01-02].example.com'],
    ['r1n1 r1n2 r2n1 r2n2', 'r[1-2]n[1-2]'],
    ['web1.dc1 web2.dc1 web3.dc1 web1.dc2', 'web[1-3].dc1,web1.dc2'],
    ['10.0.0.1 10.0.0.2 10.0.0.3', '10.0.0.[1-3]'],
    ['b a b', 'a,b'],
    ['', ''],
  ])('%s', (names, folded) => {
    expect(foldHosts(names.split(' ').filter(name => name !== ''))).toBe(folded);
  });

  const name = fc
    .array(fc.constantFrom('a', 'b-', '.', '0', '1', '2', '9', '10', '007', '123456789012345678'), {
      minLength: 1,
      maxLength: 6,
    })
    .map(parts => parts.join(''));
  it('is undone by expandHosts, names none twice, and does not depend on the order', () => {
    fc.assert(
      fc.property(fc.array(name, { maxLength: 40 }), names => {
        const folded = foldHosts(names);
        const expanded = expandHosts(folded);
        expect([...expanded].sort()).toEqual([...new Set(names)].sort());
        expect(foldHosts([...names].reverse())).toBe(folded);
      }),
      { numRuns: 500 },
    );
  });

  it('folds 50,000 names in one go', () => {
    const names = expandHosts('web[00001-50000].example.com');
    const started = cpuMs();
    expect(foldHosts(names)).toBe('web[00001-50000].example.com');
    expect(cpuMs() - started).toBeLessThan(2000);
  });

  it('folds and expands 50,000 names that have nothing in common as fast', () => {
    const names = Array.from({ length: 50_000 }, (_, i) =>
      `h${(i * 7919) % 50_000}x`.replace(/\d/g, d => 'abcdefghij'.charAt(Number(d))),
    );
    const started = cpuMs();
    expect(new Set(expandHosts(foldHosts(names)))).toEqual(new Set(names));
    expect(cpuMs() - started).toBeLessThan(4000);
  });
});

describe('compareHostNames', () => {
  it('puts numbers in the order of their values', () => {
    const names = ['web10', 'web02', 'db1', 'web2', 'web', 'web1.b', 'web1.a'];
    expect(names.sort(compareHostNames)).toEqual(['db1', 'web', 'web1.a', 'web1.b', 'web2', 'web02', 'web10']);
  });
});

describe('splitPatterns', () => {
  it('cuts at commas, but not inside brackets', () => {
    expect(splitPatterns('a[1,2], b ,,c[3-4,6]d')).toEqual(['a[1,2]', 'b', 'c[3-4,6]d']);
  });
});
