/**
 * Packets at the socket of an `ssh` that shares its connection: PROTOCOL.mux of OpenSSH, "proxy" mode (from 7.4 on), in
 * which it passes on messages of the SSH connection protocol (RFC 4254), with channel numbers of its own.
 */
import type { ProbeTarget } from '../model/probe.ts';

/** Messages of RFC 4253 12 and RFC 4254 9. */
export const message = { ignore: 2, open: 90, confirmed: 91, failed: 92, data: 94, eof: 96, close: 97 } as const;
/** Requests and answers of PROTOCOL.mux. */
export const mux = { hello: 0x01, proxy: 0x1000000f, proxyAnswer: 0x8000000f, version: 4 } as const;

/** Longer packets are an error: nobody sends us that much. Unit: bytes. */
const mostBytes = 256 * 1024;
/** What a target may send unasked, a greeting; it is thrown away. Unit: bytes. */
const windowBytes = 32 * 1024;

/** RFC 4251 5, `uint32`. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** RFC 4251 5, `string`. */
const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
};

/** A packet of the multiplexing itself. */
export const muxPacket = (...values: readonly number[]): Buffer => {
  const body = Buffer.concat(values.map(uint32));
  return Buffer.concat([uint32(body.length), body]);
};

/** A message for the server: a length, a byte that stands for the padding, the message. */
const toServer = (type: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat([Buffer.from([0, type]), ...parts]);
  return Buffer.concat([uint32(body.length), body]);
};

/** RFC 4254 7.2. */
export const openDirect = (channel: number, { host, port }: ProbeTarget): Buffer =>
  toServer(
    message.open,
    text('direct-tcpip'),
    ...[channel, windowBytes, windowBytes].map(uint32),
    text(host),
    uint32(port),
    text('127.0.0.1'),
    uint32(0),
  );

/** A channel of a type that no server has: it must say so (RFC 4254 5.1), and starts nothing. */
export const openNothing = (channel: number): Buffer =>
  toServer(message.open, text('nothing@synaudit.invalid'), ...[channel, windowBytes, windowBytes].map(uint32));

/** Nobody answers it: RFC 4253 11.2. */
export const ignored: Buffer = toServer(message.ignore, text(''));

/** `channel` is the number of the other side. */
export const endOf = (type: typeof message.eof | typeof message.close, channel: number): Buffer =>
  toServer(type, uint32(channel));

/** What comes of the server, as far as it matters. `channel` is our number. */
export type FromServer =
  | { readonly type: 'confirmed'; readonly channel: number; readonly theirs: number }
  | { readonly type: 'failed'; readonly channel: number; readonly reason: number; readonly said: string }
  | { readonly type: 'eof' | 'close'; readonly channel: number }
  | { readonly type: 'other' };

/** Reads the body of a packet; null for one that is cut short. */
export function fromServer(body: Buffer): FromServer | null {
  const type = body[1];
  const number = (at: number): number | null => (body.length >= at + 4 ? body.readUInt32BE(at) : null);
  const [channel, second] = [number(2), number(6)];
  if (type === message.eof || type === message.close) {
    return channel === null ? null : { type: type === message.eof ? 'eof' : 'close', channel };
  }
  if (type === message.confirmed) {
    return channel === null || second === null ? null : { type: 'confirmed', channel, theirs: second };
  }
  if (type === message.failed) {
    const length = number(10);
    if (channel === null || second === null || length === null) return null;
    return { type: 'failed', channel, reason: second, said: body.toString('utf8', 14, 14 + Math.min(length, 1_024)) };
  }
  return type === undefined ? null : { type: 'other' };
}

/** Cuts what arrives into packets. `add` gives the bodies that are complete, or null if it is no such stream. */
export function createPacketCutter(): { readonly add: (chunk: Buffer) => readonly Buffer[] | null } {
  let rest: Buffer = Buffer.alloc(0);
  return {
    add: chunk => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const bodies: Buffer[] = [];
      while (rest.length >= 4) {
        const length = rest.readUInt32BE(0);
        if (length > mostBytes) return null;
        if (rest.length < 4 + length) break;
        bodies.push(rest.subarray(4, 4 + length));
        rest = rest.subarray(4 + length);
      }
      return bodies;
    },
  };
}
