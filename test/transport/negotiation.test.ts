import { createDiffieHellmanGroup } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { AlgorithmProfile } from '../../src/model/host.ts';
import { algorithmsOf, olderThanModern } from '../../src/transport/algorithms.ts';
import { noCommonAlgorithm } from '../../src/transport/disagreement.ts';
import { exchangeIn } from '../../src/transport/group-exchange.ts';
import { createOpening, type ServerOffer } from '../../src/transport/server-offer.ts';
import fc from '../fast-check.ts';
import { planOf } from '../ssh/visits.ts';

const sha1 = /-sha1$|^ssh-rsa$|^ssh-dss$|^hmac-sha1|md5|-cbc$/;

describe('profiles', () => {
  test('modern has no SHA-1, no MD5, no CBC; each profile only adds, behind what is newer', () => {
    const flat = (profile: AlgorithmProfile): readonly string[] => Object.values(algorithmsOf(profile)).flat();
    expect(flat('modern').filter(name => sha1.test(name))).toEqual([]);
    expect(flat('compatible').filter(name => sha1.test(name))).toEqual([
      'diffie-hellman-group14-sha1',
      'ssh-rsa',
      'hmac-sha1-etm@openssh.com',
      'hmac-sha1',
    ]);
    for (const family of ['kex', 'hostKeys', 'ciphers', 'macs'] as const) {
      const [modern, legacy] = [algorithmsOf('modern')[family], algorithmsOf('legacy')[family]];
      expect(legacy).toEqual([...modern, ...olderThanModern('legacy')[family]]);
    }
  });
});

const modern: ServerOffer = {
  kex: ['curve25519-sha256'],
  hostKeys: ['ssh-ed25519'],
  ciphers: ['aes128-ctr'],
  macs: ['hmac-sha2-256'],
};

test.each<[string, Partial<ServerOffer>, RegExp, RegExp]>([
  [
    'SHA-1 key exchange',
    { kex: ['diffie-hellman-group14-sha1'] },
    /no key exchange in common; .*group14-sha1/,
    /--algorithms compatible$/,
  ],
  ['group 1', { kex: ['diffie-hellman-group1-sha1'] }, /no key exchange/, /--algorithms legacy$/],
  ['RSA with SHA-1', { hostKeys: ['ssh-rsa'] }, /no host key algorithm/, /--algorithms compatible$/],
  ['DSA', { hostKeys: ['ssh-dss'] }, /no host key algorithm/, /--algorithms legacy$/],
  ['CBC', { ciphers: ['aes128-cbc'] }, /no cipher/, /--algorithms legacy$/],
  ['MD5', { macs: ['hmac-md5'] }, /no MAC/, /--algorithms legacy$/],
  [
    'two families',
    { kex: ['diffie-hellman-group14-sha1'], ciphers: ['3des-cbc'] },
    /no key exchange and cipher/,
    /--algorithms legacy$/,
  ],
  ['post-quantum', { kex: ['mlkem768x25519-sha256'] }, /no key exchange/, /key exchange: .*--transport openssh$/],
  [
    'certificates only',
    { hostKeys: ['ssh-ed25519-cert-v01@openssh.com'] },
    /no host key/,
    /host key algorithm: .*--transport openssh$/,
  ],
  ['UMAC only', { macs: ['umac-128@openssh.com'] }, /no MAC/, /--transport openssh$/],
  ['something of its own', { kex: ['kex@example.com'] }, /no key exchange/, /no profile of this program/],
  ['nothing', { ciphers: [] }, /no cipher in common; the server offers none/, /no profile of this program/],
])('%s: what is missing, and what would help', (_, more, message, hint) => {
  const plan = planOf({ address: '192.0.2.7', port: 22 });
  const complaint = noCommonAlgorithm({ plan, offer: { ...modern, ...more }, said: 'key exchange algorithm' });
  expect(complaint.message).toMatch(message);
  expect(complaint.hint).toMatch(hint);
});

