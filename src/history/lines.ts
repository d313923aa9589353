import { createReadStream } from 'node:fs';

/** Read size. A line of a stored run has some KB. */
const chunkBytes = 256 * 1_024;

/**
 * The lines of a file, one at a time, whatever its size; the last one also if a crash tore it. Rejects where reading fails
 * (`node:readline` would turn that into an uncaught error).
 */
export async function* fileLines(file: string): AsyncIterable<string> {
  let rest = '';
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: chunkBytes })) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') yield rest;
}
