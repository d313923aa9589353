/** A real dropbear server on a loopback address, for root, with a home directory of its own. Needs root. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type RunningServer, startServer } from './server-process.ts';
import type { Workshop } from './workshop.ts';

/** What dropbear is to be like. */
export interface DropbearRequest {
  readonly workshop: Workshop;
  readonly address: string;
  /** Public keys that may log in as root. */
  readonly authorized: readonly string[];
}

/** Starts dropbear, which finds authorized_keys in /root only: in a mount namespace where /root is a directory of ours. */
export async function startDropbear({
  workshop,
  address,
  authorized,
}: DropbearRequest): Promise<RunningServer & { readonly knownHostsLine: string }> {
  const key = join(workshop.directory, 'dropbear-key');
  const home = join(workshop.directory, 'dropbear-home');
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  writeFileSync(join(home, '.ssh/authorized_keys'), `${authorized.join('\n')}\n`, { mode: 0o600 });
  const made = execFileSync('dropbearkey', ['-t', 'ed25519', '-f', key], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const publicLine = /^ssh-ed25519 \S+/m.exec(made)?.[0] ?? '';
  const port = await freePort(address);
  const script = 'mount --bind "$1" /root && exec /usr/sbin/dropbear -F -E -r "$2" -p "$3"';
  const args = ['-m', '--propagation', 'private', 'sh', '-c', script, 'sh', home, key, `${address}:${port}`];
  const server = await startServer({ program: 'unshare', args, address, port });
  workshop.onClose(server.stop);
  return { ...server, knownHostsLine: `[${address}]:${port} ${publicLine}` };
}
