/** Starting a real server program, knowing when it listens, and ending it by its pid. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';

/** A server that listens. */
export interface RunningServer {
  readonly address: string;
  readonly port: number;
  /** What it wrote to standard error so far. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
  /** Ends the processes that it forked for its connections, and waits until they are gone; it goes on listening. */
  readonly stopSessions: () => Promise<void>;
}

/** What is to be started. */
export interface ServerProgram {
  readonly program: string;
  readonly args: readonly string[];
  readonly address: string;
  readonly port: number;
  /** What it writes once it listens, where its port cannot be reached from here; left out: its port is tried. */
  readonly ready?: RegExp;
}

const startMs = 10_000;

/** Starts the program and waits until its port accepts connections. */
export async function startServer({ program, args, address, port, ready }: ServerProgram): Promise<RunningServer> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const stop = (): Promise<void> => end(child);
  const deadline = Date.now() + startMs;
  while (!(ready === undefined ? await accepts(address, port) : ready.test(log))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${program} did not start: ${log}`);
    }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  return { address, port, log: () => log, stop, stopSessions: () => stopChildren(child.pid) };
}

const accepts = (host: string, port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect({ host, port });
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise(resolve => {
    child.on('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

async function stopChildren(pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  const doomed = childrenOf(pid);
  for (const child of doomed) process.kill(child, 'SIGKILL');
  // Others may have come meanwhile.
  while (childrenOf(pid).some(child => doomed.includes(child))) await new Promise(resolve => setTimeout(resolve, 10));
}

/** A port that was free a moment ago on a loopback address. */
export const freePort = (address: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, address, () => {
      const found = server.address();
      server.close(() =>
        found !== null && typeof found === 'object' ? resolve(found.port) : reject(new Error('no port')),
      );
    });
  });
