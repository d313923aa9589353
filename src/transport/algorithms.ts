/** What is offered to servers. Names: RFC 4253, 5656, 8268, 8332, 8731; order: measured, see below. */
import { getCiphers, getHashes } from 'node:crypto';
import type { Algorithms, CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';
import type { AlgorithmProfile } from '../model/host.ts';
import type { AlgorithmChoice, ConnectPlan } from '../model/plan.ts';

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

/** What both OpenSSH and ssh2 1.17 can do, in any order; ssh2 throws for a name that it does not know. */
const possibleKex: readonly KexAlgorithm[] = [...kex, ...groupExchange, ...sha1Kex, ...weakKex];
const possibleHostKeys: readonly ServerHostKeyAlgorithm[] = [...Object.values(byKeyType).flat(), 'ssh-dss'];
const possibleCiphers: readonly CipherAlgorithm[] = [
  'chacha20-poly1305@openssh.com',
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  'aes256-cbc',
  'aes192-cbc',
  'aes128-cbc',
];
const possibleMacs: readonly MacAlgorithm[] = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha1-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
  'hmac-sha1',
  'hmac-sha1-96',
];

/** What OpenSSL may have been built or configured without. */
const oldCiphers = (): readonly CipherAlgorithm[] => (getCiphers().includes('des-ede3-cbc') ? ['3des-cbc'] : []);
const oldMacs = (): readonly MacAlgorithm[] => (getHashes().includes('md5') ? ['hmac-md5', 'hmac-md5-96'] : []);

/** A list of ssh_config of which this program can do nothing. */
export class NothingToOffer extends Error {
  readonly choice: AlgorithmChoice;

  constructor(choice: AlgorithmChoice) {
    super(`of the algorithms in ${choice.origin} this program has none`);
    this.choice = choice;
  }
}

/**
 * Algorithms for one host: those of its profile, or of ssh_config as far as ssh2 has them; host key types that are known
 * for it first, so that it presents a key we can judge. Throws NothingToOffer.
 */
export function algorithmsFor(
  { algorithms: profile, algorithmChoices: choices = {} }: Pick<ConnectPlan, 'algorithms' | 'algorithmChoices'>,
  preferredTypes: readonly string[],
): Algorithms {
  const types = new Set([...preferredTypes, ...Object.keys(byKeyType)]);
  const known = [...types].flatMap(type => byKeyType[type] ?? []);
  const usual = profile === 'legacy' ? [...known, 'ssh-dss' as const] : known;
  const { kex: usualKex = [], ...others } = profiles[profile];
  return {
    ...others,
    kex: choices.kex === undefined ? usualKex : groupExchangeLast(chosen(choices.kex, possibleKex), choices.kex),
    serverHostKey: choices.hostKeys === undefined ? usual : orderedHostKeys(choices.hostKeys, usual),
    ...(choices.ciphers !== undefined && { cipher: chosen(choices.ciphers, [...possibleCiphers, ...oldCiphers()]) }),
    ...(choices.macs !== undefined && { hmac: chosen(choices.macs, [...possibleMacs, ...oldMacs()]) }),
  };
}

function chosen<T extends string>(choice: AlgorithmChoice, possible: readonly T[]): T[] {
  const offered = choice.names.flatMap(name => possible.filter(own => own === name));
  if (offered.length === 0) throw new NothingToOffer(choice);
  return offered;
}

/** Unless the user gave it its place. */
function groupExchangeLast(names: readonly KexAlgorithm[], { written }: AlgorithmChoice): KexAlgorithm[] {
  const isLate = (name: KexAlgorithm): boolean => groupExchange.includes(name) && !written.includes(name);
  return [...names.filter(name => !isLate(name)), ...names.filter(isLate)];
}

function orderedHostKeys(choice: AlgorithmChoice, known: readonly ServerHostKeyAlgorithm[]): ServerHostKeyAlgorithm[] {
  const names = chosen(choice, possibleHostKeys);
  if (!choice.isReordered) return names;
  const rank = (name: ServerHostKeyAlgorithm): number => {
    const index = known.indexOf(name);
    return index < 0 ? known.length : index;
  };
  return names.toSorted((a, b) => rank(a) - rank(b));
}

/** Whether a key of this type may be used to log in: PubkeyAcceptedAlgorithms names what it signs with. */
export const mayLogInWith = (type: string, { algorithmChoices }: Pick<ConnectPlan, 'algorithmChoices'>): boolean => {
  const accepted = algorithmChoices?.userKeys?.names;
  return accepted === undefined || (byKeyType[type] ?? [type]).some(name => accepted.includes(name));
};
