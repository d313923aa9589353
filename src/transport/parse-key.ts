/** Keys as ssh2 reads them. Node sees no named export `utils` in that CommonJS module, hence the default import. */
import ssh2, { type ParsedKey } from 'ssh2';

/** Parses a private key, or a public one as `type base64`; an Error says why it cannot. */
export function parseKey(text: Buffer | string, passphrase?: string): ParsedKey | Error {
  const key = ssh2.utils.parseKey(text, passphrase);
  // For OpenSSH's own format it is an array of one, whatever the types say.
  return Array.isArray(key) ? key[0] : key;
}
