import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noSshConfig, parseSshConfig, type SshConfig } from '../plan/ssh-config.ts';
import { byFlag, readIfThere, readNamed } from './files.ts';
import type { OptionReader } from './settings.ts';
import { expandHome, type World } from './world.ts';

/**
 * The ssh_config of this user as ssh would read it: with -F (here --ssh-config) that file alone, else the user's and then the
 * system's. What is in it and not honoured is told on stderr, as it may decide whether ssh gets through where we do not.
 */
export async function readSshConfig(read: OptionReader, world: World): Promise<SshConfig> {
  const named = read.text('sshConfig');
  if (named === 'none') return noSshConfig();
  const config = parseSshConfig(await configFiles(named, world), {
    home: world.home,
    list: directory => orElse(() => readdirSync(directory), []),
    read: file => orElse(() => readFileSync(file, 'utf8'), undefined),
  });
  if (!read.isOn('quiet')) for (const note of config.notes) world.stderr.write(`synaudit: ${note}\n`);
  return config;
}

async function configFiles(named: string | undefined, world: World) {
  if (named !== undefined) {
    const file = expandHome(named, world);
    return [{ file, text: await readNamed(file, byFlag('sshConfig')) }];
  }
  const files = [];
  for (const file of [join(world.home, '.ssh', 'config'), '/etc/ssh/ssh_config']) {
    const text = await readIfThere(file);
    if (text !== undefined) files.push({ file, text });
  }
  return files;
}

/** As ssh does with what Include names: a file or directory that cannot be read is passed over. */
function orElse<T>(read: () => T, fallback: T): T {
  try {
    return read();
  } catch {
    return fallback;
  }
}
