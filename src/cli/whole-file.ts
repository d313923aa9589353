import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { inputError } from '../model/input-error.ts';
import { isErrno, reasonOf } from './errno.ts';
import { SurroundingsError } from './exit.ts';

/** Where results are written: a file, or stdout. */
export interface Target {
  write(text: string): void;
  /** Nothing more comes. Throws SurroundingsError if a file could not be completed. */
  close(): void;
}

/** One write per this many characters, not one per host. */
export const chunkLength = 64 * 1_024;

/**
 * Opens a file that the user named, mode 0600. It is written beside its final name and moved there when complete: nobody ever
 * reads half a report, and none is left when the program ends before. What a link leads to is written, and the link stays; a
 * device or a pipe (`>(gzip)`) is written as it is. Throws InputError that says why it cannot be.
 */
export function openWholeFile(path: string): Target {
  const { file, isRegular } = placeOf(path);
  const written = isRegular ? `${file}.unfinished-${process.pid}` : file;
  const descriptor = opened(path, written, isRegular);
  const discard = (): void => {
    if (isRegular) rmSync(written, { force: true });
  };
  const attempt = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      discard();
      throw new SurroundingsError(`could not write ${path}: ${reasonOf(error)}`);
    }
  };
  process.once('exit', discard);
  let buffered = '';
  const put = (): void => {
    const text = buffered;
    buffered = '';
    attempt(() => writeAll(descriptor, text));
  };
  return {
    write(text) {
      buffered += text;
      if (buffered.length >= chunkLength) put();
    },
    close() {
      put();
      attempt(() => {
        if (isRegular) fsyncSync(descriptor);
        closeSync(descriptor);
        if (isRegular) renameSync(written, file);
      });
      process.off('exit', discard);
    },
  };
}

/** Where the bytes are to go, links followed, and whether there is, or will be, a file of its own. */
function placeOf(path: string): { readonly file: string; readonly isRegular: boolean } {
  try {
    const isRegular = statSync(path).isFile();
    return { file: isRegular ? realpathSync(path) : path, isRegular };
  } catch {
    return { file: path, isRegular: true }; // not there yet, or told when it is opened
  }
}

function opened(path: string, written: string, isRegular: boolean): number {
  try {
    return openSync(written, isRegular ? 'wx' : 'w', 0o600);
  } catch (error) {
    const why = isErrno(error) && error.code === 'ENOENT' ? 'its directory does not exist' : reasonOf(error);
    throw inputError(`--output ${path}: cannot be written: ${why}`);
  }
}

/** Writes all of it, as often as the disk takes a part. Throws what the system says. */
export function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

export function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    return false; // closed
  }
}
