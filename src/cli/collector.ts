import { randomBytes } from 'node:crypto';
import { collectorScript, newBoundary } from '../collect/script.ts';
import type { Action } from './commands.ts';
import { exitCodes } from './exit.ts';
import { intervalSetting, readOptions, socketsSetting } from './settings.ts';

/** `synaudit collector`: the script that an audit sends, for other engines to run. */
export const collector: Action = async ({ options }, world) => {
  const read = readOptions(options);
  const settings = { intervalSeconds: intervalSetting(read), sockets: socketsSetting(read) };
  read.done();
  world.stdout.write(collectorScript({ boundary: newBoundary(randomBytes(16)), ...settings }));
  return exitCodes.done;
};
