import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { kill } from 'node:process';
import { promisify } from 'node:util';

/** The `sh` of a host and the commands that it finds. */
export interface Shell {
  readonly command: string;
  /** Before the arguments of `sh`. */
  readonly leading: readonly string[];
  readonly path: string;
}

/** One run of a script by a shell. */
export interface ShellRun {
  readonly shell: Shell;
  /** Sent on standard input. */
  readonly script: string;
  /** The tree it reads. */
  readonly root: string;
  readonly onOutput: (chunk: Buffer) => void;
  /** Called once; null if the shell was killed or could not be started. */
  readonly onExit: (code: number | null) => void;
}

/** The machine's own shell. Its path is fixed, so that nothing of the caller's environment reaches a demo host. */
export const systemShell: Shell = {
  command: '/bin/sh',
  leading: [],
  path: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
};

const busyboxPlaces = ['/bin/busybox', '/usr/bin/busybox', '/sbin/busybox', '/usr/local/bin/busybox'];

/** Where busybox is, or undefined. */
export async function findBusybox(): Promise<string | undefined> {
  for (const place of busyboxPlaces) {
    const found = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return place;
  }
  return undefined;
}

/** A shell that finds no command but busybox's own: links to every applet, in `directory`, which is made. */
export async function busyboxShell(busybox: string, directory: string): Promise<Shell> {
  const { stdout } = await promisify(execFile)(busybox, ['--list'], { timeout: 10_000 });
  await mkdir(directory);
  const applets = stdout.split('\n').filter(name => /^[\w[.-]+$/.test(name));
  await Promise.all(applets.map(name => symlink(busybox, join(directory, name))));
  return { command: busybox, leading: ['sh'], path: directory };
}

/** Starts `sh -s -- ROOT` in a process group of its own and gives it the script. Returns what ends all of the group. */
export function runShell({ shell, script, root, onOutput, onExit }: ShellRun): () => void {
  const child = spawn(shell.command, [...shell.leading, '-s', '--', root], {
    cwd: root,
    env: { PATH: shell.path },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  let isOver = false;
  const over = (code: number | null): void => {
    if (!isOver) onExit(code);
    isOver = true;
  };
  child.on('error', () => over(null));
  child.on('close', code => over(code));
  child.stdout.on('data', onOutput);
  // A shell that ends before it has read its script: its exit code says so.
  child.stdin.on('error', () => undefined);
  child.stdin.end(script);
  return () => {
    if (!isOver) endGroup(child);
  };
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    kill(-child.pid, 'SIGKILL');
  } catch {
    // The group has ended meanwhile.
  }
}
