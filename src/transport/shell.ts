/** Commands that ssh_config names, run as ssh runs them, and questions to the ssh that is installed here. */
import { spawn } from 'node:child_process';
import { kill } from 'node:process';

/** The environment that commands get. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How a command ended. `problem` where it gave no exit code: killed, too slow, not started. */
export type CommandEnd = { readonly status: number } | { readonly problem: string };

/** What is to be run, and for how long at most. */
export interface ShellCommand {
  readonly command: string;
  readonly env: Environment;
  /** Unit: ms. */
  readonly deadlineMs: number;
}

/** `$SHELL`, as execute_in_shell() of readconf.c finds it. */
export const userShell = (env: Environment): string => env['SHELL'] || '/bin/sh';

/** Runs a command with `$SHELL -c`. It reads nothing, and what it prints is dropped. */
export function runInShell({ command, env, deadlineMs }: ShellCommand): Promise<CommandEnd> {
  return new Promise(resolve => {
    // A process group of its own: what the shell has started ends with it.
    const shell = spawn(userShell(env), ['-c', command], { env: { ...env }, stdio: 'ignore', detached: true });
    const late = setTimeout(() => {
      endGroup(shell.pid, 'SIGKILL');
      resolve({ problem: `it did not end within ${deadlineMs / 1_000} s` });
    }, deadlineMs);
    const end = (how: CommandEnd): void => {
      clearTimeout(late);
      resolve(how);
    };
    shell.on('error', error => end({ problem: error.message }));
    shell.on('exit', (code, signal) =>
      end(code === null ? { problem: `it was ended by ${signal}` } : { status: code }),
    );
  });
}

/** Ends a process that was started as the head of a group, and all that it has started itself. */
export function endGroup(pid: number | undefined, signal: 'SIGHUP' | 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    kill(-pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

/** What a program printed. */
export interface Printed {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const programMs = 10_000;
const maxPrintedBytes = 1024 * 1024;

/** Runs a program of this machine; undefined if there is none of that name, or it gives no answer within 10 s. */
export function runProgramHere(
  program: string,
  args: readonly string[],
  { env, stdin = '' }: { readonly env: Environment; readonly stdin?: string },
): Promise<Printed | undefined> {
  return new Promise(resolve => {
    const child = spawn(program, args, { env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'], timeout: programMs });
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk: Buffer) => {
        if (texts[name].length < maxPrintedBytes) texts[name] += chunk.toString();
      });
    }
    child.on('error', () => resolve(undefined));
    child.on('close', code => resolve(code === null ? undefined : { status: code, ...texts }));
    // It may end before it has read everything.
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
  });
}
