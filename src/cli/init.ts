import { readFile, writeFile } from 'node:fs/promises';
import { inputError } from '../model/input-error.ts';
import type { Action } from './commands.ts';
import { errnoText, isErrno } from './errno.ts';
import { exitCodes } from './exit.ts';
import { longFlag, readOptions } from './settings.ts';

/** `synaudit init`: writes the example inventory; never over a file that is there, unless told to. */
export const init: Action = async ({ args, options }, world) => {
  const read = readOptions(options);
  const file = args[0] ?? 'inventory.yaml';
  const example = await readFile(new URL('../../inventory.example.yaml', import.meta.url), 'utf8');
  try {
    await writeFile(file, example, { flag: read.isOn('force') ? 'w' : 'wx' });
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw inputError(
      error.code === 'EEXIST'
        ? `${file} is there already; ${longFlag('force')} overwrites it`
        : `${file}: ${errnoText(error)}`,
    );
  }
  world.stdout.write(
    `wrote ${file}: put your hosts in, then: synaudit inventory check${args[0] === undefined ? '' : ` -i ${file}`}\n`,
  );
  return exitCodes.done;
};
