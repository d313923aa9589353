/** ProxyCommand: a process of this machine whose input and output are the connection. ssh_proxy_connect() of sshconnect.c. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { Duplex, type Readable, type Writable } from 'node:stream';
import type { ConnectPlan } from '../model/plan.ts';
import { stripControls } from '../text/ansi.ts';
import { bounded } from './deadline.ts';
import { Refusal } from './errors.ts';
import { type Environment, endGroup, userShell } from './shell.ts';

type ProxyProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/** What is kept of its standard error, for the message. Unit: characters. */
const errorLength = 1_024;
/** From the wish to end to the end by force. Unit: ms. */
const graceMs = 1_000;

/**
 * Starts the command and waits for the first byte from the far end: a server of SSH speaks first, and only then is it known
 * that there is one. TCP and its handshake cannot be told apart here, so their deadlines are one. A process ends with its
 * stream. Rejects with a Refusal `unreachable`.
 */
export function openProxy(plan: ConnectPlan, signal: AbortSignal, env: Environment | undefined): Promise<Duplex> {
  const ms = plan.deadlines.connectMs + plan.deadlines.handshakeMs;
  return bounded<Duplex>({ ms, signal, onLate: () => silent(plan, ms) }, ({ resolve, reject }) => {
    const command = `exec ${plan.proxyCommand}`;
    // A process group of its own: Ctrl-C is for us, who let it finish, and what it has started ends with it.
    const child: ProxyProcess = spawn(userShell(env ?? {}), ['-c', command], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      ...(env !== undefined && { env: { ...env } }),
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(0, errorLength);
    });
    const stream = new ProxyStream(child);
    child.stdout.once('data', () => resolve(stream));
    child.on('error', error => reject(failed(plan, error.message, '')));
    child.on('close', (code, killed) =>
      reject(failed(plan, code === null ? `was ended by ${killed}` : `ended with exit code ${code}`, said)),
    );
    return succeeded => {
      if (!succeeded) stream.destroy();
    };
  });
}

/** Input and output of a process as one stream. */
class ProxyStream extends Duplex {
  readonly #child: ProxyProcess;

  constructor(child: ProxyProcess) {
    super({ allowHalfOpen: false });
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stdout.on('end', () => this.push(null));
    child.stdin.on('error', error => this.destroy(error));
    // Stays for ever: an error between two steps of a visit must find a listener.
    this.on('error', () => {});
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, encoding, done);
  }

  override _final(done: () => void): void {
    this.#child.stdin.end();
    done();
  }

  /** A process that does not read what is written to it must not outlive the visit. */
  override end(...args: unknown[]): this {
    setTimeout(() => this.destroy(), graceMs).unref();
    return Reflect.apply(super.end, this, args);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    endProcess(this.#child);
    done(error);
  }
}

function endProcess(child: ProxyProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  endGroup(child.pid, 'SIGHUP');
  const force = setTimeout(() => endGroup(child.pid, 'SIGKILL'), graceMs);
  force.unref();
  child.once('exit', () => clearTimeout(force));
}

const hint = 'run the command by hand: it must give the first line of an SSH server on its standard output';

function failed({ host, origins }: ConnectPlan, how: string, said: string): Refusal {
  const line = stripControls(said.trim().split('\n').at(-1) ?? '').slice(0, 200);
  return new Refusal({
    outcome: 'unreachable',
    phase: 'connect',
    code: 'proxy-failed',
    message: `ProxyCommand of ${host} (${origins['proxyCommand']}) ${how}${line && `: "${line}"`}`,
    hint,
    retryable: true,
  });
}

const silent = ({ host, origins }: ConnectPlan, ms: number): Refusal =>
  new Refusal({
    outcome: 'unreachable',
    phase: 'connect',
    code: 'proxy-timeout',
    message: `ProxyCommand of ${host} (${origins['proxyCommand']}) gave nothing within ${ms / 1_000} s`,
    hint,
    retryable: true,
  });
