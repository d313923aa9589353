import { describe, expect, test } from 'vitest';
import type { AlgorithmProfile } from '../../src/model/host.ts';
import type { SshAlgorithms } from '../../src/model/visit.ts';
import { judge } from '../../src/rules/define.ts';
import rule from '../../src/rules/legacy-ssh.ts';
import { algorithmsOf } from '../../src/transport/algorithms.ts';
import { facts } from './facts.ts';

const current: SshAlgorithms = {
  kex: 'curve25519-sha256',
  hostKey: 'ssh-ed25519',
  cipher: 'aes128-ctr',
  mac: 'hmac-sha2-256',
};

const judged = (used: Partial<SshAlgorithms>) => judge(rule, facts({ ssh: { ...current, ...used } }));

/** What a profile offers, part by part. */
function offeredBy(profile: AlgorithmProfile): readonly (readonly [keyof SshAlgorithms, string])[] {
  const { kex, hostKeys, ciphers, macs } = algorithmsOf(profile);
  const named = (part: keyof SshAlgorithms, names: readonly string[]) => names.map(name => [part, name] as const);
  return [...named('kex', kex), ...named('hostKey', hostKeys), ...named('cipher', ciphers), ...named('mac', macs)];
}

describe('what a profile adds is outdated, and the profile is named that it takes', () => {
  test.each<[AlgorithmProfile, AlgorithmProfile]>([
    ['compatible', 'modern'],
    ['legacy', 'compatible'],
  ])('%s', (profile, smaller) => {
    const known = new Set(offeredBy(smaller).map(([part, name]) => `${part} ${name}`));
    const added = offeredBy(profile).filter(([part, name]) => !known.has(`${part} ${name}`));
    expect(added.length).toBeGreaterThan(0);
    for (const [part, name] of added) {
      expect(judged({ [part]: name })).toMatchObject({
        verdict: 'informational',
        evidence: [{ field: part, value: name }],
      });
      expect(judged({ [part]: name }).because).toContain(`"algorithms: ${profile}"`);
    }
  });

  test('what is offered to everybody is current', () => {
    const outdated = offeredBy('modern').filter(([part, name]) => judged({ [part]: name }).verdict !== 'pass');
    expect(outdated).toEqual([]);
  });
});

test.each([
  ['cipher', 'arcfour'],
  ['cipher', 'blowfish-cbc'],
  ['cipher', 'rijndael-cbc@lysator.liu.se'],
  ['mac', 'hmac-md5-96'],
  ['mac', 'hmac-md5-etm@openssh.com'],
  ['mac', 'hmac-sha1'],
  ['mac', 'hmac-ripemd160'],
  ['hostKey', 'ssh-rsa'],
])('%s %s is outdated', (part, name) => {
  expect(judged({ [part]: name }).verdict).toBe('informational');
});

test('two findings of one visit are one sentence, and need the wider profile', () => {
  expect(judged({ kex: 'diffie-hellman-group14-sha1', mac: 'hmac-md5' }).because).toBe(
    'The session used diffie-hellman-group14-sha1 (key exchange) and hmac-md5 (MAC). Among the profiles of this program, it takes "algorithms: legacy" in the inventory to offer that.',
  );
});
