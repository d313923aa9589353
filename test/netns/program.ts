/** Running a program in the background until it is ready, and ending it by its own pid. */
import { spawn } from 'node:child_process';

/** A program that runs. */
export interface Program {
  readonly pid: number;
  /** What it wrote to standard output and standard error so far. */
  readonly output: () => string;
  /** Ends it, if it has not ended by itself, and gives all its output. */
  readonly stop: () => Promise<string>;
}

const readyMs = 15_000;
const stopMs = 3_000;

/** Starts a program and waits until its output shows that it is ready. Its standard input is a pipe that closes with us. */
export async function startProgram(argv: readonly string[], ready: RegExp): Promise<Program> {
  const [command, ...args] = argv as [string, ...string[]];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let ended = false;
  let look: () => void = () => {};
  const note = (chunk: Buffer): void => {
    output += chunk.toString();
    look();
  };
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  child.stdin.on('error', () => {}); // it may end before we do
  child.on('error', error => {
    output += error.message;
    ended = true;
    look();
  });
  const end = new Promise<void>(resolve => {
    child.on('close', () => {
      ended = true;
      look();
      resolve();
    });
  });
  const stop = async (): Promise<string> => {
    if (child.pid === undefined) return output;
    child.stdin.end();
    child.kill('SIGTERM');
    const last = setTimeout(() => child.kill('SIGKILL'), stopMs);
    await end;
    clearTimeout(last);
    return output;
  };
  const isReady = await new Promise<boolean>(resolve => {
    const late = setTimeout(() => resolve(false), readyMs);
    look = () => {
      if (!ended && !ready.test(output)) return;
      clearTimeout(late);
      resolve(ready.test(output));
    };
    look();
  });
  if (!isReady) {
    await stop();
    throw new Error(`${argv.join(' ')}: not ready: ${output}`);
  }
  return { pid: child.pid as number, output: () => output, stop };
}
