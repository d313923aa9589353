import ssh2 from 'ssh2';

/** A key pair made for one run of the demo. */
export interface KeyPair {
  /** OpenSSH private key file. */
  readonly privateText: string;
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly publicText: string;
  readonly parsed: ssh2.ParsedKey;
}

/** A new ed25519 key pair. Of those that ssh2 1.17 makes, its own parser refuses about 1 in 400: then another is made. */
export function newKeyPair(): KeyPair {
  const pair = ssh2.utils.generateKeyPairSync('ed25519');
  const parsed = ssh2.utils.parseKey(pair.private);
  if (parsed instanceof Error) return newKeyPair();
  return { privateText: pair.private, publicText: pair.public.trim().split(' ').slice(0, 2).join(' '), parsed };
}

/** Whether this attempt shows our key: the question whether it would do, or the signature made with it. */
export function showsKey(attempt: ssh2.AuthContext, key: ssh2.ParsedKey): boolean {
  if (attempt.method !== 'publickey') return false;
  if (attempt.key.algo !== key.type || !attempt.key.data.equals(key.getPublicSSH())) return false;
  if (attempt.signature === undefined) return true;
  if (attempt.blob === undefined) return false;
  return key.verify(attempt.blob, attempt.signature, attempt.hashAlgo) === true;
}
