/**
 * Diffie-Hellman group exchange (RFC 4419) without a test for primality. ssh2 hands the server's modulus to
 * createDiffieHellman(), which tests that it is a safe prime: 2 s for 3072 bits, 36 s for 8192, and every other host
 * waits. OpenSSH's client does not test either (kexgexc.c looks at its length): the server signs the group with its host
 * key, and a server that is believed may as well tell the secret itself.
 */
import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject, randomBytes } from 'node:crypto';
import type { Client } from 'ssh2';
import { dhGroup, dhPrivateKey, dhPublicKey, dhPublicValue } from './der.ts';

/** RFC 8270 sets the least; RFC 4419 the most. Unit: bits. */
const modulusBits = { least: 2_048, most: 8_192 };
/** dh_gen_key() of OpenSSH takes twice the bits of the strongest hash or cipher; none has more than 256. */
const exponentBytes = 64;

/** What ssh2 asks of a Diffie-Hellman object. */
export interface GroupExchange {
  readonly publicKey: Buffer;
  readonly getPrime: () => Buffer;
  readonly getGenerator: () => Buffer;
  /** Throws for a value that is no public key of the group. */
  readonly computeSecret: (theirs: Buffer) => Buffer;
}

/** One exchange in the group that a server chose. Throws for a group that nobody means well with. */
export function exchangeIn(prime: Buffer, generator: Buffer): GroupExchange {
  const p = numberOf(prime);
  const g = numberOf(generator);
  const bits = p.toString(2).length;
  if (bits < modulusBits.least || bits > modulusBits.most) {
    throw new Error(`the server chose a group of ${bits} bits for the key exchange`);
  }
  if (p % 2n === 0n || g < 2n || g > p - 2n)
    throw new Error('the server chose a group for the key exchange that is none');
  const group = dhGroup(prime, generator);
  const key = privateKeyIn(group);
  return {
    publicKey: dhPublicValue(createPublicKey(key).export({ type: 'spki', format: 'der' }), group),
    getPrime: () => prime,
    getGenerator: () => generator,
    computeSecret: theirs => {
      const y = numberOf(theirs);
      if (y < 2n || y > p - 2n) throw new Error('the public key of the server is none of its group');
      const publicKey = createPublicKey({ key: dhPublicKey(group, theirs), type: 'spki', format: 'der' });
      return diffieHellman({ privateKey: key, publicKey });
    },
  };
}

const numberOf = (bytes: Buffer): bigint => BigInt(`0x0${bytes.toString('hex')}`);

/** OpenSSL makes the public half of it. The first bit is set, so that the exponent is as long as wanted. */
function privateKeyIn(group: Buffer): KeyObject {
  const exponent = randomBytes(exponentBytes);
  exponent[0] = (exponent[0] ?? 0) | 0x80;
  return createPrivateKey({ key: dhPrivateKey(group, exponent), type: 'pkcs8', format: 'der' });
}

/**
 * Makes a client use `exchangeIn` wherever it would have the modulus tested, in later key exchanges as well. Call it right
 * after `connect`. It reaches into ssh2 1.17, which has no other way: Protocol `_kex`, and `generateKeys` of
 * DHGroupExchange in kex.js. Where ssh2 looks otherwise, it does what it did before.
 */
export function skipPrimalityTest(client: Client): void {
  const protocol: unknown = Reflect.get(client, '_protocol');
  if (typeof protocol !== 'object' || protocol === null || !('_kex' in protocol)) return;
  let current: unknown = protocol._kex;
  Object.defineProperty(protocol, '_kex', {
    configurable: true,
    enumerable: true,
    get: () => current,
    set: (next: unknown) => {
      current = next;
      if (isGroupExchange(next)) next.generateKeys = generateKeys;
    },
  });
}

/** The part of DHGroupExchange that matters. */
interface Ssh2GroupExchange {
  _prime: Buffer | null;
  _generator: Buffer | null;
  _dh: GroupExchange | null;
  _public: Buffer | null;
  generateKeys: () => void;
}

const isGroupExchange = (kex: unknown): kex is Ssh2GroupExchange =>
  typeof kex === 'object' && kex !== null && 'type' in kex && kex.type === 'groupex' && '_prime' in kex && '_dh' in kex;

function generateKeys(this: Ssh2GroupExchange): void {
  if (this._dh !== null || this._prime === null || this._generator === null) return;
  this._dh = exchangeIn(this._prime, this._generator);
  this._public = this._dh.publicKey;
}
