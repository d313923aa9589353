import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AlgorithmChoice, ConnectPlan } from '../../src/model/plan.ts';
import { createSsh2Transport } from '../../src/transport/ssh2.ts';
import { behaviours, startBadServer } from '../ssh/bad-server.ts';
import { type Sshd, startSshd } from '../ssh/sshd.ts';
import { failureOf, planOf, visitWith } from '../ssh/visits.ts';
import { type KeyPair, openWorkshop } from '../ssh/workshop.ts';

/** What ssh_config can ask of a connection, against real servers. */
const workshop = openWorkshop();
const transport = createSsh2Transport({ env: { ...process.env, SHELL: '/bin/sh', GREETING: 'from the environment' } });
let key: KeyPair;
let sshd: Sshd;

beforeAll(async () => {
  key = workshop.makeKey('id');
  sshd = await startSshd({
    workshop,
    address: '127.64.0.1',
    authorized: [key.publicLine],
    options: ['KexAlgorithms ecdh-sha2-nistp384,curve25519-sha256', 'Ciphers aes256-ctr,aes128-ctr'],
  });
});
afterAll(async () => {
  await transport.close();
  await workshop.close();
});

const withKey = (more: Partial<ConnectPlan> = {}): ConnectPlan => planOf(sshd, { identityFiles: [key.path], ...more });

/** A command that carries bytes between its standard streams and the server, and tells its process id. */
const relay = (pidFile: string): string => `sh -c 'echo $$ >${pidFile}; exec busybox nc ${sshd.address} ${sshd.port}'`;

/** Waits until a process is gone, at most as long as a test may take. */
async function gone(pidFile: string): Promise<void> {
  const pid = readFileSync(pidFile, 'utf8').trim();
  expect(Number(pid)).toBeGreaterThan(1);
  while (existsSync(`/proc/${pid}`)) await new Promise(resolve => setTimeout(resolve, 20));
}

const pidFile = (name: string): string => join(workshop.directory, `${name}.pid`);
const quick = { connectMs: 200, handshakeMs: 200, authMs: 2_000, execMs: 2_000, hostMs: 5_000 };
const proxied = (proxyCommand: string, more: Partial<ConnectPlan> = {}): ConnectPlan =>
  withKey({ proxyCommand, origins: { proxyCommand: '/home/x/.ssh/config:3' }, ...more });

describe('ProxyCommand', () => {
  test('carries the whole visit, and ends with it', async () => {
    const plan = proxied(relay(pidFile('visit')), { address: 'not.resolved.invalid', port: 9 });
    const visit = await visitWith(transport, plan, 'head -c 300000 /dev/zero | tr "\\0" x; echo; echo arrived');
    expect(visit.ok && visit.output.toString()).toMatch(/^x{300000}\narrived\n/);
    await gone(pidFile('visit'));
  });

  test('for a jump host, and for the visits behind it', async () => {
    const hop = proxied(relay(pidFile('hop')), { host: 'gate', address: 'not.resolved.invalid' });
    const pool = createSsh2Transport({ env: process.env });
    const visits = await Promise.all([1, 2].map(n => visitWith(pool, withKey({ hops: [hop] }), `echo ${n}`)));
    expect(visits.map(visit => visit.ok && visit.output.toString().split('\n')[0])).toEqual(['1', '2']);
    await pool.close();
    await gone(pidFile('hop'));
  });

  test.each([
    ['fails', 'sh -c \'echo "no way: $GREETING" >&2; exit 3\'', 'unreachable/connect/proxy-failed'],
    ['is no command', 'no-such-command-anywhere', 'unreachable/connect/proxy-failed'],
    ['says nothing', 'sleep 30', 'unreachable/connect/proxy-timeout'],
    ['ends at once', 'true', 'unreachable/connect/proxy-failed'],
    ['speaks HTTP', "sh -c 'echo HTTP/1.1 400 Bad; sleep 5'", 'unsupported/handshake/not-ssh'],
    ['closes after a greeting', "printf 'SSH-2.0-x\\r\\n'", 'failed/handshake/closed'],
  ])('one that %s', async (_name, command, expected) => {
    const visit = await visitWith(transport, proxied(command, { deadlines: quick }));
    expect(failureOf(visit)).toBe(expected);
    if (command.includes('exit 3')) {
      expect(visit).toMatchObject({
        error: {
          message:
            'ProxyCommand of web01 (/home/x/.ssh/config:3) ended with exit code 3: "no way: from the environment"',
        },
      });
    }
  });

  test('one that says nothing is ended with all that it has started', async () => {
    const command = `sh -c 'sleep 60 & echo $! >${pidFile('child')}; wait'`;
    await visitWith(transport, proxied(command, { deadlines: quick }));
    await gone(pidFile('child'));
  });

  test('a plan that is refused is not tried', async () => {
    const refusal = { outcome: 'unreachable', code: 'dns', message: 'no such name', hint: 'correct it' } as const;
    const plan = proxied(relay(pidFile('never')), { refusal });
    expect(failureOf(await visitWith(transport, plan))).toBe('unreachable/plan/dns');
    expect(existsSync(pidFile('never'))).toBe(false);
  });
});

const choice = (names: string, more: Partial<AlgorithmChoice> = {}): AlgorithmChoice => ({
  names: names.split(','),
  written: names.split(','),
  isReordered: false,
  origin: 'c:7',
  ...more,
});

