import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectPlan, HostKeyPolicy } from '../../src/model/plan.ts';
import { createSsh2Transport } from '../../src/transport/ssh2.ts';
import { startAgent } from '../ssh/agent.ts';
import { type Sshd, startSshd } from '../ssh/sshd.ts';
import { failureOf, planOf, requestOf, visitWith, watchOf } from '../ssh/visits.ts';
import { type KeyPair, openWorkshop } from '../ssh/workshop.ts';

const workshop = openWorkshop();
const transport = createSsh2Transport();
let key: KeyPair;
let stranger: KeyPair;
let locked: KeyPair;
let sshd: Sshd;

beforeAll(async () => {
  key = workshop.makeKey('id');
  stranger = workshop.makeKey('stranger');
  locked = workshop.makeKey('locked', { passphrase: 'open sesame' });
  sshd = await startSshd({ workshop, address: '127.61.0.1', authorized: [key.publicLine, locked.publicLine] });
});
afterAll(async () => {
  await transport.close();
  await workshop.close();
});

const withKey = (more: Partial<ConnectPlan> = {}): ConnectPlan => planOf(sshd, { identityFiles: [key.path], ...more });

describe('a visit to a real sshd', () => {
  test('brings back output, exit status, and the times of the phases in order', async () => {
    const phases: string[] = [];
    const watch = watchOf({ onPhase: phase => phases.push(phase) });
    const visit = await transport.visit(withKey(), requestOf('echo "$0"; echo oops >&2'), watch);
    expect(visit).toMatchObject({ ok: true, stderr: 'oops\n', exitCode: 0 });
    expect(visit.ok && visit.output.toString()).toMatch(/^sh\n#end /);
    expect(phases).toEqual(['connect', 'handshake', 'auth', 'exec']);
    const { connectMs = -1, handshakeMs = -1, authMs = -1, totalMs } = visit.timing;
    const times = [0, connectMs, handshakeMs, authMs, totalMs];
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(visit.notes).toEqual(['host key was not checked (--host-keys off)']);
  });

  test('is over at the end marker, although something keeps the channel open', async () => {
    const visit = await visitWith(transport, withKey(), 'sleep 4 & echo started');
    expect(visit).toMatchObject({ ok: true });
    expect(visit.timing.totalMs).toBeLessThan(3_000);
  });

  test('a command that hangs ends with its deadline', async () => {
    const deadlines = { ...withKey().deadlines, execMs: 400 };
    expect(failureOf(await visitWith(transport, withKey({ deadlines }), 'sleep 20'))).toBe(
      'timed-out/exec/exec-timeout',
    );
  });

  test('output without end ends with its bound', async () => {
    const request = requestOf('while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done', {
      maxOutputBytes: 100_000,
    });
    expect(failureOf(await transport.visit(withKey(), request, watchOf()))).toBe('failed/exec/output-too-large');
  });

  test('a session that dies is a failure of that phase', async () => {
    expect(failureOf(await visitWith(transport, withKey(), 'kill -9 $PPID; sleep 5'))).toBe('failed/exec/closed');
  });

  test('a script longer than the channel window arrives whole', async () => {
    const filler = Array.from({ length: 60_000 }, (_, n) => `# line ${n} ${'x'.repeat(40)}`).join('\n');
    const visit = await visitWith(transport, withKey(), `${filler}\necho arrived`);
    expect(visit.ok && visit.output.toString()).toMatch(/^arrived\n/);
  });
});

describe('logging in', () => {
  test('a key that is not accepted, a file that is not there: both are named, with what the server offers', async () => {
    const visit = await visitWith(transport, planOf(sshd, { identityFiles: [stranger.path, '/no/such/key'] }));
    expect(failureOf(visit)).toBe('auth-failed/auth/no-method-accepted');
    expect(visit).toMatchObject({
      error: {
        message: expect.stringContaining(
          `tried key file ${stranger.path}, key file /no/such/key (no such file); the server offers publickey`,
        ),
      },
    });
  });

  test('no key at all', async () => {
    const visit = await visitWith(transport, planOf(sshd));
    expect(visit).toMatchObject({
      ok: false,
      error: { outcome: 'auth-failed', hint: expect.stringContaining('--identity') },
    });
  });

  test('an encrypted key: not in batch mode, with the passphrase of the environment, or asked for once', async () => {
    const plan = planOf(sshd, { identityFiles: [locked.path] });
    const batch = await visitWith(transport, plan);
    expect(batch).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('needs a passphrase'), hint: expect.stringContaining('ssh-agent') },
    });

    const environment = createSsh2Transport({ secrets: { passphrase: 'open sesame' } });
    expect(await visitWith(environment, plan)).toMatchObject({ ok: true });

    const prompts: string[] = [];
    const ask = async (prompt: string): Promise<string> => {
      prompts.push(prompt);
      // Longer than the deadline of the phase, which must not run meanwhile.
      await new Promise(resolve => setTimeout(resolve, 1_200));
      return 'open sesame';
    };
    const asking = createSsh2Transport({ secrets: { ask } });
    const hasty = { ...plan, deadlines: { ...plan.deadlines, authMs: 1_000 } };
    const visits = await Promise.all([1, 2, 3].map(() => visitWith(asking, hasty)));
    expect(visits.map(visit => visit.ok)).toEqual([true, true, true]);
    expect(prompts).toEqual([`Passphrase for key ${locked.path}: `]);

    const wrong = await visitWith(createSsh2Transport({ secrets: { passphrase: 'wrong' } }), plan);
    expect(JSON.stringify(wrong)).not.toMatch(/wrong|sesame/);
  });

  test('an agent with many keys: the named one first; with IdentitiesOnly no other; without, within sshd’s patience', async () => {
    const others = [1, 2, 3, 4, 5, 6].map(n => workshop.makeKey(`other-${n}`));
    const agentSocket = await startAgent(workshop, [...others, key]);
    const named = planOf(sshd, { agentSocket, identityFiles: [`${key.path}.pub`] });
    expect(await visitWith(transport, named)).toMatchObject({ ok: true });
    const only = await visitWith(
      transport,
      planOf(sshd, { agentSocket, identitiesOnly: true, identityFiles: [stranger.path] }),
    );
    expect(only.ok || only.error.message).toMatch(/tried key file \S+;/);
    const all = await visitWith(transport, planOf(sshd, { agentSocket }));
    expect(failureOf(all)).toBe('auth-failed/auth/too-many-attempts');
    expect(all).toMatchObject({ error: { hint: expect.stringContaining('IdentitiesOnly') } });
  });

  test('no agent where one should be', async () => {
    const visit = await visitWith(transport, planOf(sshd, { agentSocket: join(workshop.directory, 'no-agent') }));
    expect(visit.ok || visit.error.message).toContain('no-agent');
  });

  test('two keys, one after the other (partial success), from files and from an agent', async () => {
    const second = workshop.makeKey('second');
    const twice = await startSshd({
      workshop,
      address: '127.61.0.4',
      authorized: [key.publicLine, second.publicLine],
      options: ['AuthenticationMethods publickey,publickey'],
    });
    expect(await visitWith(transport, planOf(twice, { identityFiles: [key.path, second.path] }))).toMatchObject({
      ok: true,
    });
    expect(failureOf(await visitWith(transport, planOf(twice, { identityFiles: [key.path] })))).toBe(
      'auth-failed/auth/no-method-accepted',
    );
  });
});

