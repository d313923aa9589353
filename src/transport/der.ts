/** As much DER (X.690) as a Diffie-Hellman key of PKCS #3 takes: node:crypto reads such keys in no other form. */

const tags = { integer: 0x02, bitString: 0x03, octetString: 0x04, sequence: 0x30 };
/** `dhKeyAgreement`, 1.2.840.113549.1.3.1, as an OBJECT IDENTIFIER. */
const dhKeyAgreement = Buffer.from('06092a864886f70d010301', 'hex');

function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => element(tags.sequence, Buffer.concat(parts));

/** A positive number, from big-endian bytes with or without leading zeros. */
function integer(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const digits = bytes.subarray(start);
  return element(tags.integer, ((digits[0] ?? 0) & 0x80) === 0 ? digits : Buffer.concat([Buffer.from([0]), digits]));
}

/** A group, as keys name it. Numbers are big-endian and less than 64 KiB. */
export const dhGroup = (prime: Buffer, generator: Buffer): Buffer =>
  sequence(dhKeyAgreement, sequence(integer(prime), integer(generator)));

/** PKCS #8, RFC 5208. */
export const dhPrivateKey = (group: Buffer, exponent: Buffer): Buffer =>
  sequence(integer(Buffer.from([0])), group, element(tags.octetString, integer(exponent)));

/** SubjectPublicKeyInfo, RFC 5280 4.1. */
export const dhPublicKey = (group: Buffer, value: Buffer): Buffer =>
  sequence(group, element(tags.bitString, Buffer.concat([Buffer.from([0]), integer(value)])));

/** The value in a SubjectPublicKeyInfo that has this group. */
export function dhPublicValue(info: Buffer, group: Buffer): Buffer {
  const bits = content(content(info).subarray(group.length));
  return content(bits.subarray(1));
}

/** What stands in an element that OpenSSL wrote. */
function content(element: Buffer): Buffer {
  const first = element[1] ?? 0;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const length = lengthBytes === 0 ? first : element.readUIntBE(2, lengthBytes);
  const start = 2 + lengthBytes;
  return element.subarray(start, start + length);
}
