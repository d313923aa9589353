/** A real dropbear server on a loopback address, for root with the keys given. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type RunningServer, startServer } from './server-process.ts';
import type { Workshop } from './workshop.ts';

/** Starts dropbear with authorized_keys of the account's home; `-R`-less, with a key of its own. */
export async function startDropbear(
  workshop: Workshop,
  address: string,
): Promise<RunningServer & { readonly knownHostsLine: string }> {
  const key = join(workshop.directory, 'dropbear-key');
  mkdirSync(workshop.directory, { recursive: true });
  const made = execFileSync('dropbearkey', ['-t', 'ed25519', '-f', key], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const publicLine = /^ssh-ed25519 \S+/m.exec(made)?.[0] ?? '';
  const port = await freePort(address);
  const args = ['-F', '-E', '-r', key, '-p', `${address}:${port}`];
  const server = await startServer({ program: '/usr/sbin/dropbear', args, address, port });
  workshop.onClose(server.stop);
  return { ...server, knownHostsLine: `[${address}]:${port} ${publicLine}` };
}
