import { complaintLine, InputError } from '../model/input-error.ts';
import { stripControls } from '../text/ansi.ts';
import { errnoText, isErrno } from './errno.ts';
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
  const isOfSystem = isErrno(error) && error.path !== undefined;
  world.stderr.write(
    isOfSystem
      ? `synaudit: ${stripControls(`${error.path}: ${errnoText(error)}`)}\n`
      : internalErrorText(error, verbose),
  );
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
 * Ends the process once stdout and stderr have taken everything; the only place that does. Sockets or timers that something
 * left open do not hold us up.
 */
export function endProcess(code: Promise<number>): void {
  let trouble: NodeJS.ErrnoException | undefined;
  process.stdout.on('error', error => {
    trouble ??= error;
  });
  process.stderr.on('error', () => {}); // nobody to tell
  void code.then(exitCode => {
    process.exitCode = exitCode;
    const exit = () => process.exit(trouble === undefined ? exitCode : codeOfTrouble(trouble));
    // the event of a write that fails comes after its callback
    process.stdout.write('', () => process.stderr.write('', () => setImmediate(exit)));
  });
}

/** A closed stdout (`| head`) is success; anything else means that what was printed is not complete. */
function codeOfTrouble(error: NodeJS.ErrnoException): number {
  if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return exitCodes.done;
  process.stderr.write(`synaudit: could not write to stdout: ${errnoText(error)}\n`);
  return exitCodes.internalError;
}

/** Ends the process at a bug that no caller can handle any more. A terminal takes what is written before the process ends. */
export function endNow(error: unknown, world: World, verbose: boolean): never {
  world.stderr.write(internalErrorText(error, verbose));
  process.exit(exitCodes.internalError);
}
