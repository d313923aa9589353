/** A real OpenSSH server on a loopback address: its own host keys, its own configuration, nothing of this machine's. */
import { mkdirSync } from 'node:fs';
import { freePort, type RunningServer, startServer } from './server-process.ts';
import type { KeyPair, Workshop } from './workshop.ts';

/** What the server is to be like. */
export interface SshdRequest {
  readonly workshop: Workshop;
  /** A loopback address of its own: `127.9.0.1`. */
  readonly address: string;
  /** Host keys; one ed25519 key is made if left out. */
  readonly hostKeys?: readonly KeyPair[];
  /** Public keys that may log in as any user, as in authorized_keys. */
  readonly authorized: readonly string[];
  /** Further lines of sshd_config, which win over those below. */
  readonly options?: readonly string[];
  readonly port?: number;
  /** A network namespace by name, in which the server lives; needs a port, and no tree. */
  readonly netns?: string;
  /** A directory with files below `etc`, and perhaps `proc`, that stand before the machine's own, for this server and its sessions. */
  readonly tree?: string;
}

/** A running sshd and the host keys it owns. */
export interface Sshd extends RunningServer {
  readonly hostKeys: readonly KeyPair[];
  /** A known_hosts line for its n-th key. */
  readonly knownHostsLine: (key?: number) => string;
}

let count = 0;

/** In a mount namespace of its own: puts the tree's files before the machine's, then becomes the server. */
const before = `
mount --make-rprivate / && tree=$1 && shift || exit 1
for file in $(cd "$tree" && find etc -type f); do mount --bind "$tree/$file" "/$file" || exit 1; done
[ ! -d "$tree/proc" ] || mount --bind "$tree/proc" /proc || exit 1
exec "$@"`;

/** Lines of an sshd_config that takes nothing from this machine: its own address, keys and accounts' keys. */
export const sshdConfig = (of: {
  readonly address: string;
  readonly port: number;
  readonly hostKeys: readonly KeyPair[];
  /** Path of the file with the public keys that may log in. */
  readonly authorizedKeys: string;
}): readonly string[] => [
  `ListenAddress ${of.address}`,
  `Port ${of.port}`,
  ...of.hostKeys.map(key => `HostKey ${key.path}`),
  `AuthorizedKeysFile ${of.authorizedKeys}`,
  'PidFile none',
  'UsePAM no',
  'StrictModes no',
  'PermitRootLogin yes',
  'PasswordAuthentication no',
  'UseDNS no',
  'LogLevel VERBOSE',
];

/** Starts `sshd -D`. It ends with the workshop, or with `stop`. */
export async function startSshd({ workshop, address, authorized, options = [], ...rest }: SshdRequest): Promise<Sshd> {
  count += 1;
  // Debian's sshd does not start without its privilege separation directory.
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const hostKeys = rest.hostKeys ?? [workshop.makeKey(`host-${count}`)];
  const port = rest.port ?? (await freePort(address));
  const keys = workshop.write(`authorized-${count}`, `${authorized.join('\n')}\n`, 0o644);
  const config = workshop.write(
    `sshd_config-${count}`,
    [...options, ...sshdConfig({ address, port, hostKeys, authorizedKeys: keys })].join('\n'),
  );
  const sshd = ['/usr/sbin/sshd', '-D', '-e', '-f', config];
  const inside = rest.netns === undefined ? sshd : ['nsenter', `--net=/run/netns/${rest.netns}`, ...sshd];
  const [program, ...args] =
    rest.tree === undefined ? inside : ['unshare', '-m', 'sh', '-c', before, 'sh', rest.tree, ...sshd];
  const ready = rest.netns === undefined ? {} : { ready: /^Server listening/m };
  const server = await startServer({ program: program as string, args, address, port, ...ready });
  workshop.onClose(server.stop);
  const name = port === 22 ? address : `[${address}]:${port}`;
  return { ...server, hostKeys, knownHostsLine: (key = 0) => `${name} ${hostKeys[key]?.publicLine}` };
}
