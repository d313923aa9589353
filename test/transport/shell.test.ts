import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createLocalSsh } from '../../src/transport/local-ssh.ts';
import { lookUpName } from '../../src/transport/names.ts';
import { runInShell } from '../../src/transport/shell.ts';
import { openWorkshop } from '../ssh/workshop.ts';

const workshop = openWorkshop();
afterAll(() => workshop.close());

const env = { ...process.env, SHELL: '/bin/sh', NAME: 'value' };

describe('commands of ssh_config', () => {
  test.each([
    ['true', { status: 0 }],
    ['exit 7', { status: 7 }],
    ['test "$NAME" = value', { status: 0 }],
    ['kill -TERM $$', { problem: 'it was ended by SIGTERM' }],
    ['read line && exit 0; exit 5', { status: 5 }],
  ])('%s', async (command, end) => {
    expect(await runInShell({ command, env, deadlineMs: 5_000 })).toEqual(end);
  });

  test('a shell that is not there', async () => {
    const end = await runInShell({ command: 'true', env: { SHELL: '/no/such/shell' }, deadlineMs: 5_000 });
    expect(end).toMatchObject({ problem: expect.stringContaining('/no/such/shell') });
  });

  test('one that hangs ends with its deadline, and so does what it has started', async () => {
    const file = join(workshop.directory, 'pid');
    const command = `sleep 60 & echo $! >${file}; wait`;
    expect(await runInShell({ command, env, deadlineMs: 200 })).toEqual({ problem: 'it did not end within 0.2 s' });
    const pid = readFileSync(file, 'utf8').trim();
    while (existsSync(`/proc/${pid}`)) await new Promise(resolve => setTimeout(resolve, 20));
  });
});

describe('the ssh of this machine', () => {
  test('says what it takes, what it does by default, what it can, and which one it is', async () => {
    const ssh = createLocalSsh(env);
    expect(await ssh.accepts('User x\n')).toBe(true);
    expect(await ssh.accepts('Nonsense x\n')).toBe(false);
    expect(await ssh.defaults()).toMatch(/^requesttty auto$/m);
    expect(await ssh.query('cipher')).toContain('aes128-ctr');
    expect(await ssh.version()).toMatch(/^OpenSSH_\d/);
  });

  test('where there is none nothing is known', async () => {
    const ssh = createLocalSsh({ PATH: '/nonexistent' });
    const all = [ssh.defaults(), ssh.query('kex'), ssh.version()];
    expect(await Promise.all(all)).toEqual([undefined, undefined, undefined]);
  });

  test('nor without a program of that name, although there is a shell', async () => {
    for (const name of ['sh', 'cat']) symlinkSync(`/bin/${name}`, join(workshop.directory, name));
    expect(await createLocalSsh({ PATH: workshop.directory }).accepts('User x\n')).toBeUndefined();
  });
});

test('names are looked up as this machine does', async () => {
  const ask = (name: string, family: 'any' | 'inet6' = 'any') => lookUpName({ name, family, canonicalName: true }, env);
  expect(await ask('localhost')).toMatchObject({ found: true, canonicalName: 'localhost' });
  expect(await ask('no-such-name.invalid')).toEqual({ found: false });
});
