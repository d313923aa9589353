/** One process of `ssh`: started from an argument vector, watched, and ended for certain. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { createSshLog, type Moment, type SshLog } from './openssh-log.ts';
import { type Environment, endGroup } from './shell.ts';

/** How it ended: an exit code, or why there is none. */
export type SshEnd = { readonly code: number } | { readonly problem: string };

export interface SshProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** What the command on the host writes there, without the words of ssh. */
  readonly stderr: Readable;
  /** The bytes of ssh's log, as they come. */
  readonly talk: Readable;
  readonly log: SshLog;
  /** Resolves when that is reached; stays open if it never is. */
  readonly reached: (moment: Moment) => Promise<void>;
  /** Resolves when it has ended and all that it wrote is read. */
  readonly over: Promise<SshEnd>;
  /** Ends it and what it has started: SIGTERM, and SIGKILL if that does not help. Any number of calls. */
  readonly stop: () => void;
}

export interface SshCommand {
  readonly args: readonly string[];
  readonly env: Environment | undefined;
}

/** From the wish to end to the end by force. Unit: ms. */
const graceMs = 1_000;
/** How long a process that ssh left behind may hold its output open. Unit: ms. */
const leftoverMs = 500;

/** Starts it. It never throws: a program that is not there is an end. */
export function startSsh({ args, env }: SshCommand): SshProcess {
  // A process group of its own: Ctrl-C is for us, and proxies end with it.
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn('ssh', args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    ...(env !== undefined && { env: { ...env } }),
  });
  const tell = new Map<Moment, () => void>();
  const moments = new Map<Moment, Promise<void>>();
  for (const moment of ['connected', 'identified', 'keys', 'authenticated'] as const) {
    moments.set(moment, new Promise(resolve => tell.set(moment, resolve)));
  }
  const stderr = new PassThrough();
  const onError = (chunk: Buffer): void => {
    if (stderr.writable) stderr.write(chunk);
  };
  const log = createSshLog({ onMoment: moment => tell.get(moment)?.(), onError });
  child.stderr.on('data', log.add);
  // It may end before it has read the script: what it says tells why.
  child.stdin.on('error', () => {});

  const over = new Promise<SshEnd>(resolve => {
    const end = (how: SshEnd): void => {
      log.finish();
      stderr.end();
      resolve(how);
    };
    const endOf = (code: number | null, signal: string | null): SshEnd =>
      code === null ? { problem: `it was ended by ${signal}` } : { code };
    child.on('error', error => end({ problem: error.message }));
    child.on('close', (code, signal) => end(endOf(code, signal)));
    child.on('exit', (code, signal) => setTimeout(() => end(endOf(code, signal)), leftoverMs).unref());
  });
  const stop = (): void => {
    child.stdout.destroy();
    child.stderr.destroy();
    if (child.pid === undefined) return;
    endGroup(child.pid, 'SIGTERM');
    if (child.exitCode !== null || child.signalCode !== null) return;
    const force = setTimeout(() => endGroup(child.pid, 'SIGKILL'), graceMs);
    child.once('exit', () => clearTimeout(force));
  };
  const { stdin, stdout, stderr: talk } = child;
  const reached = (moment: Moment): Promise<void> => moments.get(moment) ?? Promise.resolve();
  return { stdin, stdout, stderr, talk, log, over, stop, reached };
}
