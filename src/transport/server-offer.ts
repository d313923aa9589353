/** What a server says before keys are exchanged: its identification and its lists of algorithms (RFC 4253 4.2 and 7.1). */

/** Names of each family, best first, as the server lists them. */
export interface ServerOffer {
  readonly kex: readonly string[];
  readonly hostKeys: readonly string[];
  /** Client to server; the other direction is the same on all servers that there are. */
  readonly ciphers: readonly string[];
  readonly macs: readonly string[];
}

/** The first bytes of a connection. */
export interface Opening {
  /** Takes what the server sends; tells whether more is wanted. */
  readonly add: (chunk: Buffer) => boolean;
  /** The lines before the first packet, as Latin-1, or as much of them as came. */
  readonly greeting: () => string;
  /** Undefined where no list came, or one that is damaged. */
  readonly offer: () => ServerOffer | undefined;
}

/** RFC 4253 6.1 has 35,000 bytes for the longest packet. Unit: bytes. */
const maxBytes = 40_000;
/** As much of the greeting as is looked at; RFC 4253 4.2 allows 255 bytes for the identification. */
const greetingLength = 1_024;

/** Collects the opening of one connection. */
export function createOpening(): Opening {
  let bytes: Buffer = Buffer.alloc(0);
  return {
    add: chunk => {
      bytes = Buffer.concat([bytes, chunk.subarray(0, maxBytes - bytes.length)]);
      const packet = packetStart(bytes);
      const end = packet === undefined ? maxBytes : packet + 4 + lengthAt(bytes, packet);
      return bytes.length < Math.min(end, maxBytes);
    },
    greeting: () => bytes.toString('latin1', 0, Math.min(packetStart(bytes) ?? greetingLength, greetingLength)),
    offer: () => {
      const packet = packetStart(bytes);
      return packet === undefined ? undefined : parseKexInit(bytes.subarray(packet));
    },
  };
}

/** Where the lines end: other lines may come before the identification. */
function packetStart(bytes: Buffer): number | undefined {
  for (let start = 0; ; ) {
    const end = bytes.indexOf(0x0a, start);
    if (end < 0) return undefined;
    if (bytes.toString('latin1', start, start + 4) === 'SSH-') return end + 1;
    start = end + 1;
  }
}

const lengthAt = (bytes: Buffer, at: number): number => (at + 4 <= bytes.length ? bytes.readUInt32BE(at) : maxBytes);

const messageKexInit = 20;
const cookieBytes = 16;

/** One unencrypted packet: its length, the length of its padding, SSH_MSG_KEXINIT, a cookie, lists. */
function parseKexInit(packet: Buffer): ServerOffer | undefined {
  const headBytes = 5;
  if (packet.length < headBytes + 1 + cookieBytes || packet[headBytes] !== messageKexInit) return undefined;
  let at = headBytes + 1 + cookieBytes;
  const list = (): readonly string[] | undefined => {
    if (at + 4 > packet.length) return undefined;
    const start = at + 4;
    at = start + packet.readUInt32BE(at);
    return at > packet.length ? undefined : packet.toString('latin1', start, at).split(',').filter(Boolean);
  };
  const [kex, hostKeys, ciphers, , macs] = [list(), list(), list(), list(), list()];
  if (kex === undefined || hostKeys === undefined || ciphers === undefined || macs === undefined) return undefined;
  return { kex, hostKeys, ciphers, macs };
}
