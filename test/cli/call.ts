import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import type { World } from '../../src/cli/world.ts';

export interface Called {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Circumstances {
  readonly env?: Readonly<Record<string, string>>;
  readonly home?: string;
  readonly stdin?: string;
  readonly isTerminal?: boolean;
  /** Called with all that is on stderr so far, each time more is written. */
  readonly onStderr?: (text: string) => void;
  readonly winding?: AbortSignal;
}

/** A directory of its own, gone after the test. */
export function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'synaudit-cli-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Runs the program in this process with a home, a store and an environment of its own. */
export async function call(argv: readonly string[], circumstances: Circumstances = {}): Promise<Called> {
  const { env = {}, home = freshDirectory(), stdin = '', isTerminal = false, onStderr, winding } = circumstances;
  const texts = { stdout: '', stderr: '' };
  const out = (name: 'stdout' | 'stderr') => ({
    write(text: string) {
      texts[name] += text;
      if (name === 'stderr') onStderr?.(texts.stderr);
    },
    isTerminal,
    columns: isTerminal ? 100 : undefined,
  });
  const never = new AbortController().signal;
  const world: World = {
    env: { ...env },
    home,
    userName: 'tester',
    stdout: out('stdout'),
    stderr: out('stderr'),
    readStdin: async () => stdin,
    stopSignals: () => ({ winding: winding ?? never, now: never, release() {} }),
  };
  const exitCode = await runProgram(argv, world);
  return { exitCode, ...texts };
}
