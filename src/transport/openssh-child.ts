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
  /** It reads no input: it is ended when its input ends, which it does with this process, however that ends. */
  readonly isDeaf?: boolean;
}

/** An ssh that reads no input, in a shell that does, and ends it. */
const guarded = `command -v ssh >/dev/null || exit 127
exec 3<&0
ssh "$@" </dev/null 3<&- & ssh=$!
{ read -r _ <&3; kill $ssh; } >/dev/null 2>&1 & guard=$!
exec 3<&-
wait $ssh; code=$?
kill $guard 2>/dev/null
exit $code`;

/** Exit status of a shell that finds no such program. */
const notFound = 127;
/** From the wish to end to the end by force. Unit: ms. */
const graceMs = 1_000;
/** How long a process that ssh left behind may hold its output open. Unit: ms. */
const leftoverMs = 500;

/** Starts it. It never throws: a program that is not there is an end. */
export function startSsh({ args, env, isDeaf = false }: SshCommand): SshProcess {
  // A process group of its own: Ctrl-C is for us, and proxies end with it.
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(
    isDeaf ? 'sh' : 'ssh',
    isDeaf ? ['-c', guarded, 'sh', ...args] : args,
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      ...(env !== undefined && { env: { ...env } }),
    },
  );
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
    const endOf = (code: number | null, signal: string | null): SshEnd => {
      if (code === null) return { problem: `it was ended by ${signal}` };
      return isDeaf && code === notFound ? { problem: 'spawn ssh ENOENT' } : { code };
    };
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
