/** SHA-1 (FIPS 180-4) with its state in the open, which node:crypto does not give; only for hashed-names.ts. */

/** Five words of chaining value. */
export type Sha1State = Int32Array;

export const sha1Initial: Sha1State = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);

const blockBytes = 64;
const lengthBytes = 8;

/**
 * Message schedules (80 words each) of a message.
 * `before` counts bytes already compressed, which the final length includes; without `final` no padding is added.
 */
export function sha1Schedules(message: Uint8Array, before: number, final = true): readonly Int32Array[] {
  const padded = final ? pad(message, before) : message;
  const view = new DataView(padded.buffer, padded.byteOffset, padded.length);
  const schedules: Int32Array[] = [];
  for (let offset = 0; offset < padded.length; offset += blockBytes) {
    const schedule = new Int32Array(80);
    for (let word = 0; word < 16; word++) schedule[word] = view.getInt32(offset + 4 * word);
    expand(schedule);
    schedules.push(schedule);
  }
  return schedules;
}

function pad(message: Uint8Array, before: number): Uint8Array {
  const blocks = Math.ceil((message.length + 1 + lengthBytes) / blockBytes);
  const padded = new Uint8Array(blocks * blockBytes);
  padded.set(message);
  padded[message.length] = 0x80;
  new DataView(padded.buffer).setUint32(padded.length - 4, (before + message.length) * 8);
  return padded;
}

function expand(w: Int32Array): void {
  for (let t = 16; t < 80; t++) {
    const x = word(w, t - 3) ^ word(w, t - 8) ^ word(w, t - 14) ^ word(w, t - 16);
    w[t] = (x << 1) | (x >>> 31);
  }
}

/** Adds one block to `from` and writes the new state to `to` (which may be the same array). */
export function sha1Compress(from: Sha1State, schedule: Int32Array, to: Sha1State): void {
  let a = word(from, 0);
  let b = word(from, 1);
  let c = word(from, 2);
  let d = word(from, 3);
  let e = word(from, 4);
  for (let t = 0; t < 80; t++) {
    const mix = t < 20 ? d ^ (b & (c ^ d)) : t >= 40 && t < 60 ? (b & c) | (d & (b | c)) : b ^ c ^ d;
    const constant = t < 40 ? (t < 20 ? 0x5a827999 : 0x6ed9eba1) : t < 60 ? 0x8f1bbcdc : 0xca62c1d6;
    const next = (((a << 5) | (a >>> 27)) + mix + e + constant + word(schedule, t)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  to[0] = word(from, 0) + a;
  to[1] = word(from, 1) + b;
  to[2] = word(from, 2) + c;
  to[3] = word(from, 3) + d;
  to[4] = word(from, 4) + e;
}

const scratch = { state: new Int32Array(5), schedule: new Int32Array(80) };

/** HMAC-SHA1 (RFC 2104) from the states after both pads and the message's schedules. Valid until the next call. */
export function hmacSha1(
  states: { readonly inner: Sha1State; readonly outer: Sha1State },
  message: readonly Int32Array[],
): Sha1State {
  const { state, schedule } = scratch;
  state.set(states.inner);
  for (const block of message) sha1Compress(state, block, state);
  schedule.fill(0, 5, 16);
  schedule.set(state);
  schedule[5] = 0x80000000;
  schedule[15] = (blockBytes + 20) * 8;
  expand(schedule);
  sha1Compress(states.outer, schedule, state);
  return state;
}

/** An element that is there by construction; to the type checker every access may be undefined. */
const word = (array: Int32Array, index: number): number => array[index] ?? 0;
