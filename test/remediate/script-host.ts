import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** One file of a made host; a link by its target, or content with a mode and an owner of its own. */
export type HostFile =
  | string
  | { readonly link: string }
  | { readonly content: string | Uint8Array; readonly mode?: number; readonly owner?: number };

/** Files of a made host by absolute path: /etc, /usr/lib/sysctl.d, /run, /usr/local/lib, /proc/sys. */
export type HostFiles = Readonly<Record<string, HostFile>>;

/** Where a directory of the made host lies below its root, and what it takes the place of. */
const mounts: readonly (readonly [string, string])[] = [
  ['usr-lib-sysctl.d', '/usr/lib/sysctl.d'],
  ['run', '/run'],
  ['usr-local-lib', '/usr/local/lib'],
  ['usr-lib-tuned', '/usr/lib/tuned'],
  ['var-lib', '/var/lib'],
  ['proc-sys', '/proc/sys'],
  ['etc', '/etc'],
];

/** What programs need of the real /etc. */
const ofRealEtc = ['passwd', 'group', 'nsswitch.conf', 'ld.so.cache', 'ld.so.conf'];

/** Why no host can be made here, or null. */
export function hostsMissing(): string | null {
  if (!existsSync('/usr/lib/systemd/systemd-sysctl')) return 'systemd-sysctl is not installed';
  if (spawnSync('sysctl', ['--version']).status !== 0) return 'procps is not installed';
  if (!existsSync('/usr/lib/sysctl.d')) return 'no /usr/lib/sysctl.d';
  return spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/proc/sys']).status === 0
    ? null
    : 'no right to mount in a private namespace';
}

/** A directory tree that programs in a private mount namespace see as their host. */
export interface MadeHost {
  readonly root: string;
  /** Where a file of the host lies. */
  at(path: string): string;
  /** Runs a shell text on the host. `$script` is the file of the script; nothing of this machine is written. */
  run(text: string, script?: string): { readonly status: number | null; readonly output: string };
  /** Everything below /etc: kind, mode, owner, time of change, content. */
  etc(): Readonly<Record<string, string>>;
  remove(): void;
}

/** `withoutSystemd`: /usr/lib/systemd is empty on it. */
export function madeHost(files: HostFiles, { withoutSystemd = false } = {}): MadeHost {
  const root = mkdtempSync(join(tmpdir(), 'synaudit-host-'));
  const at = (path: string): string => {
    const [inside, outside] = mounts.find(([, outside]) => path === outside || path.startsWith(`${outside}/`)) ?? [];
    if (inside === undefined || outside === undefined) throw new Error(`${path} is not on a made host`);
    return join(root, inside, path.slice(outside.length));
  };
  for (const [inside] of mounts) mkdirSync(join(root, inside), { recursive: true });
  for (const name of ofRealEtc) {
    if (existsSync(`/etc/${name}`)) writeFileSync(at(`/etc/${name}`), readFileSync(`/etc/${name}`));
  }
  spawnSync('cp', ['-a', '/etc/alternatives', at('/etc/alternatives')]);
  const all: HostFiles = {
    '/proc/sys/kernel/hostname': 'web01\n',
    '/proc/sys/kernel/random/boot_id': 'b1\n',
    '/proc/sys/net/core/somaxconn': '128\n',
    ...files,
  };
  for (const [path, file] of Object.entries(all)) plant(at(path), file);
  return {
    root,
    at,
    run: (text, script = '') => {
      const commands = [
        'mount --make-rprivate /',
        ...(withoutSystemd ? ['mount -t tmpfs none /usr/lib/systemd'] : []),
        ...mounts
          .filter(([, outside]) => existsSync(outside))
          .map(([inside, outside]) => `mount --bind ${root}/${inside} ${outside}`),
        text,
      ];
      const run = spawnSync('unshare', ['-m', 'bash', '-c', commands.join('\n')], {
        encoding: 'utf8',
        env: { ...process.env, script, host: root },
        timeout: 300_000,
      });
      return { status: run.status, output: `${run.stdout}${run.stderr}` };
    },
    etc: () => treeOf(join(root, 'etc')),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function plant(path: string, file: HostFile): void {
  mkdirSync(dirname(path), { recursive: true });
  if (typeof file !== 'string' && 'link' in file) symlinkSync(file.link, path);
  else {
    const { content, mode = 0o644, owner = 0 } = typeof file === 'string' ? { content: file } : file;
    writeFileSync(path, content);
    chmodSync(path, mode);
    chownSync(path, owner, owner);
    // an old file: a time of change that is kept can be told from a new one (busybox keeps whole seconds)
    utimesSync(path, 1_500_000_000, 1_500_000_000);
  }
}

function treeOf(directory: string, prefix = ''): Readonly<Record<string, string>> {
  return Object.assign(
    {},
    ...readdirSync(directory).map(name => {
      const path = join(directory, name);
      const { mode, uid, gid, mtimeMs } = lstatSync(path);
      const about = `${mode.toString(8)} ${uid}:${gid}`;
      if ((mode & 0o170000) === 0o040000) return { [`${prefix}${name}/`]: about, ...treeOf(path, `${prefix}${name}/`) };
      if ((mode & 0o170000) === 0o120000) return { [`${prefix}${name}`]: `link to ${readlinkSync(path)}` };
      const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
      return { [`${prefix}${name}`]: `${about} ${Math.round(mtimeMs)} ${digest}` };
    }),
  );
}
