/**
 * Names in known_hosts as OpenSSH hashes them: `|1|salt|HMAC-SHA1(salt, name)` (hostfile.c, host_hash()).
 *
 * Every line has a salt of its own, so a lookup costs one HMAC per line. `createHmac` takes 3 µs here, which would be a
 * minute for 5,000 hosts against 5,000 lines. Two things are the same for every line and every host respectively, and
 * are computed once: the message schedule of the name, and SHA-1's state after the padded salt. What is left, 0.6 µs,
 * is worth the few lines of FIPS 180-4 below.
 */
import { hmacSha1, type Sha1State, sha1Compress, sha1Initial, sha1Schedules } from './sha1.ts';

/** The hashed name of one line. Its states are computed when it is first compared. */
export interface HashedName {
  readonly salt: Uint8Array;
  readonly digest: Sha1State;
  states: { readonly inner: Sha1State; readonly outer: Sha1State } | undefined;
  /** The name it stands for, once a comparison has found it. A line stands for one name, so no other is compared. */
  owner: string | undefined;
}

/** A name prepared for comparison with many lines. */
export interface NameProbe {
  readonly name: string;
  readonly schedules: readonly Int32Array[];
}

const sha1Bytes = 20;
const blockBytes = 64;

/** Parses `|1|base64|base64`; undefined if it is not that. */
export function parseHashedName(text: string): HashedName | undefined {
  const [empty, magic, salt = '', digest = '', rest] = text.split('|');
  if (empty !== '' || magic !== '1' || rest !== undefined) return undefined;
  const [key, mac] = [Buffer.from(salt, 'base64'), Buffer.from(digest, 'base64')];
  if (key.length !== sha1Bytes || mac.length !== sha1Bytes) return undefined;
  const words = Int32Array.from([0, 4, 8, 12, 16], offset => mac.readInt32BE(offset));
  return { salt: key, digest: words, states: undefined, owner: undefined };
}

/** Prepares a name, which is lower case and has its port if that is not 22, for `isHashOf`. */
export const probeName = (name: string): NameProbe => ({
  name,
  schedules: sha1Schedules(Buffer.from(name), blockBytes),
});

/** Whether a line stands for the probe's name; remembers it if so. */
export function isHashOf(hashed: HashedName, probe: NameProbe): boolean {
  if (hashed.owner !== undefined) return hashed.owner === probe.name;
  hashed.states ??= { inner: padState(hashed.salt, 0x36), outer: padState(hashed.salt, 0x5c) };
  const digest = hmacSha1(hashed.states, probe.schedules);
  for (let index = 0; index < digest.length; index++) if (digest[index] !== hashed.digest[index]) return false;
  hashed.owner = probe.name;
  return true;
}

/** SHA-1's state after one block of the key xored with the pad byte: RFC 2104. */
function padState(salt: Uint8Array, pad: number): Sha1State {
  const block = new Uint8Array(blockBytes).fill(pad);
  for (const [index, byte] of salt.entries()) block[index] = byte ^ pad;
  const state = new Int32Array(sha1Initial);
  for (const schedule of sha1Schedules(block, 0, false)) sha1Compress(state, schedule, state);
  return state;
}
