import { describe, expect, test } from 'vitest';
import type { AlgorithmChoice } from '../../src/model/plan.ts';
import { algorithmsFor, mayLogInWith, NothingToOffer } from '../../src/transport/algorithms.ts';

const choice = (names: readonly string[], more: Partial<AlgorithmChoice> = {}): AlgorithmChoice => ({
  names,
  written: names,
  isReordered: false,
  origin: 'c:1',
  ...more,
});

const modern = { algorithms: 'modern' } as const;
const groupExchange = 'diffie-hellman-group-exchange-sha256';

describe('what is offered', () => {
  test('without a choice: the profile, known key types first', () => {
    const { kex, serverHostKey, cipher } = algorithmsFor(modern, ['ssh-rsa', 'ssh-unknown']);
    expect(kex).toContain('curve25519-sha256');
    expect(serverHostKey).toEqual([
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
    ]);
    expect(cipher).toBeUndefined();
  });

  test('of a choice what we have, in its order', () => {
    const algorithmChoices = {
      kex: choice(['sntrup761x25519-sha512', 'ecdh-sha2-nistp521', 'curve25519-sha256']),
      ciphers: choice(['chacha20-poly1305@openssh.com', '3des-cbc', 'aes128-ctr']),
      macs: choice(['umac-64@openssh.com', 'hmac-sha1', 'hmac-sha2-256']),
    };
    expect(algorithmsFor({ ...modern, algorithmChoices }, [])).toMatchObject({
      kex: ['ecdh-sha2-nistp521', 'curve25519-sha256'],
      cipher: ['chacha20-poly1305@openssh.com', '3des-cbc', 'aes128-ctr'],
      hmac: ['hmac-sha1', 'hmac-sha2-256'],
    });
  });

  test('group exchange, which takes longer, comes last unless the user wrote it', () => {
    const names = [groupExchange, 'diffie-hellman-group16-sha512', 'diffie-hellman-group14-sha1'];
    const offered = (written: readonly string[]): unknown =>
      algorithmsFor({ ...modern, algorithmChoices: { kex: choice(names, { written }) } }, []).kex;
    expect(offered(['diffie-hellman-group14-sha1'])).toEqual([...names.slice(1), groupExchange]);
    expect(offered([groupExchange])).toEqual(names);
  });

  test('known host key types come first where the list has + or -, not where the user gives the order', () => {
    const names = ['ssh-ed25519', 'rsa-sha2-512', 'ssh-rsa', 'ssh-ed25519-cert-v01@openssh.com'];
    const offered = (isReordered: boolean): unknown =>
      algorithmsFor({ ...modern, algorithmChoices: { hostKeys: choice(names, { isReordered }) } }, ['ssh-rsa'])
        .serverHostKey;
    expect(offered(true)).toEqual(['rsa-sha2-512', 'ssh-rsa', 'ssh-ed25519']);
    expect(offered(false)).toEqual(['ssh-ed25519', 'rsa-sha2-512', 'ssh-rsa']);
  });

  test.each(['kex', 'hostKeys', 'ciphers', 'macs'])('%s: a choice of which we have nothing', family => {
    const algorithmChoices = { [family]: choice(['nothing-of-ours']) };
    expect(() => algorithmsFor({ ...modern, algorithmChoices }, [])).toThrow(NothingToOffer);
  });
});

test.each([
  ['ssh-rsa', ['rsa-sha2-256'], true],
  ['ssh-rsa', ['ssh-ed25519'], false],
  ['ssh-ed25519', ['ssh-ed25519'], true],
  ['ecdsa-sha2-nistp256', [], false],
])('a %s key where %j is accepted: %s', (type, names, expected) => {
  expect(mayLogInWith(type, { algorithmChoices: { userKeys: choice(names) } })).toBe(expected);
  expect(mayLogInWith(type, {})).toBe(true);
});
