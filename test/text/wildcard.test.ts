import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { matchesPatternList, matchesWildcard } from '../../src/text/wildcard.ts';
import { cpuMs } from '../cpu-time.ts';
import fc from '../fast-check.ts';

const patternText = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 });
const nameText = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });

describe('matchesWildcard', () => {
  it.each([
    ['web*', 'web01', true],
    ['web??', 'web01', true],
    ['web?', 'web01', false],
    ['*.example.com', 'a.b.example.com', true],
    ['*', '', true],
    ['?', '', false],
    ['', '', true],
    ['', 'a', false],
    ['Web', 'web', false],
    ['a*b*c', 'a-b-b-c', true],
    ['[ab]', 'a', false],
  ])('%j on %j is %j', (pattern, text, expected) => {
    expect(matchesWildcard(pattern, text)).toBe(expected);
  });

  it('agrees with the regular expression of the same meaning', () => {
    fc.assert(
      fc.property(patternText, nameText, (pattern, text) => {
        const source = pattern.replaceAll('.', '\\.').replace(/\*+/g, '.*').replaceAll('?', '.');
        expect(matchesWildcard(pattern, text)).toBe(new RegExp(`^${source}$`).test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('does not blow up on patterns with many stars', () => {
    const started = cpuMs();
    expect(matchesWildcard(`${'a*'.repeat(200)}b`, 'a'.repeat(5000))).toBe(false);
    expect(cpuMs() - started).toBeLessThan(500);
  });
});

describe('matchesPatternList', () => {
  it.each([
    [['web*', '!web13'], 'web12', true],
    [['web*', '!web13'], 'web13', false],
    [['!web13', 'web*'], 'web13', false],
    [['!web13'], 'web12', false],
    [[], 'web12', false],
  ])('%j on %j is %j', (list, name, expected) => {
    expect(matchesPatternList(list, name)).toBe(expected);
  });

  it.skipIf(spawnSync('ssh', ['-V']).error !== undefined)('covers what the Host lines of OpenSSH cover', () => {
    const word = fc
      .tuple(
        fc.constantFrom('', '', '!'),
        patternText.filter(text => text !== ''),
      )
      .map(parts => parts.join(''));
    const lists = fc.sample(fc.array(word, { minLength: 1, maxLength: 4 }), { numRuns: 300, seed: 1 });
    const names = ['a', 'b', 'ab', 'a.b', 'aa.b', 'ba', 'abab', 'b.b.b', 'aab.ab'];
    const folder = mkdtempSync(join(tmpdir(), 'wildcard-'));
    const config = join(folder, 'config');
    // SendEnv adds up over all blocks that match, so one run of ssh answers for every list.
    writeFileSync(config, lists.map((list, i) => `Host ${list.join(' ')}\n  SendEnv LIST_${i}_\n`).join(''));
    try {
      for (const name of names) {
        const answer = execFileSync('ssh', ['-T', '-G', '-F', config, name], { encoding: 'utf8', timeout: 10_000 });
        const ours = lists.map(list => matchesPatternList(list, name));
        expect(ours).toEqual(lists.map((_, i) => answer.includes(`LIST_${i}_`)));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
