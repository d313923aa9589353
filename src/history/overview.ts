import { type FileHandle, open } from 'node:fs/promises';
import { inputError } from '../model/input-error.ts';
import type { RunInfo, Summary } from '../model/run.ts';

/** The frame of a stored run, without its hosts. `end` is null if it crashed or still runs. */
export interface RunOverview {
  readonly run: RunInfo;
  readonly end: { readonly finishedAt: string; readonly interrupted: boolean; readonly summary: Summary } | null;
  /** Size of the file. */
  readonly bytes: number;
}

/** The `run` record is the first line of a file and the `end` record the last: far shorter than this. Unit: bytes. */
const edgeBytes = 16 * 1_024;

/** Reads both edges of a run's file and nothing between, so that a store of large runs is listed at once. Throws InputError. */
export async function runOverview(path: string): Promise<RunOverview> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const head = await textAt(file, 0);
    const tail = await textAt(file, Math.max(0, size - edgeBytes));
    const run = recordIn(head.split('\n', 1), 'run');
    if (run === undefined) throw inputError(`${path} holds no stored run: expected a first line {"type":"run",…}`);
    const end = recordIn(tail.trimEnd().split('\n').slice(-1), 'end');
    const { type: _, schema: __, ...info } = run as unknown as RunInfo & { type: string; schema: string };
    return { run: info, end: (end as RunOverview['end'] | undefined) ?? null, bytes: size };
  } finally {
    await file.close();
  }
}

async function textAt(file: FileHandle, position: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(edgeBytes), 0, edgeBytes, position);
  return buffer.toString('utf8', 0, bytesRead);
}

function recordIn(lines: readonly string[], type: string): object | undefined {
  const [line] = lines;
  if (line === undefined || !line.startsWith(`{"type":"${type}"`)) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