describe('host keys', () => {
  const policy = (text: string, more: Partial<HostKeyPolicy> = {}): HostKeyPolicy => {
    const file = workshop.write(`known_hosts-${Math.random()}`, text);
    return { mode: 'strict', files: [file], appendTo: file, ...more };
  };
  const other = (): string => sshd.knownHostsLine().replace(/ssh-ed25519 .*/, stranger.publicLine);

  test('known', async () => {
    const visit = await visitWith(transport, withKey({ hostKeys: policy(`${sshd.knownHostsLine()}\n`) }));
    expect(visit).toMatchObject({ ok: true, notes: [] });
  });

  test('unknown, in strict mode: refused before any login, with the fingerprint and the way on', async () => {
    const visit = await visitWith(transport, withKey({ hostKeys: policy('') }));
    expect(failureOf(visit)).toBe('hostkey-rejected/handshake/hostkey-unknown');
    expect(visit).toMatchObject({
      error: {
        message: expect.stringMatching(/ED25519 SHA256:[\w+/]{43}$/),
        hint: expect.stringContaining('accept-new'),
      },
    });
  });

  test.each(['strict', 'accept-new'] as const)(
    'changed, in mode %s: names file, line and ssh-keygen -R',
    async mode => {
      const hostKeys = policy(`# mine\n${other()}\n`, { mode });
      const visit = await visitWith(transport, withKey({ hostKeys }));
      expect(failureOf(visit)).toBe('hostkey-rejected/handshake/hostkey-changed');
      expect(visit).toMatchObject({
        error: {
          message: expect.stringContaining(`${hostKeys.appendTo}:2`),
          hint: expect.stringContaining(`ssh-keygen -f '${hostKeys.appendTo}' -R '[${sshd.address}]:${sshd.port}'`),
        },
      });
    },
  );

  test('revoked wins over known', async () => {
    const hostKeys = policy(`${sshd.knownHostsLine()}\n@revoked * ${sshd.hostKeys[0]?.publicLine}\n`, {
      mode: 'accept-new',
    });
    expect(failureOf(await visitWith(transport, withKey({ hostKeys })))).toBe(
      'hostkey-rejected/handshake/hostkey-revoked',
    );
  });

  test('accept-new: 16 at once add one line, behind what was there, and the next visit is checked', async () => {
    const hostKeys = policy('# no newline at the end', { mode: 'accept-new' });
    const fresh = createSsh2Transport();
    // sixteen key exchanges of sshd at once take their time on a busy machine
    const deadlines = { ...withKey().deadlines, handshakeMs: 60_000, authMs: 60_000, hostMs: 60_000 };
    const visits = await Promise.all(
      Array.from({ length: 16 }, () => visitWith(fresh, withKey({ hostKeys, deadlines }))),
    );
    expect(visits.filter(visit => !visit.ok)).toEqual([]);
    expect(readFileSync(hostKeys.appendTo, 'utf8')).toBe(`# no newline at the end\n${sshd.knownHostsLine()}\n`);
    expect(
      await visitWith(createSsh2Transport(), withKey({ hostKeys: { ...hostKeys, mode: 'strict' } })),
    ).toMatchObject({ ok: true, notes: [] });
  });

  test('accept-new makes the file, for its owner only', async () => {
    const file = join(workshop.directory, 'state', 'known_hosts');
    const visit = await visitWith(
      createSsh2Transport(),
      withKey({ hostKeys: { mode: 'accept-new', files: [file], appendTo: file } }),
    );
    expect(visit.notes).toEqual([expect.stringMatching(/^new host key accepted: ED25519 SHA256:/)]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('a file that cannot be read refuses every key', async () => {
    const hostKeys: HostKeyPolicy = {
      mode: 'accept-new',
      files: [workshop.directory],
      appendTo: join(workshop.directory, 'x'),
    };
    expect(failureOf(await visitWith(transport, withKey({ hostKeys })))).toBe(
      'hostkey-rejected/handshake/known-hosts-unreadable',
    );
  });

  test('the server is asked for the key that is known, hashed or not', async () => {
    const rsa = workshop.makeKey('host-rsa', { type: 'rsa' });
    const both = await startSshd({
      workshop,
      address: '127.61.0.2',
      hostKeys: [workshop.makeKey('host-ed'), rsa],
      authorized: [key.publicLine],
    });
    const plain = policy(`${both.knownHostsLine(1)}\n`);
    expect(await visitWith(transport, planOf(both, { identityFiles: [key.path], hostKeys: plain }))).toMatchObject({
      ok: true,
    });
    // Hashed, and outnumbered by keys of another type: known only once the first key has been looked up.
    const { createHmac } = await import('node:crypto');
    const salt = Buffer.alloc(20, 7);
    const mac = createHmac('sha1', salt).update(`[${both.address}]:${both.port}`).digest('base64');
    const mine = `|1|${salt.toString('base64')}|${mac} ${rsa.publicLine}\n`;
    const many =
      `|1|${salt.toString('base64')}|${Buffer.alloc(20, 9).toString('base64')} ${stranger.publicLine}\n`.repeat(3);
    expect(
      await visitWith(transport, planOf(both, { identityFiles: [key.path], hostKeys: policy(many + mine) })),
    ).toMatchObject({ ok: true });
  });
});

describe('other servers and accounts', () => {
  test('a server with old algorithms only is unsupported, and works with the profile for it', async () => {
    const old = await startSshd({
      workshop,
      address: '127.61.0.3',
      authorized: [key.publicLine],
      options: ['KexAlgorithms diffie-hellman-group14-sha1'],
    });
    const plan = planOf(old, { identityFiles: [key.path] });
    const modern = await visitWith(transport, plan);
    expect(failureOf(modern)).toBe('unsupported/handshake/no-common-algorithm');
    expect(modern).toMatchObject({
      error: {
        message: expect.stringContaining('no key exchange in common; the server offers diffie-hellman-group14-sha1'),
        hint: expect.stringContaining('--algorithms compatible'),
      },
    });
    expect(await visitWith(transport, { ...plan, algorithms: 'compatible' })).toMatchObject({ ok: true });
  });

  test('a forced command comes back as its output', async () => {
    const forced = await startSshd({
      workshop,
      address: '127.61.0.5',
      authorized: [key.publicLine],
      options: ['ForceCommand echo This account is not available'],
    });
    const visit = await visitWith(transport, planOf(forced, { identityFiles: [key.path] }));
    expect(visit).toMatchObject({ ok: true, output: Buffer.from('This account is not available\n') });
  });

  test('a server that gives no session', async () => {
    const none = await startSshd({
      workshop,
      address: '127.61.0.6',
      authorized: [key.publicLine],
      options: ['MaxSessions 0'],
    });
    expect(failureOf(await visitWith(transport, planOf(none, { identityFiles: [key.path] })))).toBe(
      'unsupported/exec/session-refused',
    );
  });
});
