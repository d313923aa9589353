import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type Frames, readFrames } from '../../src/collect/frames.ts';
import { type CollectorOptions, collectorScript, newBoundary } from '../../src/collect/script.ts';

/** A shell that hosts really have: program and arguments before `-s`. */
export type Shell = readonly [program: string, ...args: string[]];

/** The shells of this machine that the collector must run under. */
export const shells: readonly Shell[] = ([['dash'], ['bash', '--posix'], ['busybox', 'sh']] as const).filter(
  ([program]) => spawnSync(program, ['--help'], { stdio: 'ignore' }).error === undefined,
);

interface RunOptions extends Partial<Omit<CollectorOptions, 'boundary'>> {
  readonly shell?: Shell;
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  /** Changes the script, for what cannot be arranged around it. */
  readonly edit?: (script: string) => string;
}

/** Runs the real collector on a tree (or on this machine, root ''), as `sh -s -- ROOT` would on a host. */
export function runCollector(root: string, options: RunOptions = {}): { text: string; stderr: string } {
  const script = collectorScript({
    boundary: newBoundary(randomBytes(16)),
    intervalSeconds: options.intervalSeconds ?? 0,
    sockets: options.sockets ?? 'bounded',
    ...(options.idleSeconds !== undefined && { idleSeconds: options.idleSeconds }),
  });
  const [program, ...args] = options.shell ?? (['sh'] as const);
  const { stdout, stderr } = spawnSync(program, [...args, '-s', ...(root === '' ? [] : ['--', root])], {
    input: options.edit?.(script) ?? script,
    encoding: 'utf8',
    timeout: 20_000,
    maxBuffer: 64 * 1024 * 1024,
    env: { PATH: process.env['PATH'] ?? '', ...options.env },
    ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
  });
  return { text: stdout, stderr };
}

/** The same, cut into frames; throws where the output is not complete. */
export function framesOf(root: string, options?: RunOptions): Frames {
  const { text, stderr } = runCollector(root, options);
  const read = readFrames(text);
  if (!read.ok) throw new Error(`${read.why}: ${text.slice(0, 500)}${stderr}`);
  return read.frames;
}
