import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectPlan } from '../../src/model/plan.ts';
import type { Secrets } from '../../src/transport/key-files.ts';
import { createLocalTransport } from '../../src/transport/local.ts';
import { createSsh2Transport } from '../../src/transport/ssh2.ts';
import { call, freshDirectory } from '../cli/call.ts';
import { type Sshd, startSshd } from '../ssh/sshd.ts';
import { plantSudoers } from '../ssh/sudoers.ts';
import { planOf, visitWith } from '../ssh/visits.ts';
import { type KeyPair, openWorkshop, type Workshop } from '../ssh/workshop.ts';

// Mount namespaces are root's.
const may = process.getuid?.() === 0 && spawnSync('sudo', ['-V']).status === 0;
const password = 'correct horse';
const all = 'ME ALL=(ALL:ALL) ALL';

/** Every program that runs: what is in an argument, everybody on the host can read. */
const listArguments = 'for file in /proc/[0-9]*/cmdline; do tr "\\0" " " <"$file" 2>/dev/null; echo; done';

describe.skipIf(!may)('sudo on a real host', () => {
  let workshop: Workshop;
  let sshd: Sshd;
  let key: KeyPair;
  let tree: { readonly root: string; readonly remove: () => void };

  beforeAll(async () => {
    workshop = openWorkshop();
    chmodSync(workshop.directory, 0o755); // sshd reads authorized_keys as the user
    key = workshop.makeKey('login');
    tree = plantSudoers(
      {
        free: { sudoers: ['ME ALL=(ALL:ALL) NOPASSWD: ALL'] },
        csh: { shell: '/usr/bin/tcsh', sudoers: ['ME ALL=(ALL:ALL) NOPASSWD: ALL'] },
        shell: { sudoers: ['ME ALL=(root) NOPASSWD: /bin/sh', 'Defaults:ME !use_pty'] },
        asked: { sudoers: [all] },
        bash: { shell: '/bin/bash', sudoers: [all, 'Defaults:ME !use_pty, badpass_message="Do not touch that!"'] },
        once: { sudoers: [all, 'Defaults:ME passwd_tries=1'] },
        cached: { sudoers: [all, 'Defaults:ME timestamp_type=global, timestamp_timeout=60'] },
        tty: { sudoers: [all, 'Defaults:ME requiretty'] },
        stranger: { sudoers: [] },
        other: { sudoers: ['ME ALL=(root) NOPASSWD: /bin/true'] },
      },
      { password, directory: workshop.directory },
    );
    sshd = await startSshd({ workshop, address: '127.9.11.1', authorized: [key.publicLine], tree: tree.root });
  });
  afterAll(async () => {
    await workshop.close();
    tree.remove();
  });

  const planFor = (user: string): ConnectPlan =>
    planOf(sshd, { user, identityFiles: [key.path], sudo: { account: user } });
  /** The id that the script ran with, and the notes without their common words. */
  const visit = async (user: string, secrets: Secrets, script = 'id -u') => {
    const transport = createSsh2Transport({ secrets });
    const done = await visitWith(transport, planFor(user), script);
    await transport.close();
    expect(JSON.stringify({ ...done, output: undefined })).not.toContain(password);
    if (!done.ok) throw new Error(done.error.message);
    const note = done.notes.filter(text => !text.startsWith('host key')).join();
    return {
      lines: done.output.toString().split('\n'),
      stderr: done.stderr,
      note: /^read without root: (.*)$/.exec(note)?.[1] ?? note,
    };
  };

  test.each([
    ['free', {}],
    ['csh', {}],
    ['shell', {}],
    ['shell', { sudoPassword: password }],
    ['asked', { sudoPassword: password }],
    ['bash', { sudoPassword: password }],
    ['once', { sudoPassword: password }],
  ] as const)('%s with %j becomes root', async (user, secrets) => {
    const { lines, note, stderr } = await visit(user, secrets, 'id -u; echo "$SSH_CONNECTION"');
    expect([lines[0], note, stderr]).toEqual(['0', '', '']);
    // The collector leaves its own connection out of what it counts.
    expect(lines[1]).toMatch(/^127\.\S+ \d+ 127\.9\.11\.1 \d+$/);
  });

  test.each([
    ['asked', {}, 'sudo wants a password of asked, and there was none to give'],
    ['asked', { sudoPassword: 'wrong' }, 'sudo did not take the password of asked'],
    ['bash', { sudoPassword: 'wrong' }, 'sudo did not take the password of bash'],
    ['once', { sudoPassword: 'wrong' }, 'sudo did not take the password of once'],
    ['tty', {}, 'sudo wants a terminal (requiretty): "Defaults:tty !requiretty" lifts it'],
    ['tty', { sudoPassword: password }, 'sudo wants a terminal (requiretty): "Defaults:tty !requiretty" lifts it'],
    ['stranger', { sudoPassword: password }, 'sudo does not let stranger run sh as root'],
    ['other', { sudoPassword: password }, 'sudo lets other run some commands without a password, but not sh'],
  ] as const)('%s with %j goes on with the rights of the login', async (user, secrets, reason) => {
    const { lines, note, stderr } = await visit(user, secrets);
    expect(Number(lines[0])).toBeGreaterThanOrEqual(4711);
    expect(note).toBe(reason);
    // Neither the script nor the password was read by a shell that should not have.
    expect(stderr).toBe('');
  });

  test('a ticket that still holds: the password is not sent, as the root shell would run it', async () => {
    const plain = { ...planFor('cached'), sudo: undefined } as unknown as ConnectPlan;
    const first = await visitWith(createSsh2Transport(), plain, `echo '${password}' | sudo -S -v && echo valid`);
    expect(first.ok && first.output.toString()).toMatch(/^valid\n/);
    expect(await visit('cached', { sudoPassword: 'echo hacked' })).toEqual({
      lines: expect.arrayContaining(['0']),
      stderr: '',
      note: '',
    });
  });

  test('the password is in no argument of any program', async () => {
    const { lines } = await visit('asked', { sudoPassword: password }, `id -u; ${listArguments}`);
    expect(lines[0]).toBe('0');
    expect(lines.some(line => line.includes('sudo -S -p'))).toBe(true);
    expect(lines.filter(line => line.includes(password))).toEqual([]);
    expect(sshd.log()).not.toContain(password);
  });

  test('one question for all hosts of an account, at one host first; a wrong answer reaches no second one', async () => {
    for (const [answer, roots] of [
      [password, 4],
      ['wrong', 0],
    ] as const) {
      const prompts: string[] = [];
      const ask = async (prompt: string): Promise<string> => {
        prompts.push(prompt);
        return answer;
      };
      const before = sshd.log().length;
      const transport = createSsh2Transport({ secrets: { ask } });
      const plans = ['a', 'b', 'c', 'd'].map(host => ({ ...planFor('asked'), host }));
      const visits = await Promise.all(plans.map(plan => visitWith(transport, plan, 'id -u')));
      await transport.close();
      expect(visits.filter(done => done.ok && done.output.toString().startsWith('0\n'))).toHaveLength(roots);
      expect(prompts).toEqual([expect.stringMatching(/^sudo password of asked \(first needed by [abcd]\): $/)]);
      const refused = visits.filter(done => done.notes.join().includes('did not take the password'));
      expect(refused).toHaveLength(roots === 0 ? 1 : 0);
      expect(sshd.log().slice(before)).not.toContain(answer);
    }
  });

  test('this machine: root needs no sudo', async () => {
    const plan = planOf({ address: 'localhost', port: 22 }, { transport: 'local', sudo: { account: 'root' } });
    const done = await visitWith(createLocalTransport(), plan, 'id -u');
    expect(done).toMatchObject({ ok: true, notes: [] });
    expect(done.ok && done.output.toString()).toMatch(/^0\n/);
  });

  describe('from the command line', () => {
    const audit = (user: string, home: string, env: Readonly<Record<string, string>>, ...more: readonly string[]) => {
      const known = workshop.write('known_hosts', `${sshd.knownHostsLine()}\n`);
      const options = ['--identity', key.path, '--known-hosts', known, '--ssh-config', 'none', '--interval', '0'];
      return call(['audit', `${user}@127.9.11.1:${sshd.port}`, ...options, '-f', 'json', '-q', ...more], { home, env });
    };
    const filesBelow = (directory: string): string =>
      readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile())
        .map(entry => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
        .join('\n');

    test('a password from a file: nothing is read without root, and it is stored nowhere', async () => {
      const home = freshDirectory();
      const env = { SYNAUDIT_SUDO_PASSWORD_FILE: workshop.write('sudo-password', `${password}\n`) };
      const { stdout, stderr } = await audit('asked', home, env, '--sudo');
      const [host] = JSON.parse(stdout).hosts;
      expect(host.outcome).toMatch(/audited|partial/);
      // There may be remarks on namespaces that come and go on this machine meanwhile.
      expect(host.notes.filter((note: string) => /root|sudo/.test(note))).toEqual([]);
      expect(filesBelow(home)).not.toContain(password);
      expect(stdout + stderr).not.toContain(password);
    });

    test('without one the audit goes on, and the result says what is missing', async () => {
      const { stdout } = await audit('asked', freshDirectory(), {}, '--sudo');
      expect(JSON.parse(stdout).hosts[0]).toMatchObject({
        outcome: expect.stringMatching(/audited|partial/),
        notes: expect.arrayContaining([
          'read without root: sudo wants a password of asked, and there was none to give',
        ]),
      });
    });

    test('a file that others may read is refused before anything is visited', async () => {
      const env = { SYNAUDIT_SUDO_PASSWORD_FILE: workshop.write('open-password', `${password}\n`, 0o644) };
      const { exitCode, stderr } = await audit('asked', freshDirectory(), env, '--sudo');
      expect(exitCode).toBe(2);
      expect(stderr).toContain('others may read it (mode 0644); chmod 600 it');
    });
  });
});

test.skipIf(!may)('the accounts of the tests are not on this machine', () => {
  expect(spawnSync('id', ['asked']).status).not.toBe(0);
  expect(execFileSync('cat', ['/etc/sudoers'], { encoding: 'utf8' })).not.toContain('asked');
});
