/** Reading known_hosts files, and appending to one. */
import { appendFile, mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A ten-thousand-host file with three hashed keys each is 10 MB. */
const maxBytes = 64 * 1024 * 1024;

/** The text; empty if the file does not exist or is a device (`/dev/null`). Otherwise why it cannot be read. */
export async function readKnownHosts(file: string): Promise<{ readonly text: string } | { readonly why: string }> {
  try {
    const found = await stat(file);
    if (found.isCharacterDevice()) return { text: '' };
    if (!found.isFile()) return { why: 'not a file' };
    if (found.size > maxBytes) return { why: 'too long' };
    return { text: await readFile(file, 'latin1') };
  } catch (error) {
    const code = errorCode(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? { text: '' } : { why: code };
  }
}

/** A list of revoked keys: unlike known_hosts it must be there, and a KRL (ssh-keygen -k) is not understood. */
export async function readRevokedKeys(file: string): Promise<{ readonly text: string } | { readonly why: string }> {
  try {
    const text = await readFile(file, 'latin1');
    return text.startsWith('SSHKRL')
      ? { why: 'a KRL, which this program cannot read; list the keys as text' }
      : { text };
  } catch (error) {
    return { why: errorCode(error) };
  }
}

const queues = new Map<string, Promise<unknown>>();

/**
 * Appends one line, in one write to a file opened with O_APPEND; a file that does not exist is made with mode 0600.
 * Lines of this process are written one after the other. Gives back why it did not work, or undefined.
 */
export function appendLine(file: string, line: string): Promise<string | undefined> {
  const before = queues.get(file) ?? Promise.resolve();
  const write = before
    .then(() => append(file, line))
    .then(
      () => undefined,
      error => `${file}: ${errorCode(error)}`,
    );
  queues.set(file, write);
  return write;
}

async function append(file: string, line: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // A file whose last line has no end would swallow ours.
  const separator = (await endsInLine(file)) ? '' : '\n';
  await appendFile(file, `${separator}${line}\n`, { mode: 0o600, flag: 'a' });
}

async function endsInLine(file: string): Promise<boolean> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return true;
  try {
    const { size } = await handle.stat();
    if (size === 0) return true;
    const last = Buffer.alloc(1);
    await handle.read(last, 0, 1, size - 1);
    return last[0] === 0x0a;
  } finally {
    await handle.close();
  }
}

const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);