describe('algorithms', () => {
  test.each([
    ['in common', { kex: choice('sntrup761x25519-sha512,ecdh-sha2-nistp384'), ciphers: choice('aes256-ctr') }, 'ok'],
    ['none in common', { kex: choice('diffie-hellman-group14-sha256') }, 'unsupported/handshake/no-common-algorithm'],
    ['no cipher in common', { ciphers: choice('aes128-gcm@openssh.com') }, 'unsupported/handshake/no-common-algorithm'],
    ['none that we have', { kex: choice('sntrup761x25519-sha512') }, 'unsupported/handshake/no-common-algorithm'],
    ['keys that may log in', { userKeys: choice('ssh-ed25519,ssh-rsa') }, 'ok'],
    ['keys that may not', { userKeys: choice('rsa-sha2-512') }, 'auth-failed/auth/no-method-accepted'],
  ])('%s', async (name, algorithmChoices, expected) => {
    const visit = await visitWith(transport, withKey({ algorithmChoices }));
    expect(visit.ok ? 'ok' : failureOf(visit)).toBe(expected);
    if (!visit.ok && name === 'none that we have') {
      expect(visit.error.message).toContain('of sntrup761x25519-sha512 (c:7) this program has none');
    }
  });
});

describe('where from, and how', () => {
  test.each([
    ['BindAddress', { bindAddress: '127.64.0.7' }, '127.64.0.7'],
    ['a name as BindAddress', { bindAddress: 'localhost', addressFamily: 'inet' }, '127.0.0.1'],
    ['BindInterface', { bindInterface: 'lo', addressFamily: 'inet' }, '127.0.0.1'],
    ['AddressFamily', { addressFamily: 'inet', bindAddress: '127.64.0.8' }, '127.64.0.8'],
  ] as const)('%s', async (_name, more, from) => {
    expect(await visitWith(transport, withKey(more))).toMatchObject({ ok: true });
    expect(sshd.log()).toContain(`Connection from ${from} `);
  });

  test('a name under AddressFamily', async () => {
    const server = await startBadServer(workshop, behaviours.closes);
    const plan = planOf({ address: 'localhost', port: server.port }, { addressFamily: 'inet' });
    expect(failureOf(await visitWith(transport, plan))).toBe('failed/handshake/closed');
    expect(server.connections()).toBe(2);
  });

  test('an interface that is not there', async () => {
    const plan = withKey({ bindInterface: 'nope0', origins: { bindInterface: 'c:4' } });
    const visit = await visitWith(transport, plan);
    expect(failureOf(visit)).toBe('unreachable/connect/no-local-address');
    expect(visit).toMatchObject({ error: { message: expect.stringContaining('BindInterface nope0 (c:4)') } });
  });

  test('ServerAliveInterval: a server that stops answering is given up', async () => {
    const plan = withKey({ keepalive: { intervalMs: 150, countMax: 2 } });
    const visit = await visitWith(transport, plan, 'kill -STOP $PPID; sleep 20');
    await sshd.stopSessions();
    expect(failureOf(visit)).toBe('timed-out/exec/keepalive-timeout');
  });
});

describe('logging in', () => {
  test('a method that is not wanted is not tried', async () => {
    const visit = await visitWith(transport, withKey({ authMethods: ['password'] }));
    expect(failureOf(visit)).toBe('auth-failed/auth/no-method-accepted');
    expect(visit).toMatchObject({ error: { message: expect.stringContaining('tried nothing') } });
  });

  test('a certificate is named as what it is: not usable', async () => {
    const visit = await visitWith(transport, planOf(sshd, { certificateFiles: ['/home/x/id-cert.pub'] }));
    expect(visit).toMatchObject({
      error: {
        message: expect.stringContaining('certificate /home/x/id-cert.pub (which transport ssh2 cannot use)'),
        hint: expect.stringContaining('--transport openssh'),
      },
    });
  });
});

describe('RevokedHostKeys', () => {
  const known = (): ConnectPlan['hostKeys'] => ({
    mode: 'accept-new',
    files: [workshop.write('known', `${sshd.knownHostsLine()}\n`)],
    appendTo: '/nonexistent/known_hosts',
  });

  test.each([
    ['the key of the host', () => `# stolen\n${sshd.hostKeys[0]?.publicLine} why\n`, 'hostkey-revoked'],
    ['a KRL', () => 'SSHKRL\n\0\0', 'known-hosts-unreadable'],
  ])('%s', async (name, text, code) => {
    const revokedFile = workshop.write(`revoked-${name}`, text());
    const visit = await visitWith(transport, withKey({ hostKeys: { ...known(), revokedFile } }));
    expect(failureOf(visit)).toBe(`hostkey-rejected/handshake/${code}`);
  });

  test('another key; and a file that is not there, which leaves nobody to be believed', async () => {
    const other = workshop.write('revoked-other', `${key.publicLine}\n`);
    const visits = [other, '/no/such/file'].map(revokedFile =>
      visitWith(transport, withKey({ hostKeys: { ...known(), revokedFile } })),
    );
    const [fine, missing] = await Promise.all(visits);
    expect(fine).toMatchObject({ ok: true });
    expect(missing).toMatchObject({ error: { code: 'known-hosts-unreadable' } });
  });
});
