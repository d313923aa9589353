import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AlgorithmProfile } from '../../src/model/host.ts';
import type { SshAlgorithms } from '../../src/model/visit.ts';
import { createSsh2Transport } from '../../src/transport/ssh2.ts';
import { startSshd } from '../ssh/sshd.ts';
import { planOf, visitWith } from '../ssh/visits.ts';
import { type KeyPair, openWorkshop } from '../ssh/workshop.ts';

const workshop = openWorkshop();
const transport = createSsh2Transport();
let key: KeyPair;
let hostKeys: readonly KeyPair[];

beforeAll(() => {
  key = workshop.makeKey('id');
  hostKeys = [workshop.makeKey('rsa', { type: 'rsa' })];
});
afterAll(async () => {
  await transport.close();
  await workshop.close();
});

/** Servers that can do one thing of each kind only, so that what is told is what they were told to do. */
test.each<[address: string, AlgorithmProfile, SshAlgorithms]>([
  [
    '127.64.0.1',
    'modern',
    { kex: 'ecdh-sha2-nistp384', hostKey: 'rsa-sha2-256', cipher: 'aes192-ctr', mac: 'hmac-sha2-512' },
  ],
  [
    '127.64.0.2',
    'modern',
    { kex: 'curve25519-sha256', hostKey: 'rsa-sha2-512', cipher: 'aes256-gcm@openssh.com', mac: '' },
  ],
  [
    '127.64.0.3',
    'compatible',
    { kex: 'diffie-hellman-group14-sha1', hostKey: 'ssh-rsa', cipher: 'aes128-ctr', mac: 'hmac-sha1' },
  ],
  [
    '127.64.0.4',
    'legacy',
    { kex: 'diffie-hellman-group-exchange-sha1', hostKey: 'ssh-rsa', cipher: 'aes128-cbc', mac: 'hmac-md5' },
  ],
])('a visit to %s (%s) tells what both sides agreed on', async (address, algorithms, agreed) => {
  const sshd = await startSshd({
    workshop,
    address,
    hostKeys,
    authorized: [key.publicLine],
    options: [
      `KexAlgorithms ${agreed.kex}`,
      `HostKeyAlgorithms ${agreed.hostKey}`,
      `Ciphers ${agreed.cipher}`,
      `MACs ${agreed.mac === '' ? 'hmac-sha2-256' : agreed.mac}`,
    ],
  });
  const visit = await visitWith(transport, planOf(sshd, { identityFiles: [key.path], algorithms }));
  expect(visit).toMatchObject({ ok: true, algorithms: agreed });
  await sshd.stop();
});
