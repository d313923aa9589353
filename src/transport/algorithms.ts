/** What is offered to servers. Names: RFC 4253, 5656, 8268, 8332, 8731; order: measured, see below. */
import { getCiphers, getHashes } from 'node:crypto';
import type { Algorithms, CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';
import { type AlgorithmProfile, algorithmProfiles } from '../model/host.ts';
import type { AlgorithmChoice, ConnectPlan } from '../model/plan.ts';

/**
 * Group exchange comes last of the safe ones: it takes one more round trip, and with a modulus of 8192 bits 45 ms of this
 * process (group-exchange.ts). ssh2 itself puts it before the fixed groups.
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
const sha1Kex: KexAlgorithm[] = ['diffie-hellman-group14-sha1'];
const weakKex: KexAlgorithm[] = ['diffie-hellman-group1-sha1', 'diffie-hellman-group-exchange-sha1'];

const sha1Macs: MacAlgorithm[] = ['hmac-sha1-etm@openssh.com', 'hmac-sha1'];

/** Host key algorithms by the type of the key that they sign with. */
const byKeyType: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
};

/** Names of the four families. */
interface Names {
  readonly kex: KexAlgorithm[];
  readonly hostKeys: ServerHostKeyAlgorithm[];
  readonly ciphers: CipherAlgorithm[];
  readonly macs: MacAlgorithm[];
}

/** What a profile adds to those before it. */
const additions: Readonly<Record<AlgorithmProfile, Names>> = {
  modern: {
    kex: [...kex, ...groupExchange],
    hostKeys: Object.values(byKeyType)
      .flat()
      .filter(name => name !== 'ssh-rsa'),
    ciphers: [
      'aes128-gcm@openssh.com',
      'aes256-gcm@openssh.com',
      'aes128-ctr',
      'aes192-ctr',
      'aes256-ctr',
      'chacha20-poly1305@openssh.com',
    ],
    macs: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  },
  // RHEL 6 and what is as old: OpenSSH before 6.5
  compatible: {
    kex: sha1Kex,
    hostKeys: ['ssh-rsa'],
    ciphers: [],
    macs: sha1Macs,
  },
  // RHEL 5, network appliances
  legacy: {
    kex: weakKex,
    hostKeys: ['ssh-dss'],
    ciphers: ['aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'],
    macs: ['hmac-sha1-96', 'hmac-md5'],
  },
};

/** All that a profile offers, newest first. */
export function algorithmsOf(profile: AlgorithmProfile): Names {
  const parts = algorithmProfiles.slice(0, algorithmProfiles.indexOf(profile) + 1).map(name => additions[name]);
  return {
    kex: parts.flatMap(part => part.kex),
    hostKeys: parts.flatMap(part => part.hostKeys),
    ciphers: parts.flatMap(part => part.ciphers).filter(isBuiltIn),
    macs: parts.flatMap(part => part.macs).filter(isBuiltIn),
  };
}

/** What a profile adds to `modern`. */
export function olderThanModern(profile: AlgorithmProfile): Names {
  const [all, modern] = [algorithmsOf(profile), algorithmsOf('modern')];
  return {
    kex: all.kex.slice(modern.kex.length),
    hostKeys: all.hostKeys.slice(modern.hostKeys.length),
    ciphers: all.ciphers.slice(modern.ciphers.length),
    macs: all.macs.slice(modern.macs.length),
  };
}

/** What OpenSSL may have been built or configured without; ssh2 throws for it. */
function isBuiltIn(name: CipherAlgorithm | MacAlgorithm): boolean {
  if (name === '3des-cbc') return getCiphers().includes('des-ede3-cbc');
  return !name.startsWith('hmac-md5') || getHashes().includes('md5');
}

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
  '3des-cbc',
];
const possibleMacs: readonly MacAlgorithm[] = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha1-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
  'hmac-sha1',
  'hmac-sha1-96',
  'hmac-md5',
  'hmac-md5-96',
];

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
  const usual = algorithmsOf(profile);
  const types = new Set([...preferredTypes, ...Object.keys(byKeyType)]);
  const known = [...types].flatMap(type => byKeyType[type] ?? []);
  const hostKeys = [...new Set([...known.filter(name => usual.hostKeys.includes(name)), ...usual.hostKeys])];
  const older = olderThanModern(profile);
  // ssh2 has its own order of ciphers, by what the CPU does best.
  const ciphers = older.ciphers.length === 0 ? undefined : { append: older.ciphers, prepend: [], remove: [] };
  const macs = { remove: sha1Macs, append: older.macs, prepend: [] };
  return {
    kex: choices.kex === undefined ? [...usual.kex] : groupExchangeLast(chosen(choices.kex, possibleKex), choices.kex),
    serverHostKey: choices.hostKeys === undefined ? hostKeys : orderedHostKeys(choices.hostKeys, known),
    ...(choices.ciphers !== undefined
      ? { cipher: chosen(choices.ciphers, possibleCiphers.filter(isBuiltIn)) }
      : ciphers && { cipher: ciphers }),
    hmac: choices.macs === undefined ? macs : chosen(choices.macs, possibleMacs.filter(isBuiltIn)),
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
