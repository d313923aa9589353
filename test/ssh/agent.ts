/** A real ssh-agent with its own socket. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyPair, Workshop } from './workshop.ts';

/** Starts an agent that holds the keys, in that order; gives its socket's path. It ends with the workshop. */
export async function startAgent(workshop: Workshop, keys: readonly KeyPair[]): Promise<string> {
  const socket = join(workshop.directory, 'agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  workshop.onClose(() => {
    agent.kill('SIGTERM');
  });
  const deadline = Date.now() + 5_000;
  while (!existsSync(socket)) {
    if (Date.now() > deadline) throw new Error('ssh-agent did not start');
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  for (const { path } of keys) {
    execFileSync('ssh-add', ['-q', path], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
  }
  return socket;
}
