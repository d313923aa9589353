import { readFile, stat } from 'node:fs/promises';
import { inputError } from '../model/input-error.ts';
import { errnoText, isErrno } from './errno.ts';
import type { FlagName } from './flags.ts';
import { longFlag } from './settings.ts';

/** A text file of a user: larger ones are another file by mistake. Unit: bytes. */
const maxTextBytes = 64 * 1_024 * 1_024;

/** Reads a file that the user named. Throws InputError that says which, and why not. */
export async function readNamed(file: string, namedBy: string): Promise<string> {
  const what = `${namedBy}${file}`;
  try {
    const { size } = await stat(file);
    if (size > maxTextBytes) throw inputError(`${what}: ${size} bytes are more than the ${maxTextBytes} that are read`);
    return await readFile(file, 'utf8');
  } catch (error) {
    throw isErrno(error) ? inputError(`${what}: ${errnoText(error)}`) : error;
  }
}

/** Reads a file that need not be there; undefined if it is missing or may not be read. */
export async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

export const byFlag = (name: FlagName): string => `${longFlag(name)} `;
