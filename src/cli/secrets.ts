import { readFileSync, statSync } from 'node:fs';
import { inputError } from '../model/input-error.ts';
import type { Secrets } from '../transport/key-files.ts';
import { askSecret } from './ask-secret.ts';
import type { World } from './world.ts';

/** Secrets of one run, and whether a person is being asked for one: nothing else may be drawn on the terminal then. */
export interface SecretSources {
  readonly secrets: Secrets;
  readonly isAsking: () => boolean;
  /** Calls back before a question, and after its answer: whoever draws on the terminal leaves it in between. */
  readonly onAsking: (listener: (isAsking: boolean) => void) => void;
}

/**
 * Secrets come from the environment or a file that it names, else from the person at the terminal, one question at a time.
 * Without a terminal (batch, CI) nothing is asked. A dashboard leaves the terminal for a question (`onAsking`), so
 * that it does not see what is typed. Throws an InputError for a file that others may read.
 */
export function secretSources({ env, stderr }: World): SecretSources {
  const mayAsk = stderr.isTerminal;
  const passphrase = env['SYNAUDIT_PASSPHRASE'];
  const password = givenSecret('SYNAUDIT_PASSWORD', env);
  const sudoPassword = givenSecret('SYNAUDIT_SUDO_PASSWORD', env);
  let asking = 0;
  let tell: (isAsking: boolean) => void = () => {};
  let queue: Promise<unknown> = Promise.resolve();
  const ask = (prompt: string): Promise<string | undefined> => {
    const answer = queue.then(async () => {
      asking += 1;
      tell(true);
      return askSecret(prompt).finally(() => {
        asking -= 1;
        tell(false);
      });
    });
    queue = answer.catch(() => {});
    return answer;
  };
  const secrets = {
    ...(mayAsk && { ask }),
    ...(passphrase !== undefined && { passphrase }),
    passwordLogin: password !== undefined || mayAsk,
    ...(password !== undefined && { password }),
    ...(sudoPassword !== undefined && { sudoPassword }),
  };
  return {
    secrets,
    isAsking: () => asking > 0,
    onAsking(listener) {
      tell = listener;
    },
  };
}

type SecretName = 'SYNAUDIT_PASSWORD' | 'SYNAUDIT_SUDO_PASSWORD';

/** A password is short; more is another file by mistake. */
const maxBytes = 4_096;

/** The variable itself, or the first line of the file that the variable with `_FILE` names. */
function givenSecret(name: SecretName, env: World['env']): string | undefined {
  const [value, path] = [env[name], env[`${name}_FILE`]];
  if (path === undefined) return value;
  const file = `$${name}_FILE (${path})`;
  if (value !== undefined) throw inputError(`give either $${name} or $${name}_FILE`);
  const [secret] = readSecret(path, file).split(/\r?\n/, 1);
  if (secret === undefined || secret === '') throw inputError(`${file}: its first line is empty`);
  return secret;
}

function readSecret(path: string, file: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw inputError(`${file}: no such file`);
  if (found.isDirectory()) throw inputError(`${file}: not a file`);
  // As ssh asks of private keys: sshkey_perm_ok() of authfile.c.
  if ((found.mode & 0o077) !== 0) {
    const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
    throw inputError(`${file}: others may read it (mode ${mode}); chmod 600 it`);
  }
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > maxBytes) throw inputError(`${file}: too long for a password`);
    return text;
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw inputError(`${file}: ${error.code}`);
    throw error;
  }
}
