/** Thrown by parsers, and by nothing else: these bytes are not what this source holds. Becomes a malformed reading. */
export class ParseError extends Error {
  /** Counts from 1; undefined where no single line is to blame. */
  readonly line: number | undefined;

  constructor(why: string, line?: number) {
    super(why);
    this.name = 'ParseError';
    this.line = line;
  }
}

/**
 * One file that is read on a host. The path, without the leading slash, is the source's id in evidence and frames,
 * and the same path below a root prefix in a captured tree.
 */
export interface FileSource<T> {
  readonly path: string;
  /** Read in every sample (counters, gauges), or once per visit. */
  readonly sampled: boolean;
  /** Text of the file to its value. Throws ParseError only. */
  readonly parse: (text: string) => T;
}
