import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Secrets } from '../../src/transport/key-files.ts';
import { createSsh2Transport } from '../../src/transport/ssh2.ts';
import { buildProgram } from '../cli/built-program.ts';
import { call, freshDirectory } from '../cli/call.ts';
import { startAgent } from '../ssh/agent.ts';
import { type Sshd, startSshd } from '../ssh/sshd.ts';
import { plantSudoers } from '../ssh/sudoers.ts';
import { failureOf, planOf, visitWith } from '../ssh/visits.ts';
import { type KeyPair, openWorkshop } from '../ssh/workshop.ts';

const workshop = openWorkshop();
/** For a second agent. */
const drawer = openWorkshop();
const password = 'correct horse';
let key: KeyPair;
let locked: KeyPair;
beforeAll(() => {
  chmodSync(workshop.directory, 0o755); // sshd reads authorized_keys as the user
  key = workshop.makeKey('id');
  locked = workshop.makeKey('locked', { passphrase: 'open sesame' });
});
afterAll(async () => {
  await workshop.close();
  await drawer.close();
});

const refusals = (sshd: Sshd): number => sshd.log().match(/^Failed (?:password|keyboard-interactive)/gm)?.length ?? 0;

describe.skipIf(process.getuid?.() !== 0)('an sshd with PAM', () => {
  let tree: { readonly root: string; readonly remove: () => void };
  let both: Sshd;
  let passwords: Sshd;
  beforeAll(async () => {
    const accounts = { deploy: { sudoers: [] } };
    tree = plantSudoers(accounts, { password, directory: workshop.directory });
    const common = { workshop, authorized: [key.publicLine], tree: tree.root };
    both = await startSshd({
      ...common,
      address: '127.65.0.1',
      options: [
        'UsePAM yes',
        'KbdInteractiveAuthentication yes',
        'AuthenticationMethods publickey,keyboard-interactive',
      ],
    });
    passwords = await startSshd({
      ...common,
      address: '127.65.0.2',
      options: ['UsePAM yes', 'KbdInteractiveAuthentication yes', 'PasswordAuthentication yes'],
    });
  });
  afterAll(() => tree.remove());

  const login = async (sshd: Sshd, secrets: Secrets, more: Parameters<typeof planOf>[1] = {}) => {
    const transport = createSsh2Transport({ secrets });
    const visit = await visitWith(transport, planOf(sshd, { user: 'deploy', ...more }), 'id -un');
    await transport.close();
    expect(JSON.stringify({ ...visit, output: undefined })).not.toContain(password);
    return visit.ok ? visit.output.toString().split('\n', 1)[0] : failureOf(visit);
  };

  test('two factors: a key, then a password by keyboard-interactive', async () => {
    const identityFiles = [key.path];
    const given = { passwordLogin: true, password };
    expect(await login(both, given, { identityFiles })).toBe('deploy');
    expect(await login(both, {}, { identityFiles })).toBe('auth-failed/auth/no-method-accepted');
    expect(await login(both, given)).toBe('auth-failed/auth/no-method-accepted');
    expect(await login(both, given, { agentSocket: await startAgent(workshop, [key]) })).toBe('deploy');
  });

  test('a password, where only agents with wrong keys are asked first; one that is asked for', async () => {
    const wrong = [1, 2, 3, 4, 5, 6, 7].map(n => workshop.makeKey(`wrong-${n}`).path);
    expect(await login(passwords, { passwordLogin: true, password }, { identityFiles: wrong })).toBe('deploy');
    const prompts: string[] = [];
    const ask = async (prompt: string) => {
      prompts.push(prompt);
      return password;
    };
    expect(await login(passwords, { passwordLogin: true, ask })).toBe('deploy');
    expect(prompts).toEqual(['Password of deploy (first needed by web01): ']);
    // BatchMode of ssh_config: nobody is asked.
    expect(await login(passwords, { passwordLogin: true, ask }, { isBatch: true })).toMatch(/^auth-failed/);
    expect(prompts).toHaveLength(1);
  });

  test('a wrong password reaches one server once, not ten servers twice', async () => {
    const before = refusals(passwords);
    const transport = createSsh2Transport({ secrets: { passwordLogin: true, password: 'wrong' } });
    const visits = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        visitWith(transport, planOf(passwords, { user: 'deploy', host: `web${n}` })),
      ),
    );
    await transport.close();
    expect(new Set(visits.map(failureOf))).toEqual(new Set(['auth-failed/auth/no-method-accepted']));
    expect(refusals(passwords) - before).toBe(1);
  });

  test('from files that only their owner may read', async () => {
    const known = workshop.write('known_hosts', `${passwords.knownHostsLine()}\n`);
    const audit = (file: string) =>
      call(
        [
          ...['audit', `deploy@127.65.0.2:${passwords.port}`, '--known-hosts', known, '--ssh-config', 'none'],
          ...['--interval', '0', '-f', 'json', '-q'],
        ],
        { home: freshDirectory(), env: { SYNAUDIT_PASSWORD_FILE: file } },
      );
    const { stdout, stderr } = await audit(workshop.write('password', `${password}\n`));
    expect(JSON.parse(stdout).hosts[0].error).toBeNull();
    expect(stdout + stderr).not.toContain(password);
    const open = await audit(workshop.write('open', password, 0o640));
    expect([open.exitCode, open.stderr]).toEqual([2, expect.stringContaining('others may read it (mode 0640)')]);
  });
});

