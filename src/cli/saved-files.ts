import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { readFrames } from '../collect/frames.ts';
import { inputError } from '../model/input-error.ts';
import { counterSources } from '../sources/index.ts';
import type { PastedText } from '../sources/pasted-lines.ts';
import { errnoText, isErrno } from './errno.ts';

/** What is behind one PATH of `ingest`. */
export type Saved =
  /** Output of the collector, whole or cut off. */
  | { readonly kind: 'output'; readonly output: Buffer }
  | { readonly kind: 'text'; readonly text: PastedText }
  /** A directory: a host's proc/ and etc/, texts of commands, or both. */
  | {
      readonly kind: 'tree';
      readonly root: string;
      /** It has a host's proc/ or etc/; else only the texts count. */
      readonly isHost: boolean;
      readonly isSosreport: boolean;
      readonly texts: readonly PastedText[];
    };

/** A text or an output that people saved is smaller. Unit: bytes. */
const maxFileBytes = 32 * 1_024 * 1_024;
/** Of a text that lies in a directory, where nobody named it; and of all in one directory. Unit: bytes. */
const maxFoundBytes = 8 * 1_024 * 1_024;
/** Texts that are looked at in one directory. */
const maxFound = 64;

/** Reads what a PATH names; `-` is standard input. Throws InputError that says why it is unusable. */
export async function readSaved(path: string, readStdin: () => Promise<string>): Promise<Saved> {
  if (path === '-') return savedFile(Buffer.from(await readStdin()), 'stdin');
  try {
    const { size, isDirectory } = await about(path);
    if (isDirectory) return await savedTree(resolve(path));
    if (size > maxFileBytes) {
      throw inputError(`${path}: ${size} bytes are more than the ${maxFileBytes} that are read`);
    }
    return savedFile(await readFile(path), path);
  } catch (error) {
    throw isErrno(error) ? inputError(`${path}: ${errnoText(error)}`) : error;
  }
}

async function about(path: string): Promise<{ size: number; isDirectory: boolean }> {
  const found = await stat(path);
  return { size: found.size, isDirectory: found.isDirectory() };
}

function savedFile(bytes: Buffer, path: string): Saved {
  const read = readFrames(bytes);
  if (read.ok || read.why === 'no-sentinel') return { kind: 'output', output: bytes };
  const text = textOf(bytes);
  if (text === null) throw inputError(`${path}: ${whatBinary(bytes)}`);
  return { kind: 'text', text: { name: path.split(sep).at(-1) ?? path, text } };
}

/** Text of a file; null: it is none. PowerShell writes UTF-16 with a byte order mark. */
function textOf(bytes: Buffer): string | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2).toString('utf16le');
  return bytes.includes(0) ? null : bytes.toString('utf8');
}

/** First bytes of archives. Source: the formats' own documents (RFC 1952; xz, zip, zstd and bzip2 specifications). */
const archives: readonly (readonly [name: string, magic: string])[] = [
  ['gzip', '1f8b'],
  ['xz', 'fd377a58'],
  ['bzip2', '425a68'],
  ['zip', '504b0304'],
  ['zstd', '28b52ffd'],
];

function whatBinary(bytes: Buffer): string {
  const start = bytes.subarray(0, 8).toString('hex');
  const packed = archives.find(([, magic]) => start.startsWith(magic));
  const isTar = bytes.subarray(257, 262).toString('latin1') === 'ustar';
  if (packed === undefined && !isTar) return 'is no text';
  return `is an archive (${packed?.[0] ?? 'tar'}): unpack it, and name the directory`;
}

/** Where texts of commands lie in a saved tree, below its root, and which of the files there are looked at. */
const textPlaces: readonly { readonly directory: string; readonly isText: RegExp }[] = [
  { directory: '', isText: /^[^.]/ },
  { directory: 'cmd', isText: /^[^.]/ },
];
/** The same of a sosreport, whose other files are many and large. Source: sos report/plugins/{networking,kernel,host}.py. */
const sosTexts =
  /^(?:netstat_-s|netstat_-\w+_-neopa|nstat_|ss_-|ip_(?:-\w_)?tcp_metrics|sysctl_-a|uname_-a|uptime)(?!.*_-6$)/;
const sosPlaces = ['networking', 'kernel', 'host', 'general'].map(plugin => ({
  directory: `sos_commands/${plugin}`,
  isText: sosTexts,
}));

async function savedTree(root: string): Promise<Saved> {
  const isSosreport = await isThere(join(root, 'sos_commands'));
  const places = isSosreport ? sosPlaces : textPlaces;
  const texts = await Promise.all(places.map(place => textsIn(root, place)));
  const isHost = (await isThere(join(root, 'proc'))) || (await isThere(join(root, 'etc')));
  return { kind: 'tree', root, isHost, isSosreport, texts: [...texts.flat(), ...(await netOfProcess(root))] };
}

async function textsIn(
  root: string,
  { directory, isText }: (typeof textPlaces)[number],
): Promise<readonly PastedText[]> {
  const names = await readdir(join(root, directory)).catch(() => []);
  const texts: PastedText[] = [];
  let left = maxFoundBytes;
  for (const name of names
    .filter(candidate => isText.test(candidate))
    .sort()
    .slice(0, maxFound)) {
    const path = join(root, directory, name);
    const text = await textInside(root, path, left);
    if (text === null) continue;
    texts.push({ name: relative(root, path), text });
    left -= text.length;
  }
  return texts;
}

/** Text of a plain file of the tree; null for others, for larger ones, and where a link leads out of the tree. */
async function textInside(root: string, path: string, maxBytes: number): Promise<string | null> {
  try {
    const real = await realpath(path);
    if (!real.startsWith(`${await realpath(root)}${sep}`)) return null;
    const { size, isFile } = await stat(real).then(found => ({ size: found.size, isFile: found.isFile() }));
    return isFile && size <= maxBytes ? textOf(await readFile(real)) : null;
  } catch (error) {
    if (isErrno(error)) return null;
    throw error;
  }
}

/**
 * `/proc/net` is a link to the directory of the process that reads it. Where the link was not saved, that process is the one
 * whose directory is there.
 */
async function netOfProcess(root: string): Promise<readonly PastedText[]> {
  if (await isThere(join(root, 'proc/net/netstat'))) return [];
  const processes = (await readdir(join(root, 'proc')).catch(() => [])).filter(name => /^\d+$/.test(name));
  const saved = await Promise.all(
    processes.map(async pid => ((await isThere(join(root, 'proc', pid, 'net/netstat'))) ? [pid] : [])),
  );
  const [pid, ...others] = saved.flat();
  if (pid === undefined || others.length > 0) return [];
  const paths = [...counterSources.map(({ path }) => path), 'proc/net/tcp', 'proc/net/tcp6'];
  const texts = await Promise.all(
    paths
      .filter(path => path.startsWith('proc/net/'))
      .map(async path => {
        const own = path.replace('proc/net/', `proc/${pid}/net/`);
        const text = await textInside(root, join(root, own), maxFoundBytes);
        return text === null ? [] : [{ name: own, text, path }];
      }),
  );
  return texts.flat();
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Files and directories of a host that are something to judge. What only names the host (os-release) is not. */
export const sought = [
  ...counterSources.map(({ path }) => path),
  'proc/net/tcp',
  'proc/sys/net/ipv4',
  'etc/sysctl.conf',
  'etc/sysctl.d',
];

/** Whether a tree holds any of them. Where a link leads is decided inside the tree, by the collector. */
export async function holdsSources(root: string): Promise<boolean> {
  const found = await Promise.all(
    sought.map(part =>
      lstat(join(root, part)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
