import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectPlan, HostKeyPolicy } from '../../src/model/plan.ts';
import { createOpensshTransport } from '../../src/transport/openssh.ts';
import { createSsh2Transport } from '../../src/transport/ssh2.ts';
import { call } from '../cli/call.ts';
import { startAgent } from '../ssh/agent.ts';
import { behaviours, startBadServer } from '../ssh/bad-server.ts';
import { startDropbear } from '../ssh/dropbear.ts';
import { freePort } from '../ssh/server-process.ts';
import { type Sshd, startSshd } from '../ssh/sshd.ts';
import { failureOf, planOf, requestOf, visitWith, watchOf } from '../ssh/visits.ts';
import { type KeyPair, openWorkshop } from '../ssh/workshop.ts';

/** Everything that ssh finds in this account stays out: no configuration, no agent, no default key. */
const workshop = openWorkshop();
const ssh2 = createSsh2Transport();
const openssh = createOpensshTransport();
let key: KeyPair;
let stranger: KeyPair;
let authority: KeyPair;
let sshd: Sshd;
beforeAll(async () => {
  key = workshop.makeKey('id');
  stranger = workshop.makeKey('stranger');
  authority = workshop.makeKey('authority');
  sshd = await sshdAt('127.68.0.1');
});
afterAll(async () => {
  await ssh2.close();
  await workshop.close();
});

const sshdAt = (address: string, options: readonly string[] = [], more = {}): Promise<Sshd> =>
  startSshd({ workshop, address, authorized: [key.publicLine], options, ...more });
const policy = (mode: HostKeyPolicy['mode'], ...lines: readonly string[]): HostKeyPolicy => {
  const file = workshop.write(`known ${Math.random()}`, lines.map(line => `${line}\n`).join(''));
  return { mode, files: [file], appendTo: file };
};
const planAt = (at: Sshd, more: Partial<ConnectPlan> = {}): ConnectPlan =>
  planOf(at, {
    transport: 'openssh',
    sshConfig: 'none',
    identityFiles: [key.path],
    identitiesOnly: true,
    hostKeys: policy('strict', at.knownHostsLine()),
    ...more,
  });
const sign = (subject: KeyPair, ...args: readonly string[]): string => {
  execFileSync('ssh-keygen', ['-q', '-s', authority.path, '-I', 'test', ...args, `${subject.path}.pub`], {
    stdio: 'ignore',
  });
  return `${subject.path}-cert.pub`;
};

