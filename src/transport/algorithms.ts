/** What is offered to servers. Names: RFC 4253, 5656, 8268, 8332, 8731; order: measured, see below. */
import type { Algorithms, KexAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';
import type { AlgorithmProfile } from '../model/host.ts';

/**
 * Group exchange comes last of the safe ones: its modulus is the server's choice, and testing that it is prime blocks
 * this process for 1.6 s per host. ssh2 itself puts it before the fixed groups.
 */
const kex: readonly KexAlgorithm[] = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
];
const groupExchange: readonly KexAlgorithm[] = ['diffie-hellman-group-exchange-sha256'];
/** OpenSSH before 6.5 (RHEL 6) has nothing newer that is cheap for us. */
const sha1Kex: readonly KexAlgorithm[] = ['diffie-hellman-group14-sha1'];
const weakKex: readonly KexAlgorithm[] = ['diffie-hellman-group1-sha1', 'diffie-hellman-group-exchange-sha1'];

/** Host key algorithms by the type of the key that they sign with. */
const byKeyType: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
};

const profiles: Readonly<Record<AlgorithmProfile, Omit<Algorithms, 'serverHostKey'>>> = {
  modern: { kex: [...kex, ...groupExchange] },
  compatible: { kex: [...kex, ...sha1Kex, ...groupExchange] },
  legacy: {
    kex: [...kex, ...sha1Kex, ...groupExchange, ...weakKex],
    cipher: { append: ['aes256-cbc', 'aes128-cbc', '3des-cbc'], prepend: [], remove: [] },
    hmac: { append: ['hmac-md5', 'hmac-sha1-96'], prepend: [], remove: [] },
  },
};

/** Algorithms for one host: host key types that are known for it first, so that it presents a key we can judge. */
export function algorithmsFor(profile: AlgorithmProfile, preferredTypes: readonly string[]): Algorithms {
  const types = new Set([...preferredTypes, ...Object.keys(byKeyType)]);
  const serverHostKey = [...types].flatMap(type => byKeyType[type] ?? []);
  return { ...profiles[profile], serverHostKey: profile === 'legacy' ? [...serverHostKey, 'ssh-dss'] : serverHostKey };
}