test('a list of ssh_config is blamed before the profile; a MAC is not missed beside a cipher that has its own', () => {
  const choice = { names: ['x'], written: ['x'], isReordered: false, origin: '~/.ssh/config:3' };
  const plan = planOf({ address: '192.0.2.7', port: 22 }, { algorithmChoices: { kex: choice } });
  const offer = {
    ...modern,
    kex: ['diffie-hellman-group1-sha1'],
    ciphers: ['aes128-gcm@openssh.com'],
    macs: ['hmac-md5'],
  };
  const complaint = noCommonAlgorithm({ plan, offer, said: '' });
  expect(complaint.hint).toMatch(/^~\/\.ssh\/config:3 leaves out/);
  expect(complaint.message).not.toContain('MAC');
});

/** A server's first packet, after its identification. */
function kexInit(lists: readonly string[]): Buffer {
  const names = lists.flatMap(list => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(list.length);
    return [length, Buffer.from(list)];
  });
  const payload = Buffer.concat([Buffer.from([20]), Buffer.alloc(16, 1), ...names, Buffer.alloc(5), Buffer.alloc(4)]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(payload.length + 1);
  head[4] = 4;
  return Buffer.concat([head, payload]);
}

describe('the first bytes of a server', () => {
  const lists = ['k1,k2', 'h1', 'c1,c2', 'c3', 'm1', 'm2', 'none', 'none', '', ''];
  const bytes = Buffer.concat([Buffer.from('Welcome\r\nSSH-2.0-Server_1\r\n'), kexInit(lists)]);

  test('in any pieces: the greeting, and the lists of algorithms', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 6 }), cuts => {
        const opening = createOpening();
        const ends = [...cuts.toSorted((a, b) => a - b), bytes.length];
        let start = 0;
        for (const end of ends) {
          opening.add(bytes.subarray(start, end));
          start = end;
        }
        expect(opening.greeting()).toBe('Welcome\r\nSSH-2.0-Server_1\r\n');
        expect(opening.offer()).toEqual({ kex: ['k1', 'k2'], hostKeys: ['h1'], ciphers: ['c1', 'c2'], macs: ['m1'] });
      }),
    );
  });

  test('tells when it has seen enough; what is damaged is no offer; nothing grows without bound', () => {
    const opening = createOpening();
    expect(opening.add(bytes.subarray(0, 40))).toBe(true);
    expect(opening.offer()).toBeUndefined();
    expect(opening.add(bytes.subarray(40))).toBe(false);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), noise => {
        const hostile = createOpening();
        hostile.add(Buffer.concat([Buffer.from('SSH-2.0-x\n'), Buffer.from(noise)]));
        hostile.offer();
        expect(hostile.greeting()).toBe('SSH-2.0-x\n');
      }),
    );
    const endless = createOpening();
    let wanted = true;
    for (let n = 0; n < 100 && wanted; n++) wanted = endless.add(Buffer.alloc(1_000, 0x61));
    expect(wanted).toBe(false);
    expect(endless.greeting().length).toBeLessThanOrEqual(1_024);
  });
});

describe('group exchange', () => {
  const prime = createDiffieHellmanGroup('modp14').getPrime();
  const two = Buffer.from([2]);

  test('agrees with another implementation of it, also where numbers have leading zeros', () => {
    for (let n = 0; n < 20; n++) {
      const [ours, theirs] = [
        exchangeIn(Buffer.concat([Buffer.from([0]), prime]), two),
        createDiffieHellmanGroup('modp14'),
      ];
      theirs.generateKeys();
      const trimmed = (secret: Buffer): string => secret.toString('hex').replace(/^(?:00)+/, '');
      expect(trimmed(ours.computeSecret(theirs.getPublicKey()))).toBe(trimmed(theirs.computeSecret(ours.publicKey)));
    }
  });

  test.each([
    ['short', createDiffieHellmanGroup('modp5').getPrime(), two],
    ['long', Buffer.alloc(2_000, 0xff), two],
    ['even', Buffer.concat([prime.subarray(0, -1), Buffer.from([0])]), two],
    ['without generator', prime, Buffer.from([1])],
    ['with a generator beyond it', prime, prime],
    ['empty', Buffer.alloc(0), Buffer.alloc(0)],
  ])('a group that is %s is refused', (_, modulus, generator) => {
    expect(() => exchangeIn(modulus, generator)).toThrow(/the server chose a group/);
  });

  test.each([Buffer.alloc(0), Buffer.from([0]), Buffer.from([1]), prime])(
    'a public key that is none is refused',
    key => {
      expect(() => exchangeIn(prime, two).computeSecret(key)).toThrow(/public key/);
    },
  );
});
