/** What a script prints, collected within bounds. */
import type { VisitRequest } from './transport.ts';

/** Model: `Visit.stderr`. */
const stderrBytes = 4096;

export interface Output {
  /** Takes the next bytes of standard output; tells when the last line has come, or when it is too much. */
  readonly add: (chunk: Buffer) => 'complete' | 'too-large' | undefined;
  readonly addError: (chunk: Buffer) => void;
  /** Whether the last line has come. */
  readonly complete: () => boolean;
  readonly collected: () => { readonly output: Buffer; readonly stderr: string };
}

/** Collects until a line that is `endMarker`. */
export function createOutput({
  endMarker,
  maxOutputBytes,
}: Pick<VisitRequest, 'endMarker' | 'maxOutputBytes'>): Output {
  const chunks: Buffer[] = [];
  const errors: Buffer[] = [];
  const marker = Buffer.from(endMarker);
  let size = 0;
  let errorSize = 0;
  let complete = false;
  // The end of what came before, as long as the marker with its line ends, which may come in pieces.
  let tail: Buffer = Buffer.from('\n');

  const endsIn = (text: Buffer): boolean => {
    for (let at = text.indexOf(marker); at >= 0; at = text.indexOf(marker, at + 1)) {
      if (text[at - 1] === 0x0a && /^\r?\n/.test(text.toString('latin1', at + marker.length, at + marker.length + 2)))
        return true;
    }
    return false;
  };
  const reach = marker.length + 3;
  const look = (chunk: Buffer): boolean => {
    const edge = Buffer.concat([tail, chunk.subarray(0, reach)]);
    tail = Buffer.from(chunk.length < reach ? edge.subarray(-reach) : chunk.subarray(-reach));
    return endsIn(edge) || endsIn(chunk);
  };
  return {
    add: chunk => {
      size += chunk.length;
      if (size > maxOutputBytes) return 'too-large';
      chunks.push(chunk);
      complete ||= look(chunk);
      return complete ? 'complete' : undefined;
    },
    addError: chunk => {
      if (errorSize < stderrBytes) errors.push(chunk.subarray(0, stderrBytes - errorSize));
      errorSize += chunk.length;
    },
    complete: () => complete,
    collected: () => ({ output: Buffer.concat(chunks), stderr: Buffer.concat(errors).toString() }),
  };
}
