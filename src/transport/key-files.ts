/** Private key files: read once, unlocked at most once per run. */
import { readFile, stat } from 'node:fs/promises';
import type { ParsedKey } from 'ssh2';
import type { ConnectPlan } from '../model/plan.ts';
import { keyType } from './known-hosts-file.ts';
import { parseKey } from './parse-key.ts';

/** What a key file holds, as far as can be said without a passphrase. */
export type KeyFile =
  | { readonly state: 'usable'; readonly key: ParsedKey; readonly blob: Buffer; readonly certificate: boolean }
  | { readonly state: 'encrypted'; readonly blob: Buffer | undefined; readonly certificate: boolean }
  /** `why` is for people: `no such file`, `a FIDO key, …`. */
  | {
      readonly state: 'unusable';
      readonly why: string;
      readonly blob: Buffer | undefined;
      readonly certificate: boolean;
    };

/** Where secrets come from. Nothing in here ever appears in a message. */
export interface Secrets {
  /** Asks a person without echo; undefined if nobody answers. Left out in batch mode: then nothing is asked. */
  readonly ask?: (prompt: string) => Promise<string | undefined>;
  /** Passphrase for encrypted key files, from the environment. Tried before anybody is asked. */
  readonly passphrase?: string;
  /** Whether password and keyboard-interactive may be tried at all. */
  readonly passwordLogin?: boolean;
  /** The password, from the environment or a file; asked for if left out. */
  readonly password?: string;
  /** The password for sudo, likewise. */
  readonly sudoPassword?: string;
}

/** Result of unlocking: a key, or why not. */
type Unlocked = ParsedKey | { readonly why: string };

export interface KeyRing {
  readonly read: (path: string) => Promise<KeyFile>;
  /** Unlocks an encrypted file. Asks at most once per file and run, one question at a time; of hosts in batch mode never. */
  readonly unlock: (path: string, plan: Pick<ConnectPlan, 'isBatch'>) => Promise<Unlocked>;
}

/** A private key is a few KiB; more is another file by mistake. */
const maxKeyBytes = 64 * 1024;

/** Key files of one run. `askOne` puts questions one after the other. */
export function createKeyRing(secrets: Secrets, askOne: (prompt: string) => Promise<string | undefined>): KeyRing {
  const files = new Map<string, Promise<KeyFile>>();
  const keys = new Map<string, Promise<Unlocked>>();
  const remember = <T>(cache: Map<string, Promise<T>>, path: string, work: () => Promise<T>): Promise<T> => {
    const known = cache.get(path) ?? work();
    cache.set(path, known);
    return known;
  };
  const unlock = async (path: string, mayAsk: boolean): Promise<Unlocked> => {
    const text = await readFile(path);
    const fromEnvironment = secrets.passphrase === undefined ? undefined : open(text, secrets.passphrase);
    if (fromEnvironment !== undefined) return fromEnvironment;
    const wrong = secrets.passphrase === undefined ? '' : ' (that of the environment does not fit)';
    if (secrets.ask === undefined || !mayAsk) return { why: `needs a passphrase${wrong}` };
    const typed = await askOne(`Passphrase for key ${path}: `);
    if (typed === undefined) return { why: 'needs a passphrase, and none was given' };
    return open(text, typed) ?? { why: 'the passphrase does not fit' };
  };
  return {
    read: path => remember(files, path, () => readKeyFile(path)),
    unlock: (path, { isBatch }) =>
      isBatch === true && !keys.has(path) ? unlock(path, false) : remember(keys, path, () => unlock(path, true)),
  };
}

function open(text: Buffer, passphrase: string): ParsedKey | undefined {
  const key = parseKey(text, passphrase);
  return key instanceof Error ? undefined : key;
}

async function readKeyFile(path: string): Promise<KeyFile> {
  const certificate = await isFile(`${path}-cert.pub`);
  const text = await readSmall(path);
  const beside = await readSmall(`${path}.pub`);
  const publicHalf = 'text' in beside ? publicBlob(beside.text.toString('latin1')) : undefined;
  if ('why' in text) return { state: 'unusable', why: text.why, blob: publicHalf, certificate };
  const key = parseKey(text.text);
  const blob = envelopeBlob(text.text.toString('latin1')) ?? publicHalf;
  const type = blob === undefined ? undefined : keyType(blob);
  if (type?.startsWith('sk-')) {
    return {
      state: 'unusable',
      why: 'a FIDO key (sk-…), which transport ssh2 cannot use',
      blob,
      certificate,
    };
  }
  if (key instanceof Error) {
    if (/encrypted/i.test(key.message)) return { state: 'encrypted', blob, certificate };
    return {
      state: 'unusable',
      why: `not a private key this program reads; try ssh-keygen -p -f ${path}`,
      blob,
      certificate,
    };
  }
  const own = key.getPublicSSH();
  if (!key.isPrivateKey()) return { state: 'unusable', why: 'only the public half', blob: own, certificate };
  return { state: 'usable', key, blob: own, certificate };
}

async function readSmall(path: string): Promise<{ readonly text: Buffer } | { readonly why: string }> {
  try {
    const { size } = await stat(path);
    if (!(await isFile(path))) return { why: 'not a file' };
    if (size > maxKeyBytes) return { why: 'too long for a key' };
    return { text: await readFile(path) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return { why: code === 'ENOENT' ? 'no such file' : code === 'EACCES' ? 'not permitted to read it' : String(code) };
  }
}

const isFile = async (path: string): Promise<boolean> =>
  stat(path).then(
    found => found.isFile(),
    () => false,
  );

/** The blob in a `.pub` file. */
function publicBlob(text: string): Buffer | undefined {
  const [type, encoded] = text.trim().split(/\s+/);
  const blob = Buffer.from(encoded ?? '', 'base64');
  return type !== undefined && keyType(blob) === type ? blob : undefined;
}

/** The public half in OpenSSH's envelope, readable without passphrase: PROTOCOL.key. */
function envelopeBlob(text: string): Buffer | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+)-----END/.exec(text)?.[1];
  const bytes = Buffer.from(body ?? '', 'base64');
  let at = 'openssh-key-v1\0'.length;
  const field = (): Buffer | undefined => {
    const end = at + 4 <= bytes.length ? at + 4 + bytes.readUInt32BE(at) : Number.POSITIVE_INFINITY;
    const found = end <= bytes.length ? bytes.subarray(at + 4, end) : undefined;
    at = end;
    return found;
  };
  const beforeCount = [field(), field(), field()];
  at += 4;
  const blob = beforeCount.every(part => part !== undefined) ? field() : undefined;
  return blob === undefined || keyType(blob) === undefined ? undefined : blob;
}
