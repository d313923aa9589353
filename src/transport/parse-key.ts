/** Keys as ssh2 reads them. Node sees no named export `utils` in that CommonJS module, hence the default import. */
import { createPrivateKey, sign } from 'node:crypto';
import ssh2, { type ParsedKey } from 'ssh2';

/** Parses a private key, or a public one as `type base64`; an Error says why it cannot. */
export function parseKey(text: Buffer | string, passphrase?: string): ParsedKey | Error {
  const key = ssh2.utils.parseKey(text, passphrase);
  // For OpenSSH's own format it is an array of one, whatever the types say.
  const one: ParsedKey | Error = Array.isArray(key) ? key[0] : key;
  return one instanceof Error || !one.isPrivateKey() ? one : withDecodedKey(one);
}

/**
 * ssh2 hands OpenSSL the text of the key for every signature, and decoding it takes ten times as long as signing (505
 * against 46 µs for ed25519, OpenSSL 3.0): a fifth of what a whole login costs. Here it is decoded once per run.
 */
function withDecodedKey(key: ParsedKey): ParsedKey {
  const decoded = createPrivateKey(key.getPrivatePEM());
  const signFromText = key.sign.bind(key);
  key.sign = (data, algorithm) => {
    // Which hash goes with a key type by default is ssh2's knowledge; ed25519 has none (RFC 8709).
    if (algorithm === undefined && key.type !== 'ssh-ed25519') return signFromText(data);
    return sign(algorithm, typeof data === 'string' ? Buffer.from(data) : data, decoded);
  };
  return key;
}
