import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Called, call, freshDirectory } from './call.ts';

interface Files {
  readonly config?: string;
  readonly inventory?: string;
  /** Mode of the config file. */
  readonly mode?: number;
}

/** A home with `.ssh/config`, and an inventory file. */
function homeWith({ config = '', inventory, mode = 0o600 }: Files): { home: string; inventoryFile: string } {
  const home = freshDirectory();
  mkdirSync(join(home, '.ssh'));
  writeFileSync(join(home, '.ssh/config'), config);
  chmodSync(join(home, '.ssh/config'), mode);
  const inventoryFile = join(home, 'fleet.yaml');
  if (inventory !== undefined) writeFileSync(inventoryFile, inventory);
  return { home, inventoryFile };
}

const explained = ({ stdout }: Called) =>
  JSON.parse(stdout) as Record<string, { readonly value: string | string[]; readonly origin: string }>;

describe('inventory explain', () => {
  test('each value with flag, inventory, file and line, or default', async () => {
    const { home, inventoryFile } = homeWith({
      config: 'Host web*\n  HostName %h.internal\n  Port 2022\n  IdentityFile ~/k1\n  IdentityFile ~/k2\nHost gate\n',
      inventory: 'version: 1\ngroups:\n  web:\n    hosts:\n      - { name: web01, port: 2200, hops: [gate] }\n',
    });
    const called = await call(
      [
        'inventory',
        'explain',
        'web01',
        '-i',
        inventoryFile,
        '--user',
        'root',
        '-f',
        'json',
        '--host-keys',
        'accept-new',
      ],
      { home },
    );
    expect(called.exitCode).toBe(0);
    expect(explained(called)).toMatchObject({
      hostname: { value: 'web01.internal', origin: `${home}/.ssh/config:2` },
      user: { value: 'root', origin: 'flag --user' },
      port: { value: '2200', origin: `${inventoryFile}:5:17` },
      proxyjump: { value: ['gate'], origin: `${inventoryFile}:5:17` },
      identityfile: { value: ['~/k1', '~/k2'], origin: `${home}/.ssh/config:4, ${home}/.ssh/config:5` },
      stricthostkeychecking: { value: 'accept-new', origin: 'flag --host-keys' },
      userknownhostsfile: {
        value: [`${home}/.ssh/known_hosts`, `${home}/.ssh/known_hosts2`],
        origin: 'default',
      },
      kexalgorithms: { value: expect.arrayContaining(['curve25519-sha256']), origin: 'default' },
      hops: { value: ['tester@gate:22'], origin: `${inventoryFile}:5:17` },
    });
  });

  test('the same as a table, for a host that no inventory has', async () => {
    const { home } = homeWith({ config: 'Host db\n  User postgres\n' });
    const { stdout, exitCode } = await call(['inventory', 'explain', 'db:2222'], { home });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^NAME +FROM +VALUE\n/);
    expect(stdout).toMatch(new RegExp(`^user +${home}/\\.ssh/config:2 +postgres$`, 'm'));
    expect(stdout).toMatch(/^port +command line +2222$/m);
  });

  test('a name that is not in the inventory is explained all the same, and it is said', async () => {
    const { home, inventoryFile } = homeWith({ inventory: 'version: 1\ngroups: { a: { hosts: [web01] } }\n' });
    const { stderr, exitCode } = await call(['inventory', 'explain', 'other', '-i', inventoryFile], { home });
    expect([exitCode, stderr]).toEqual([
      0,
      `synaudit: other is not in ${inventoryFile}: explained as \`synaudit audit other\` reaches it\n`,
    ]);
  });

  test.each([
    ['an unknown option', { config: 'Host x\nNonsense 1\n' }, '.ssh/config:2:1: ssh knows no option "nonsense"'],
    ['a bad value', { config: 'Port x\n' }, '.ssh/config:1:1: bad port "x"'],
    ['a file that others may write', { config: '', mode: 0o666 }, '.ssh/config: bad permissions: others may write it'],
    ['a Match exec that dies', { config: 'Match exec "kill -9 $$"\nPort 1\n' }, 'it was ended by SIGKILL'],
    [
      'a host that resolves nowhere',
      { config: 'CanonicalizeHostname yes\nCanonicalizeFallbackLocal no\n' },
      'resolves in none of CanonicalDomains',
    ],
  ])('%s is refused, as ssh does: exit code 2', async (_name, files, message) => {
    const { home } = homeWith(files);
    const { exitCode, stderr, stdout } = await call(['inventory', 'explain', 'web01'], { home });
    expect(stderr).toContain(message);
    expect([exitCode, stdout]).toEqual([2, '']);
  });

  test('Match exec runs in the shell of the user, once for hosts with the same command', async () => {
    const { home } = homeWith({});
    const log = join(home, 'log');
    const shell = join(home, 'shell');
    writeFileSync(shell, `#!/bin/sh\necho "$@" >>${log}\nexec /bin/sh "$@"\n`, { mode: 0o700 });
    const config = `Match exec "test -d '${home}'"\n  User inside\nMatch exec "test -d /nowhere"\n  Port 9\n`;
    writeFileSync(join(home, '.ssh/config'), config);
    const env = { SHELL: shell };
    const called = await call(['inventory', 'explain', 'web01', '-f', 'json'], { home, env });
    expect(explained(called)).toMatchObject({ user: { value: 'inside' }, port: { value: '22' } });
    expect(readFileSync(log, 'utf8')).toBe(`-c test -d '${home}'\n-c test -d /nowhere\n`);
  });
});
