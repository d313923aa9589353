/** A temporary directory with what SSH tests need in it: keys, known_hosts files, running servers. Everything ends with it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A key pair on disk. */
export interface KeyPair {
  readonly path: string;
  /** `ssh-ed25519 AAAA…`, without comment. */
  readonly publicLine: string;
}

export interface Workshop {
  readonly directory: string;
  /** Makes a key with ssh-keygen. */
  readonly makeKey: (name: string, options?: { readonly type?: string; readonly passphrase?: string }) => KeyPair;
  /** Writes a file and gives its path back. */
  readonly write: (name: string, text: string, mode?: number) => string;
  /** Runs `end` when the workshop is closed; the latest first. */
  readonly onClose: (end: () => void | Promise<void>) => void;
  readonly close: () => Promise<void>;
}

/** Opens a workshop in the system's temporary directory. */
export function openWorkshop(): Workshop {
  const directory = mkdtempSync(join(tmpdir(), 'synaudit-ssh-'));
  const ends: (() => void | Promise<void>)[] = [];
  return {
    directory,
    makeKey: (name, { type = 'ed25519', passphrase = '' } = {}) => {
      const path = join(directory, name);
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', name, '-f', path]);
      const publicLine = readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
      return { path, publicLine };
    },
    write: (name, text, mode = 0o600) => {
      const path = join(directory, name);
      writeFileSync(path, text, { mode });
      return path;
    },
    onClose: end => ends.unshift(end),
    close: async () => {
      for (const end of ends) await end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