describe('a visit', () => {
  test('brings back output, standard error of the command alone, exit code, phases and algorithms', async () => {
    const phases: string[] = [];
    const watch = watchOf({ onPhase: phase => phases.push(phase) });
    const visit = await openssh.visit(planAt(sshd), requestOf('echo "$0"; echo oops >&2'), watch);
    expect(visit).toMatchObject({ ok: true, stderr: 'oops\n', notes: [] });
    expect(visit.ok && visit.output.toString()).toMatch(/^sh\n#end /);
    expect(phases).toEqual(['connect', 'handshake', 'auth', 'exec']);
    const { connectMs = -1, handshakeMs = -1, authMs = -1, totalMs } = visit.timing;
    const times = [0, connectMs, handshakeMs, authMs, totalMs];
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(visit).toMatchObject({ algorithms: { hostKey: 'ssh-ed25519', mac: expect.any(String) } });
  });

  test('reads the configuration that it is given, under the name in the inventory', async () => {
    const config = workshop.write('config', `Host web01\n  IdentityFile ${key.path}\nHost *\n  RemoteCommand false\n`);
    const origins = { identityFiles: 'default' };
    const plan = planAt(sshd, { sshConfig: config, identityFiles: [], identitiesOnly: false, origins });
    expect(await visitWith(openssh, plan)).toMatchObject({ ok: true });
    expect(failureOf(await visitWith(openssh, { ...plan, host: 'web02' }))).toBe('auth-failed/auth/no-method-accepted');
  });

  test('bounds: output, a command that hangs, a session that dies, an interruption; no process stays', async () => {
    const endless = requestOf('while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done', { maxOutputBytes: 100_000 });
    expect(failureOf(await openssh.visit(planAt(sshd), endless, watchOf()))).toBe('failed/exec/output-too-large');
    const deadlines = { ...planAt(sshd).deadlines, execMs: 400 };
    expect(failureOf(await visitWith(openssh, planAt(sshd, { deadlines }), 'sleep 20'))).toBe(
      'timed-out/exec/exec-timeout',
    );
    expect(failureOf(await visitWith(openssh, planAt(sshd), 'kill -9 $PPID; sleep 5'))).toBe('failed/exec/closed');
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 600);
    const stopped = await openssh.visit(planAt(sshd), requestOf('sleep 20'), watchOf({ signal: controller.signal }));
    expect(stopped).toMatchObject({ ok: false, error: { outcome: 'interrupted' } });
    await expect.poll(() => childrenOfThisProcess('ssh'), { timeout: 3_000 }).toEqual([]);
  });

  test('is over at the end marker, although something keeps the channel open', async () => {
    const visit = await visitWith(openssh, planAt(sshd), 'sleep 6 & echo started');
    expect(visit).toMatchObject({ ok: true });
    expect(visit.timing.totalMs).toBeLessThan(4_000);
  });

  test.skipIf(userInfo().uid !== 0)('with sudo the script waits for a root shell, and gets one', async () => {
    const visit = await visitWith(openssh, planAt(sshd, { sudo: { account: 'root' } }), 'id -u');
    expect(visit).toMatchObject({ ok: true, notes: [] });
    expect(visit.ok && visit.output.toString()).toMatch(/^0\n#end /);
  });

  test('there is no ssh', async () => {
    const without = createOpensshTransport({ env: { PATH: '/nonexistent' } });
    expect(failureOf(await visitWith(without, planAt(sshd)))).toBe('unsupported/plan/no-ssh');
  });
});

/** Programs of that name that this process has started and not yet buried. */
function childrenOfThisProcess(name: string): readonly string[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
  return children.filter(pid => {
    const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'latin1') : '';
    return stat.includes(`(${name})`);
  });
}