describe('an agent with ten keys, and MaxAuthTries 6', () => {
  let sshd: Sshd;
  let agentSocket: string;
  beforeAll(async () => {
    sshd = await startSshd({
      workshop,
      address: '127.65.0.3',
      authorized: [key.publicLine],
      options: ['MaxAuthTries 6'],
    });
    const others = Array.from({ length: 9 }, (_, n) => workshop.makeKey(`other-${n}`));
    agentSocket = await startAgent(drawer, [...others, key]);
  });

  test('the tenth is found if its public half is named, with or without IdentitiesOnly', async () => {
    for (const identitiesOnly of [true, false]) {
      const plan = planOf(sshd, { agentSocket, identitiesOnly, identityFiles: [`${key.path}.pub`] });
      expect(await visitWith(createSsh2Transport(), plan)).toMatchObject({ ok: true });
    }
  });

  test('if not, the error says that there were more, and what to do', async () => {
    const visit = await visitWith(createSsh2Transport(), planOf(sshd, { agentSocket }));
    expect(failureOf(visit)).toBe('auth-failed/auth/too-many-attempts');
    expect(visit).toMatchObject({
      error: {
        message: expect.stringContaining('more keys were there'),
        hint: expect.stringContaining('IdentityFile'),
      },
    });
    expect(sshd.log()).not.toContain('Too many authentication failures');
  });
});

describe.skipIf(spawnSync('script', ['--version']).status !== 0)('a person at a terminal', () => {
  let sshd: Sshd;
  let program: string;
  beforeAll(async () => {
    sshd = await startSshd({ workshop, address: '127.65.0.4', authorized: [locked.publicLine] });
    program = buildProgram(workshop.directory);
  });

  type Pty = ChildProcessByStdio<Writable, Readable, null>;

  /** Runs the program on a terminal of its own; `answer` is what is typed at the first question. */
  const onTerminal = (answer: string, env: Readonly<Record<string, string>> = {}): Promise<string> =>
    new Promise(resolve => {
      const known = workshop.write('known-terminal', `${sshd.knownHostsLine()}\n`);
      const hosts = [1, 2, 3].map(() => `root@127.65.0.4:${sshd.port}`).slice(0, 1);
      const command = [
        ...[process.execPath, program, 'audit', ...hosts, '--identity', locked.path, '--known-hosts', known],
        ...['--ssh-config', 'none', '--interval', '0', '--no-color', '--no-tui'],
      ].join(' ');
      const child: Pty = spawn('script', ['-qec', command, '/dev/null'], {
        stdio: ['pipe', 'pipe', 'ignore'],
        env: { PATH: process.env['PATH'], HOME: freshDirectory(), TERM: 'xterm', ...env },
      });
      let shown = '';
      let isAnswered = false;
      child.stdout.on('data', (chunk: Buffer) => {
        shown += chunk.toString();
        if (isAnswered || !/Passphrase for key \S+: $/.test(shown)) return;
        isAnswered = true;
        // Later than the progress line is redrawn.
        setTimeout(() => child.stdin.write(answer), 700);
      });
      child.on('close', () => resolve(shown));
      onTestFinished(() => void child.kill());
    });

  test('is asked for the passphrase, which is not shown, and nothing is drawn over the question', async () => {
    const shown = await onTerminal('open sesame\r');
    expect(shown).not.toContain('sesame');
    expect(shown).toContain(`Passphrase for key ${locked.path}: \r\n`);
    expect(shown).toMatch(/1 host\b.*audited|audited/);
    expect(shown).not.toContain('auth-failed');
    expect(sshd.log()).toContain('Accepted publickey for root');
  });

  test('who presses Ctrl-C at the question is not asked again, and the host says why', async () => {
    const shown = await onTerminal('\x03');
    expect(shown.match(/Passphrase for key/g)).toHaveLength(1);
    expect(shown.replace(/\s+/g, ' ')).toContain('needs a passphrase, and none was given');
  });

  test('with the passphrase in the environment nothing is asked', async () => {
    expect(await onTerminal('', { SYNAUDIT_PASSPHRASE: 'open sesame' })).not.toContain('Passphrase for key');
  });
});
