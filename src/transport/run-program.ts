/** Programs that a user names, such as an inventory that is made when it is asked for. */
import { spawn } from 'node:child_process';
import { type Environment, endGroup } from './shell.ts';

/** What to run, and what it may cost. */
export interface ProgramCall {
  /** A path; nothing is looked up in PATH. */
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Environment;
  /** Unit: ms. */
  readonly deadlineMs: number;
  /** Bytes of standard output. */
  readonly maxBytes: number;
}

/** How it ended. `problem` where there is no exit code, or no whole output. */
export type ProgramEnd =
  | { readonly status: number; readonly stdout: string; readonly stderr: string }
  | { readonly problem: string; readonly stderr: string };

/** Bytes of standard error that are kept, from its beginning. */
const maxErrorBytes = 64 * 1_024;

/** Runs a program without a shell and with nothing to read. It ends with all that it has started, in time or by force. */
export function runProgram({ path, args, env, deadlineMs, maxBytes }: ProgramCall): Promise<ProgramEnd> {
  return new Promise(resolve => {
    const child = spawn(path, args, { env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    let bytes = 0;
    let errorBytes = 0;
    const stderr = (): string => Buffer.concat(errors).subarray(0, maxErrorBytes).toString();
    const give = (end: ProgramEnd): void => {
      clearTimeout(late);
      resolve(end);
    };
    const stop = (problem: string): void => {
      endGroup(child.pid, 'SIGKILL');
      give({ problem, stderr: stderr() });
    };
    const late = setTimeout(() => stop(`it did not end within ${deadlineMs / 1_000} s`), deadlineMs);
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) stop(`it printed more than ${Math.floor(maxBytes / 1_048_576)} MiB`);
      else output.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (errorBytes < maxErrorBytes) errors.push(chunk);
      errorBytes += chunk.length;
    });
    child.on('error', error => give({ problem: error.message, stderr: '' }));
    child.on('close', (code, signal) =>
      give(
        code === null
          ? { problem: `it was ended by ${signal}`, stderr: stderr() }
          : { status: code, stdout: Buffer.concat(output).toString(), stderr: stderr() },
      ),
    );
  });
}
