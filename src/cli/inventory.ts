import { checkText, listHosts } from '../inventory/describe.ts';
import type { Action } from './commands.ts';
import { exitCodes } from './exit.ts';
import { selectedHosts, selectionSettings } from './hosts.ts';
import { readOptions } from './settings.ts';
import { readSshConfig } from './ssh-config.ts';

/** `synaudit inventory list`. */
export const list: Action = async ({ options }, world) => {
  const read = readOptions(options);
  const format = read.choice('format', ['table', 'json']) ?? 'table';
  const selection = selectionSettings(read, []);
  read.done();
  const { hosts } = await selectedHosts(selection, await readSshConfig(read, world), world);
  const text = listHosts(hosts, format);
  world.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  return exitCodes.done;
};

/** `synaudit inventory check`: a summary, or every complaint on stderr and exit code 2. */
export const check: Action = async ({ options }, world) => {
  const read = readOptions(options);
  const selection = selectionSettings(read, []);
  read.done();
  const { inventory } = await selectedHosts(selection, await readSshConfig(read, world), world);
  const text = checkText(inventory);
  world.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  return exitCodes.done;
};
