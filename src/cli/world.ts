import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { StopSignals } from '../engine/run.ts';
import { isFile, writeAll } from './whole-file.ts';

/** A stream that texts go to. */
export interface Out {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Columns of the terminal; undefined off a terminal. */
  readonly columns: number | undefined;
}

/** All that the program takes from outside. Commands see the process through this alone; tests give their own. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly userName: string;
  readonly stdout: Out;
  readonly stderr: Out;
  readonly readStdin: () => Promise<string>;
  /** Both ends of the terminal that the program was started on; left out where stdin or stdout is none. */
  readonly screen?: { readonly input: NodeJS.ReadStream; readonly output: NodeJS.WriteStream };
  /** What was typed, without `node` and script. Only to be shown. */
  readonly argv?: readonly string[];
  /** Begins to listen to Ctrl-C; `onWind` is called at the first. Call `release` when the run is over. */
  readonly stopSignals: (onWind: () => void) => StopSignals & {
    readonly release: () => void;
    /** The same as Ctrl-C, which a terminal in raw mode sends as a key. */
    readonly interrupt?: () => void;
  };
}

/** Where runs, and keys accepted on first sight, are kept: XDG Base Directory Specification, "state". */
export function stateDirectory({ env, home }: World): string {
  const base = env['XDG_STATE_HOME'];
  // The specification says to ignore a relative path.
  return join(base?.startsWith('/') ? base : join(home, '.local', 'state'), 'synaudit');
}

export const runsDirectory = (world: World): string => join(stateDirectory(world), 'runs');

/** Where it is kept which plans `fix` wrote here. */
export const plansDirectory = (world: World): string => join(stateDirectory(world), 'plans');

/** Where results of `probe` are kept. */
export const probesDirectory = (world: World): string => join(stateDirectory(world), 'probes');

/** Where the logs of rollouts and rollbacks are kept. */
export const rolloutsDirectory = (world: World): string => join(stateDirectory(world), 'rollouts');

/** `~` and `~/…` are $HOME, also where the shell did not see them (`--identity=~/key`). */
export function expandHome(path: string, { home }: World): string {
  return path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path;
}

/** The world of this process. */
export function processWorld(): World {
  return {
    env: process.env,
    ...whoWeAre(process.env),
    stdout: outOf(process.stdout),
    stderr: outOf(process.stderr),
    readStdin,
    stopSignals,
    argv: process.argv.slice(2),
    ...(process.stdin.isTTY && process.stdout.isTTY
      ? { screen: { input: process.stdin, output: process.stdout } }
      : {}),
  };
}

/** The home of the passwd file counts where $HOME is not set. */
function whoWeAre({ HOME, USER, LOGNAME }: NodeJS.ProcessEnv): Pick<World, 'home' | 'userName'> {
  try {
    const { username, homedir } = userInfo();
    return { home: HOME || homedir, userName: username };
  } catch {
    // a user id without a name, as containers have: userInfo() throws
    return { home: HOME || '/', userName: USER || LOGNAME || String(process.getuid?.()) };
  }
}

function outOf(stream: NodeJS.WriteStream & { readonly fd: number }): Out {
  const toFile = (text: string): void => {
    try {
      writeAll(stream.fd, text);
    } catch (error) {
      stream.emit('error', error);
    }
  };
  return {
    // of a file, Node's stream writes what fits on the disk, and does not look how much that was
    write: isFile(stream.fd) ? toFile : text => void stream.write(text),
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.isTTY === true ? stream.columns : undefined;
    },
  };
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function stopSignals(onWind: () => void): ReturnType<World['stopSignals']> {
  const winding = new AbortController();
  const now = new AbortController();
  const onInterrupt = () => {
    if (winding.signal.aborted) now.abort();
    else {
      winding.abort();
      onWind();
    }
  };
  const onTerminate = () => now.abort();
  process.on('SIGINT', onInterrupt);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, onTerminate);
  process.stdout.on('error', onTerminate); // nobody reads on: stop working for them
  return {
    winding: winding.signal,
    now: now.signal,
    interrupt: onInterrupt,
    release() {
      process.off('SIGINT', onInterrupt);
      for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.off(signal, onTerminate);
      process.stdout.off('error', onTerminate);
    },
  };
}
