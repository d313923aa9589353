import { complaintLine, InputError } from '../model/input-error.ts';
import { stripControls } from '../text/ansi.ts';
import type { World } from './world.ts';

/** DESIGN.md, "Exit codes": the same everywhere. */
export const exitCodes = {
  done: 0,
  findings: 1,
  badInput: 2,
  incomplete: 3,
  internalError: 4,
  interrupted: 130,
} as const;

/** A failure of the surroundings that is no bug and no bad input: a disk is full, no port is free. Exit code 4, without a stack. */
export class SurroundingsError extends Error {}

/** Tells people what went wrong, on stderr, and gives the exit code for it. */
export function explainError(error: unknown, world: World, verbose: boolean): number {
  if (error instanceof InputError) {
    for (const complaint of error.complaints) {
      const line = stripControls(complaintLine(complaint));
      world.stderr.write(line.startsWith('hint: ') ? `${line}\n` : `synaudit: ${line}\n`);
    }
    return exitCodes.badInput;
  }
  if (error instanceof SurroundingsError) {
    world.stderr.write(`synaudit: ${stripControls(error.message)}\n`);
    return exitCodes.internalError;
  }
  world.stderr.write(internalErrorText(error, verbose));
  return exitCodes.internalError;
}

/** What a bug of ours prints: message always, stack when asked for. */
export function internalErrorText(error: unknown, verbose: boolean): string {
  const message = error instanceof Error ? error.message : String(error);
  const stack = verbose && error instanceof Error ? `${error.stack ?? ''}\n` : '';
  const hint = verbose ? 'please report it with this output' : 'run again with -v for the stack, and please report it';
  return `synaudit: internal error: ${stripControls(message)}\n${stack}hint: ${hint}\n`;
}

/**
 * Ends the process once stdout and stderr have taken everything; the only place that does. A closed stdout (`| head`) is
 * success. Sockets or timers that something left open do not hold us up.
 */
export function endProcess(code: Promise<number>): void {
  let closed = false;
  process.stdout.on('error', error => {
    if (!isClosedPipe(error)) process.exit(exitCodes.internalError);
    closed = true;
  });
  process.stderr.on('error', () => {}); // nobody to tell
  void code.then(exitCode => {
    process.exitCode = exitCode;
    process.stdout.write('', () => process.stderr.write('', () => process.exit(closed ? exitCodes.done : exitCode)));
  });
}

/** Ends the process at a bug that no caller can handle any more. A terminal takes what is written before the process ends. */
export function endNow(error: unknown, world: World, verbose: boolean): never {
  world.stderr.write(internalErrorText(error, verbose));
  process.exit(exitCodes.internalError);
}

const isClosedPipe = (error: NodeJS.ErrnoException): boolean =>
  error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED';