describe('failures have the names that transport ssh2 gives them', () => {
  const both = async (plan: ConnectPlan): Promise<readonly string[]> => {
    const visits = await Promise.all([visitWith(ssh2, { ...plan, transport: 'ssh2' }), visitWith(openssh, plan)]);
    return visits.map(failureOf);
  };
  const quick = { connectMs: 1_000, handshakeMs: 700, authMs: 5_000, execMs: 5_000, hostMs: 15_000 };

  test('refused, a name that does not resolve, a server that is silent, one of another kind, one that hangs up', async () => {
    const closed = { address: '127.68.0.2', port: await freePort('127.68.0.2') };
    const silent = await startBadServer(workshop, behaviours.silent);
    const cases: readonly [Partial<ConnectPlan>, string][] = [
      [closed, 'unreachable/connect/refused'],
      [{ address: 'no-such-host.invalid', port: 22 }, 'unreachable/connect/dns'],
      [{ ...silent, deadlines: quick }, 'timed-out/handshake/handshake-timeout'],
      [await startBadServer(workshop, behaviours.http), 'unsupported/handshake/not-ssh'],
      [await startBadServer(workshop, behaviours.closes), 'failed/handshake/closed'],
      [await startBadServer(workshop, behaviours.closesAfterBanner), 'failed/handshake/closed'],
      [await startBadServer(workshop, behaviours.ssh1), 'unsupported/handshake/ssh-1'],
      [await startBadServer(workshop, behaviours.garbageAfterBanner), 'failed/handshake/protocol-error'],
    ];
    for (const [more, expected] of cases) {
      const { address = '', port = 22 } = more;
      expect(await both(planAt(sshd, { ...more, address, port }))).toEqual([expected, expected]);
    }
  });

  test('a key that is not accepted: named, with what the server offers', async () => {
    const plan = planAt(sshd, { identityFiles: [stranger.path] });
    expect(await both(plan)).toEqual(['auth-failed/auth/no-method-accepted', 'auth-failed/auth/no-method-accepted']);
    expect(await visitWith(openssh, plan)).toMatchObject({
      error: { message: expect.stringMatching(/tried key .*stranger ED25519 SHA256:.*; the server offers publickey/) },
    });
  });

  test.each(['strict', 'accept-new'] as const)('%s: unknown, changed and revoked host keys', async mode => {
    const line = sshd.knownHostsLine();
    const other = line.replace(/ssh-ed25519 .*/, stranger.publicLine);
    const cases: readonly [HostKeyPolicy, string][] = [
      [policy(mode, line), 'ok'],
      [policy(mode), mode === 'strict' ? 'hostkey-rejected/handshake/hostkey-unknown' : 'ok'],
      [policy(mode, other), 'hostkey-rejected/handshake/hostkey-changed'],
      [policy(mode, line, `@revoked * ${sshd.hostKeys[0]?.publicLine}`), 'hostkey-rejected/handshake/hostkey-revoked'],
    ];
    for (const [hostKeys, expected] of cases) {
      const before = sshd.log().match(/Connection from/g)?.length ?? 0;
      const [ours, theirs] = await both(planAt(sshd, { hostKeys: { ...hostKeys } }));
      expect([ours, theirs].map(text => text?.replace(/^ok: .*/s, 'ok'))).toEqual([expected, expected]);
      expect(sshd.log().match(/Connection from/g)?.length).toBeGreaterThan(before);
    }
  });

  test('a changed key is refused before any credential is offered', async () => {
    const server = await sshdAt('127.68.0.3', ['LogLevel DEBUG1']);
    const other = server.knownHostsLine().replace(/ssh-ed25519 .*/, stranger.publicLine);
    for (const mode of ['strict', 'accept-new'] as const) {
      expect(await both(planAt(server, { hostKeys: policy(mode, other) }))).toEqual(
        Array(2).fill('hostkey-rejected/handshake/hostkey-changed'),
      );
    }
    expect(server.log()).toMatch(/Connection from/);
    expect(server.log()).not.toMatch(/userauth-request|Failed publickey|Accepted/);
  });

  test('off believes everybody, and says so; accept-new remembers, and says so', async () => {
    const other = sshd.knownHostsLine().replace(/ssh-ed25519 .*/, stranger.publicLine);
    const off = await visitWith(openssh, planAt(sshd, { hostKeys: policy('off', other) }));
    expect(off).toMatchObject({ ok: true, notes: ['host key was not checked (--host-keys off)'] });
    const file = join(workshop.directory, 'a new folder/known_hosts');
    const hostKeys = { mode: 'accept-new', files: [file], appendTo: file } as const;
    const first = await visitWith(openssh, planAt(sshd, { hostKeys }));
    expect(first).toMatchObject({
      ok: true,
      notes: [expect.stringMatching(/^new host key accepted: ED25519 SHA256:/)],
    });
    expect(await visitWith(openssh, planAt(sshd, { hostKeys: { ...hostKeys, mode: 'strict' } }))).toMatchObject({
      ok: true,
      notes: [],
    });
  });

  test('commands are not allowed: what the account prints comes back', async () => {
    const forced = await sshdAt('127.68.0.4', ['ForceCommand echo This account is not available']);
    const visit = await visitWith(openssh, planAt(forced));
    expect(visit.ok && visit.output.toString()).toBe('This account is not available\n');
  });
});

