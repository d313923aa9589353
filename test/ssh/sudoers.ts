/** Accounts and a sudoers file that exist for one sshd alone: files for the tree that it sees before the machine's own. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plantTree } from '../collect/tree.ts';

/** Login name to login shell and lines of sudoers, in which `ME` is the name. */
export type SudoAccounts = Readonly<Record<string, { readonly shell?: string; readonly sudoers: readonly string[] }>>;

/** As crypt(3) makes it of SHA-512. */
const hashOf = (password: string): string =>
  execFileSync('perl', ['-e', 'print crypt($ARGV[0], q($6$synaudit$))', password], { encoding: 'utf8' });

/** Plants `etc/passwd`, `etc/shadow` and `etc/sudoers`. All accounts have the same password. */
export function plantSudoers(
  accounts: SudoAccounts,
  { password, directory }: { readonly password: string; readonly directory: string },
): { readonly root: string; readonly remove: () => void } {
  const names = Object.keys(accounts);
  const tickets = join(directory, 'tickets');
  mkdirSync(tickets, { mode: 0o700 });
  const lines = Object.entries(accounts).flatMap(([name, { sudoers }]) =>
    sudoers.map(line => line.replaceAll('ME', name)),
  );
  const tree = plantTree({
    'etc/passwd': `${readFileSync('/etc/passwd', 'utf8')}${names
      .map((name, n) => `${name}:x:${4711 + n}:4711::/:${accounts[name]?.shell ?? '/bin/sh'}\n`)
      .join('')}`,
    'etc/shadow': `${readFileSync('/etc/shadow', 'utf8')}${names
      .map(name => `${name}:${hashOf(password)}:19000:0:99999:7:::\n`)
      .join('')}`,
    // No look-ups, no mail, tickets of its own: nothing of the test stays on this machine.
    'etc/sudoers': `Defaults !fqdn, !mailerpath, !syslog, env_reset, use_pty, timestampdir=${tickets}\n${lines.join('\n')}\n`,
  });
  chmodSync(tree.root, 0o755);
  chmodSync(join(tree.root, 'etc/sudoers'), 0o440);
  return tree;
}
