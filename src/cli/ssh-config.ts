import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { inputError } from '../model/input-error.ts';
import type { ConfigReader } from '../plan/include.ts';
import { answerWith } from '../plan/questions.ts';
import { parseSshConfig, type SshConfig } from '../plan/ssh-config.ts';
import { permissionProblem } from './config-permissions.ts';
import { errnoText, isErrno } from './errno.ts';
import { byFlag, readIfThere, readNamed } from './files.ts';
import type { OptionReader } from './settings.ts';
import { respondentOf, surroundingsOf } from './surroundings.ts';
import { expandHome, type World } from './world.ts';

/**
 * The ssh_config of this user as ssh would read it: with -F (here --ssh-config) that file alone, else the user's and then the
 * system's. What ssh refuses is refused. What is not honoured is told on stderr, as it may decide whether ssh gets through
 * where we do not.
 */
export async function readSshConfig(read: OptionReader, world: World): Promise<SshConfig> {
  const surroundings = surroundingsOf(world);
  const { variable, servicePort, home, homeOf } = surroundings;
  const reader = { home, homeOf, list: listDirectory, read: readIncluded };
  const files = await configFiles(read.text('sshConfig'), world);
  const config = await answerWith(parseSshConfig(files, { variable, servicePort, reader }), respondentOf(world));
  if (!read.isOn('quiet')) for (const note of config.notes) world.stderr.write(`synaudit: ${note}\n`);
  return config;
}

async function configFiles(named: string | undefined, world: World) {
  if (named === 'none') return [];
  if (named !== undefined) {
    const file = expandHome(named, world);
    return [{ file, text: await readNamed(file, byFlag('sshConfig')) }];
  }
  const own = join(world.home, '.ssh', 'config');
  const read = readChecked(own);
  if ('problem' in read) throw inputError(`${own}: ${read.problem}`);
  const systems = '/etc/ssh/ssh_config';
  const system = await readIfThere(systems);
  return [
    ...('text' in read ? [{ file: own, text: read.text }] : []),
    ...(system === undefined ? [] : [{ file: systems, text: system, isSystem: true }]),
  ];
}

function listDirectory(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** A text file of a user: larger ones are another file by mistake. Unit: bytes. */
const maxBytes = 64 * 1_024 * 1_024;

/** What Include names: a file that is there must be readable. */
const readIncluded: ConfigReader['read'] = file => {
  const read = readChecked(file);
  if (!('errno' in read)) return read;
  const { errno } = read;
  return errno.code === 'ENOENT' || errno.code === 'ENOTDIR' ? undefined : { problem: errnoText(errno) };
};

type Checked = { readonly text: string } | { readonly problem: string } | { readonly errno: NodeJS.ErrnoException };

function readChecked(file: string): Checked {
  try {
    const found = statSync(file);
    if (found.isDirectory()) return { text: '' };
    const problem = permissionProblem(found) ?? sizeProblem(found);
    return problem === undefined ? { text: readFileSync(file, 'utf8') } : { problem };
  } catch (error) {
    if (!isErrno(error)) throw error;
    return { errno: error };
  }
}

const sizeProblem = ({ size }: Stats): string | undefined =>
  size > maxBytes ? `${size} bytes are more than the ${maxBytes} that are read` : undefined;