describe('what ssh2 cannot do, and says so', () => {
  const proposal = expect.stringContaining('--transport openssh');

  test('a user certificate, beside the key or in the agent', async () => {
    const trusted = workshop.write('authority-keys', `${authority.publicLine}\n`, 0o644);
    const server = await startSshd({
      workshop,
      address: '127.68.1.1',
      authorized: [],
      options: [`TrustedUserCAKeys ${trusted}`],
    });
    const signed = workshop.makeKey('signed');
    sign(signed, '-n', 'root');
    const plan = planAt(server, { identityFiles: [signed.path] });
    expect(await visitWith(openssh, plan)).toMatchObject({ ok: true });
    const refused = await visitWith(ssh2, { ...plan, transport: 'ssh2' });
    expect(refused).toMatchObject({ ok: false, error: { outcome: 'auth-failed', hint: proposal } });

    const agentSocket = await startAgent(workshop, [signed]);
    const origins = { identityFiles: 'default' };
    const byAgent = planAt(server, { identityFiles: [], identitiesOnly: false, agentSocket, origins });
    expect(await visitWith(openssh, byAgent)).toMatchObject({ ok: true });
    expect(await visitWith(ssh2, { ...byAgent, transport: 'ssh2' })).toMatchObject({ error: { hint: proposal } });
  });

  test('a certificate of another user is refused, and named', async () => {
    const trusted = workshop.write('authority-keys', `${authority.publicLine}\n`, 0o644);
    const options = [`TrustedUserCAKeys ${trusted}`];
    const server = await startSshd({ workshop, address: '127.68.1.2', authorized: [], options });
    const other = workshop.makeKey('of-another');
    sign(other, '-n', 'somebody');
    const visit = await visitWith(openssh, planAt(server, { identityFiles: [other.path] }));
    expect(failureOf(visit)).toBe('auth-failed/auth/no-method-accepted');
    expect(visit).toMatchObject({ error: { hint: expect.stringContaining('principals') } });
  });

  test('host certificates: @cert-authority vouches; another authority or another name does not', async () => {
    const hostKey = workshop.makeKey('certified-host');
    const certificate = sign(hostKey, '-h', '-n', '127.68.1.3');
    const options = [`HostCertificate ${certificate}`, 'HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com'];
    const server = await sshdAt('127.68.1.3', options, { hostKeys: [hostKey] });
    const name = `[${server.address}]:${server.port}`;
    const vouched = planAt(server, { hostKeys: policy('strict', `@cert-authority ${name} ${authority.publicLine}`) });
    expect(await visitWith(openssh, vouched)).toMatchObject({
      ok: true,
      algorithms: { hostKey: 'ssh-ed25519-cert-v01@openssh.com' },
    });
    const another = policy('strict', `@cert-authority ${name} ${stranger.publicLine}`);
    expect(failureOf(await visitWith(openssh, { ...vouched, hostKeys: another }))).toMatch(/^hostkey-rejected\//);
    const otherName = { ...vouched.hostKeys, alias: 'other-name' };
    expect(failureOf(await visitWith(openssh, { ...vouched, hostKeys: otherName }))).toMatch(/^hostkey-rejected\//);
    const refused = await visitWith(ssh2, { ...vouched, transport: 'ssh2' });
    expect(refused).toMatchObject({ error: { code: 'no-common-algorithm', hint: proposal } });
  });

  test('a server that does nothing but post-quantum key exchange', async () => {
    const server = await sshdAt('127.68.1.4', ['KexAlgorithms sntrup761x25519-sha512@openssh.com']);
    const refused = await visitWith(ssh2, planAt(server, { transport: 'ssh2' }));
    expect(refused).toMatchObject({
      error: {
        code: 'no-common-algorithm',
        message: expect.stringContaining('the server offers sntrup761x25519-sha512@openssh.com'),
        hint: proposal,
      },
    });
    expect(await visitWith(openssh, planAt(server))).toMatchObject({
      ok: true,
      algorithms: { kex: 'sntrup761x25519-sha512@openssh.com' },
    });
  });

  test('a FIDO key is proposed by name', async () => {
    const field = (bytes: Buffer | string): Buffer => {
      const content = Buffer.from(bytes);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(content.length);
      return Buffer.concat([length, content]);
    };
    const blob = Buffer.concat([field('sk-ssh-ed25519@openssh.com'), field(Buffer.alloc(32, 7)), field('ssh:')]);
    const one = Buffer.from([0, 0, 0, 1]);
    const parts = [
      Buffer.from('openssh-key-v1\0'),
      field('none'),
      field('none'),
      field(''),
      one,
      field(blob),
      field(''),
    ];
    const body = Buffer.concat(parts).toString('base64');
    const file = workshop.write(
      'id_sk',
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`,
    );
    const visit = await visitWith(ssh2, planAt(sshd, { transport: 'ssh2', identityFiles: [file] }));
    expect(visit).toMatchObject({
      error: { outcome: 'auth-failed', message: expect.stringContaining('a FIDO key (sk-…)'), hint: proposal },
    });
  });
});

describe('jump hosts', () => {
  test('three in a row, each with its own host keys and its own login', async () => {
    const [outer, middle, inner] = [await sshdAt('127.68.2.1'), await sshdAt('127.68.2.2'), await sshdAt('127.68.2.3')];
    const hops = [
      planAt(outer, { host: 'outer' }),
      planAt(middle, { host: 'middle' }),
      planAt(inner, { host: 'inner' }),
    ];
    const visit = await visitWith(openssh, planAt(sshd, { hops }), 'echo "$SSH_CONNECTION"');
    expect(visit.ok ? 'ok' : visit.error.message).toBe('ok');
    expect([outer, middle, inner].map(at => at.log().match(/Accepted publickey/g)?.length)).toEqual([1, 1, 1]);

    const wrong = policy('accept-new', middle.knownHostsLine().replace(/ssh-ed25519 .*/, stranger.publicLine));
    const cases: readonly [Partial<ConnectPlan>, string][] = [
      [{ hostKeys: wrong }, 'hostkey-rejected/connect/hostkey-changed'],
      [{ hostKeys: policy('strict') }, 'hostkey-rejected/connect/hostkey-unknown'],
      [{ identityFiles: [stranger.path] }, 'auth-failed/auth/no-method-accepted'],
      [{ port: await freePort(middle.address) }, 'unreachable/connect/refused'],
    ];
    for (const [more, expected] of cases) {
      const chain = hops.map(hop => (hop.host === 'middle' ? { ...hop, ...more } : hop));
      const failed = await visitWith(openssh, planAt(sshd, { hops: chain }));
      expect(failureOf(failed).replace('/handshake/', '/connect/')).toBe(expected);
      if (!expected.startsWith('unreachable')) expect(failed).toMatchObject({ error: { hop: 'middle' } });
    }
  });

  test('what is wrong with the host behind is not said of the hop; a hop that forbids forwarding says so', async () => {
    const hop = await sshdAt('127.68.2.4');
    const closed = await sshdAt('127.68.2.5', ['AllowTcpForwarding no']);
    const hops = [planAt(hop, { host: 'hop' })];
    const cases: readonly [ConnectPlan, string, string | undefined][] = [
      [planAt(sshd, { hops, port: await freePort(sshd.address) }), 'unreachable/connect/refused', undefined],
      [planAt(sshd, { hops, hostKeys: policy('strict') }), 'hostkey-rejected/handshake/hostkey-unknown', undefined],
      [planAt(sshd, { hops, identityFiles: [stranger.path] }), 'auth-failed/auth/no-method-accepted', undefined],
      [
        planAt(sshd, { hops: [planAt(closed, { host: 'closed' })] }),
        'unreachable/connect/forwarding-refused',
        'closed',
      ],
    ];
    for (const [plan, expected, named] of cases) {
      const visit = await visitWith(openssh, plan);
      expect(failureOf(visit)).toBe(expected);
      expect(visit.ok ? '' : visit.error.hop).toBe(named);
    }
  });
});

describe('old servers', () => {
  test('SHA-1 only: the profile that works is named, by both transports, and works', async () => {
    const rsa = workshop.makeKey('rsa-host', { type: 'rsa' });
    const options = ['KexAlgorithms diffie-hellman-group14-sha1', 'HostKeyAlgorithms ssh-rsa', 'MACs hmac-sha1'];
    const server = await sshdAt('127.68.3.1', [...options, 'Ciphers aes128-ctr'], { hostKeys: [rsa] });
    for (const [transport, name] of [
      [ssh2, 'ssh2'],
      [openssh, 'openssh'],
    ] as const) {
      const plan = planAt(server, { transport: name });
      const refused = await visitWith(transport, plan);
      expect(failureOf(refused)).toBe('unsupported/handshake/no-common-algorithm');
      expect(refused).toMatchObject({ error: { hint: expect.stringContaining('--algorithms compatible') } });
      for (const algorithms of ['compatible', 'legacy'] as const) {
        expect(await visitWith(transport, { ...plan, algorithms })).toMatchObject({
          ok: true,
          algorithms: {
            kex: 'diffie-hellman-group14-sha1',
            hostKey: 'ssh-rsa',
            cipher: 'aes128-ctr',
            mac: 'hmac-sha1',
          },
        });
      }
    }
  });

  test('CBC, MD5 and group 1: only legacy', async () => {
    const rsa = workshop.makeKey('rsa-older', { type: 'rsa' });
    const options = ['KexAlgorithms diffie-hellman-group1-sha1', 'HostKeyAlgorithms ssh-rsa', 'MACs hmac-md5'];
    const server = await sshdAt('127.68.3.2', [...options, 'Ciphers 3des-cbc'], { hostKeys: [rsa] });
    for (const [transport, name] of [
      [ssh2, 'ssh2'],
      [openssh, 'openssh'],
    ] as const) {
      const plan = planAt(server, { transport: name, algorithms: 'compatible' });
      expect(await visitWith(transport, plan)).toMatchObject({
        error: { code: 'no-common-algorithm', hint: expect.stringContaining('legacy') },
      });
      expect(await visitWith(transport, { ...plan, algorithms: 'legacy' })).toMatchObject({
        ok: true,
        algorithms: { kex: 'diffie-hellman-group1-sha1', cipher: '3des-cbc', mac: 'hmac-md5' },
      });
    }
  });

  test.each([
    ['3072 bits', 'aes128-ctr'],
    ['8192 bits', 'aes256-ctr'],
  ])('a server with group exchange only, %s, holds up nobody', async (_, cipher) => {
    const group = 'diffie-hellman-group-exchange-sha256';
    const server = await sshdAt(`127.68.3.${cipher.includes('128') ? 3 : 4}`, [
      `KexAlgorithms ${group}`,
      `Ciphers ${cipher}`,
    ]);
    const delays = monitorEventLoopDelay({ resolution: 5 });
    delays.enable();
    const others = Array.from({ length: 20 }, (_, n) =>
      visitWith(ssh2, planAt(sshd, { transport: 'ssh2', host: `web${n}` })),
    );
    const slow = await visitWith(ssh2, planAt(server, { transport: 'ssh2' }));
    const visits = await Promise.all(others);
    delays.disable();
    expect(slow).toMatchObject({ ok: true, algorithms: { kex: group, cipher } });
    expect(visits.map(visit => visit.ok)).toEqual(visits.map(() => true));
    // Testing such a modulus for primality takes 2 s and 36 s.
    expect(delays.max / 1e6).toBeLessThan(400);
  });

  test.skipIf(userInfo().uid !== 0)('dropbear', async () => {
    const dropbear = await startDropbear({ workshop, address: '127.68.3.5', authorized: [key.publicLine] });
    const plan = planOf(dropbear, {
      transport: 'openssh',
      sshConfig: 'none',
      identityFiles: [key.path],
      hostKeys: policy('strict', dropbear.knownHostsLine),
    });
    const visit = await visitWith(openssh, plan, 'echo "$0"');
    expect(visit.ok ? visit.output.toString() : visit.error.message).toMatch(/^sh\n#end /);
    expect(failureOf(await visitWith(openssh, { ...plan, identityFiles: [stranger.path] }))).toBe(
      'auth-failed/auth/no-method-accepted',
    );
  });
});

test('the whole program: --transport openssh and --algorithms, with the files that are named and no others', async () => {
  const known = workshop.write('known-to-the-program', `${sshd.knownHostsLine()}\n`);
  const host = `root@${sshd.address}:${sshd.port}`;
  const flags = ['--known-hosts', known, '--identity', key.path, '--interval', '0', '--fail-on', 'never'];
  const env = { PATH: process.env['PATH'] ?? '' };
  const run = (...more: readonly string[]) => call(['audit', host, ...flags, '-f', 'json', ...more], { env });
  const { stdout, stderr, exitCode } = await run('--transport', 'openssh', '--algorithms', 'legacy');
  expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
  expect(JSON.parse(stdout)).toMatchObject({
    summary: { hosts: { total: 1 } },
    hosts: [{ outcome: expect.stringMatching(/^(?:audited|partial)$/), verdicts: { 'legacy-ssh': 'pass' } }],
  });
  expect((await run('--transport', 'opensh')).stderr).toContain('did you mean openssh?');
  expect((await run('--algorithms', 'old')).stderr).toContain('one of modern, compatible, legacy');
});
