import { closeSync, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';

/** The terminal itself, whatever stdin and stdout are; undefined where there is none. Who opens it destroys it. */
export function openTerminal(): ReadStream | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync('/dev/tty', 'r+');
    return new ReadStream(descriptor);
  } catch {
    if (descriptor !== undefined) closeSync(descriptor);
    return undefined;
  }
}
