import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that is tested. */
export const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** Builds the program as it is now into a directory, apart from any `dist/`, and gives the path to start it by. Types are for `tsc` to check. */
export function buildProgram(directory: string): string {
  execFileSync(
    process.execPath,
    [join(checkout, 'node_modules/rolldown/bin/cli.mjs'), '-c', '--dir', join(directory, 'dist/cli')],
    { cwd: checkout },
  );
  cpSync(join(checkout, 'bin'), join(directory, 'bin'), { recursive: true });
  copyFileSync(join(checkout, 'package.json'), join(directory, 'package.json'));
  symlinkSync(join(checkout, 'node_modules'), join(directory, 'node_modules'));
  return join(directory, 'bin/synaudit.js');
}
