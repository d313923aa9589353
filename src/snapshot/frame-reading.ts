import type { FileFrames, Frame } from '../collect/frames.ts';
import { absent, malformed, type NoReading, ok, type Reading } from '../model/reading.ts';
import { type FileSource, ParseError } from '../sources/source.ts';

/** One file's frame through its parser. */
export function readFile<T>(sample: FileFrames, source: FileSource<T>): Reading<T> {
  return parsed(sample.get(source.path), source.parse);
}

/** A frame through a parser. No frame: the file was there, and nothing came from it. */
export function parsed<T>(frame: Frame | undefined, parse: (text: string) => T): Reading<T> {
  if (frame === undefined) return malformed('nothing came from it: empty, or not readable after all');
  if (frame.status === 'absent') return absent('no-such-file');
  if (frame.status === 'denied') return absent('not-permitted');
  if (frame.status === 'malformed') return malformed(frame.why);
  try {
    return ok(parse(frame.text));
  } catch (error) {
    if (error instanceof ParseError) return malformed(error.message, error.line);
    throw error;
  }
}

/** Whether something exists on the host and gave no value. An absent file is no failure; a denied or senseless one is. */
export const isFailure = (reading: Reading<unknown>): reading is NoReading =>
  reading.state === 'malformed' || (reading.state === 'absent' && reading.why === 'not-permitted');
