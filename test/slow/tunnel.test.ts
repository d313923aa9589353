import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectPlan } from '../../src/model/plan.ts';
import { createOpensshTransport } from '../../src/transport/openssh.ts';
import { sharingArguments } from '../../src/transport/openssh-arguments.ts';
import { startSsh } from '../../src/transport/openssh-child.ts';
import { createSsh2Transport } from '../../src/transport/ssh2.ts';
import { lacking } from '../netns/lacking.ts';
import { freePort, type RunningServer } from '../ssh/server-process.ts';
import { type Sshd, startSshd } from '../ssh/sshd.ts';
import { attempt, ended, fullQueue, type Greeter, startGreeter, through, tunnelFailure } from '../ssh/tunnels.ts';
import { planOf, watchOf } from '../ssh/visits.ts';
import { type KeyPair, openWorkshop } from '../ssh/workshop.ts';

const workshop = openWorkshop();
let greeter: Greeter;
let key: KeyPair;
let sshd: Sshd;

beforeAll(async () => {
  key = workshop.makeKey('id');
  greeter = await startGreeter();
  const options = ['LogLevel DEBUG2'];
  sshd = await startSshd({ workshop, address: '127.68.1.1', authorized: [key.publicLine], options });
});
afterAll(async () => {
  greeter.close();
  await workshop.close();
});

const planFor = (server: RunningServer, more: Partial<ConnectPlan> = {}): ConnectPlan =>
  planOf(server, { identityFiles: [key.path], ...more });
/** The process of the latest connection. */
const sessionOf = ({ log }: Sshd): number => Number([...log().matchAll(/Forked child (\d+)/g)].at(-1)?.[1]);

describe.each([
  ['ssh2', createSsh2Transport()],
  ['openssh', createOpensshTransport()],
])('a tunnel of %s', (name, by) => {
  test('connected, refused, unknown name; no session is asked for', async () => {
    const before = greeter.accepted();
    const mark = sshd.log().length;
    const closed = { host: '127.0.0.1', port: await freePort('127.0.0.1') };
    await through(by, planFor(sshd), async tunnel => {
      expect(await attempt(tunnel, greeter.target)).toMatchObject({ outcome: 'connected' });
      expect(await attempt(tunnel, closed)).toMatchObject({ outcome: 'refused', why: 'Connection refused' });
      expect(await attempt(tunnel, { host: 'unknown.invalid', port: 80 })).toMatchObject({ outcome: 'unreachable' });
      expect(tunnel.roundTripMs()).toBeGreaterThan(0);
      expect(tunnel.roundTripMs()).toBeLessThan(30);
    });
    expect(greeter.accepted()).toBe(before + 1);
    await ended(sshd, mark);
    const said = sshd.log().slice(mark);
    expect(said).toContain('ctype direct-tcpip');
    expect(said).not.toMatch(/ctype session|Starting session|server_input_channel_req/);
  });

  test('500 attempts in a row: no descriptor more, and no answer held back for 40 ms', async () => {
    await through(by, planFor(sshd), async tunnel => {
      greeter.greet(true);
      await attempt(tunnel, greeter.target);
      const session = sessionOf(sshd);
      const descriptors = (pid: number | 'self'): number => readdirSync(`/proc/${pid}/fd`).length;
      const before = [descriptors('self'), descriptors(session)];
      const took: number[] = [];
      for (let n = 0; n < 500; n++) {
        const { outcome, ms } = await attempt(tunnel, greeter.target);
        expect(outcome).toBe('connected');
        took.push(ms);
      }
      greeter.greet(false);
      expect(took.toSorted((a, b) => a - b)[250]).toBeLessThan(20);
      await delay(100);
      // The last ones may not be over.
      expect(descriptors('self') - (before[0] ?? 0)).toBeLessThan(10);
      expect(descriptors(session) - (before[1] ?? 0)).toBeLessThan(10);
    });
  });

  test('no answer in time: the connects that sshd goes on with are counted, until they are over', async () => {
    const full = await fullQueue();
    await through(by, planFor(sshd), async tunnel => {
      const attempts = await Promise.all([1, 2, 3].map(() => attempt(tunnel, full, 300)));
      expect(attempts.map(({ outcome }) => outcome)).toEqual(['timeout', 'timeout', 'timeout']);
      for (const { ms } of attempts) expect(ms).toBeGreaterThanOrEqual(295);
      expect(tunnel.pending()).toBe(3);
      full.accept();
      // The next SYNs come 1 s after the first, 2 or 3 s after it, and so on.
      await expect.poll(() => tunnel.pending(), { timeout: 10_000 }).toBe(0);
      expect(tunnel.lost()).toBeNull();
    });
  });

  test('what is under way ends with the tunnel: the process of sshd, and all that it has open', async () => {
    const full = await fullQueue();
    await through(by, planFor(sshd), async tunnel => {
      await attempt(tunnel, full, 200);
      expect(tunnel.pending()).toBe(1);
    });
    const session = sessionOf(sshd);
    await expect.poll(() => existsSync(`/proc/${session}`)).toBe(false);
  });

  test('a first SYN that is lost shows as a connect of 1 s', async () => {
    const full = await fullQueue();
    await through(by, planFor(sshd), async tunnel => {
      const slow = attempt(tunnel, full, 10_000);
      await delay(300);
      full.accept();
      const { outcome, ms } = await slow;
      expect(outcome).toBe('connected');
      // tcp_timeout_init() of the kernel: 1 s, and what its timer wheel adds.
      expect(ms).toBeGreaterThan(950);
      expect(ms).toBeLessThan(1_400);
    });
  });

  test.each([
    ['an answer that it delays', 5_000],
    ['a timeout that it makes', 600],
  ])('an SSH connection that stands still is not taken for the target: %s', async (_, timeoutMs) => {
    await through(by, planFor(sshd), async tunnel => {
      await attempt(tunnel, greeter.target);
      const session = sessionOf(sshd);
      process.kill(session, 'SIGSTOP');
      const slow = attempt(tunnel, greeter.target, timeoutMs);
      await delay(1_300);
      process.kill(session, 'SIGCONT');
      expect(await slow).toMatchObject({ outcome: 'not-sent', why: expect.stringContaining('stood still') });
      expect(await attempt(tunnel, greeter.target)).toMatchObject({ outcome: 'connected' });
    });
  });

  test('an SSH connection that never moves again ends an attempt 5 s after its timeout', async () => {
    await through(by, planFor(sshd), async tunnel => {
      const session = sessionOf(sshd);
      process.kill(session, 'SIGSTOP');
      const { outcome, why } = await attempt(tunnel, greeter.target, 300);
      process.kill(session, 'SIGKILL');
      expect([outcome, why]).toEqual(['not-sent', 'the SSH connection stood still for 5.0 s']);
    });
  });

  test('a session that dies ends attempts and tunnel, with the reason', async () => {
    const mortal = await startSshd({ workshop, address: '127.68.1.2', authorized: [key.publicLine] });
    await through(by, planFor(mortal), async tunnel => {
      const full = await fullQueue();
      const waiting = attempt(tunnel, full, 10_000);
      await delay(100);
      await mortal.stopSessions();
      const why = expect.stringMatching(/^the SSH connection to web01 ended: 127.68.1.2 port \d+ closed/);
      expect(await waiting).toMatchObject({ outcome: 'not-sent', why });
      expect(tunnel.lost()).toEqual(why);
      expect(await attempt(tunnel, greeter.target)).toMatchObject({ outcome: 'not-sent', why });
    });
    await mortal.stop();
  });

  test('forwarding that is not allowed: no attempt counts, and it is asked for once', async () => {
    const options = ['AllowTcpForwarding no', 'LogLevel DEBUG1'];
    const strict = await startSshd({ workshop, address: '127.68.1.3', authorized: [key.publicLine], options });
    await through(by, planFor(strict), async tunnel => {
      for (let n = 0; n < 3; n++) {
        const why = expect.stringContaining('see AllowTcpForwarding and PermitOpen in its sshd_config');
        expect(await attempt(tunnel, greeter.target)).toMatchObject({ outcome: 'not-sent', why });
      }
    });
    await ended(strict);
    expect(strict.log().match(/server_input_channel_open: ctype direct-tcpip/g)).toHaveLength(1);
    await strict.stop();
  });

  test('behind a jump host', async () => {
    const hop = await startSshd({ workshop, address: '127.68.1.4', authorized: [key.publicLine] });
    await through(by, planFor(sshd, { hops: [planFor(hop, { host: 'bastion' })] }), async tunnel => {
      expect(await attempt(tunnel, greeter.target)).toMatchObject({ outcome: 'connected' });
    });
    expect(hop.log()).toContain('Accepted publickey');
    await hop.stop();
  });

  test('none: nobody listens, the key is not accepted; and nothing is left in the directory for temporary files', async () => {
    const nowhere = { ...sshd, port: await freePort(sshd.address) };
    expect(await tunnelFailure(by, planFor(nowhere))).toMatchObject({ outcome: 'unreachable', code: 'refused' });
    const stranger = workshop.makeKey(`stranger-${name}`);
    const plan = planOf(sshd, { identityFiles: [stranger.path], identitiesOnly: true });
    expect(await tunnelFailure(by, plan)).toMatchObject({ outcome: 'auth-failed' });
    await expect.poll(sockets).toEqual([]);
  });
});

const may = process.getuid?.() === 0 && lacking === null;

describe.skipIf(!may)('a host with a firewall before its targets', () => {
  const space = `synaudit-${process.pid}-t`;
  const [near, far] = [`syt${process.pid % 10_000}n`, `syt${process.pid % 10_000}f`];
  const ip = (...args: string[]): void => void execFileSync('ip', args);
  const target = (port: number) => ({ host: '127.0.0.1', port });
  let inside: Sshd;

  beforeAll(async () => {
    ip('netns', 'add', space);
    ip('-n', space, 'link', 'set', 'lo', 'up');
    ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', space);
    ip('address', 'add', '10.232.0.1/30', 'dev', near);
    ip('link', 'set', near, 'up');
    ip('-n', space, 'address', 'add', '10.232.0.2/30', 'dev', far);
    ip('-n', space, 'link', 'set', far, 'up');
    const rules = `add table inet t
      add chain inet t in { type filter hook input priority 0; }
      add rule inet t in tcp dport 81 tcp flags syn drop
      add rule inet t in tcp dport 82 reject with icmp type host-unreachable
      add rule inet t in tcp dport 83 reject with tcp reset`;
    execFileSync('ip', ['netns', 'exec', space, 'nft', '-f', '-'], { input: rules });
    inside = await startSshd({
      workshop,
      address: '10.232.0.2',
      port: 2222,
      netns: space,
      authorized: [key.publicLine],
      options: ['ListenAddress 127.0.0.1:2222'],
    });
  });
  afterAll(() => {
    spawnSync('ip', ['netns', 'del', space]);
  });

  test.each([
    ['ssh2', createSsh2Transport()],
    ['openssh', createOpensshTransport()],
  ])('dropped, rejected, reset, and let in, over %s', async (_, by) => {
    await through(by, planFor(inside), async tunnel => {
      const attempts = await Promise.all([81, 82, 83, 2222].map(port => attempt(tunnel, target(port), 1_500)));
      expect(attempts.map(({ outcome, why }) => [outcome, why])).toEqual([
        ['timeout', undefined],
        ['unreachable', 'No route to host'],
        ['refused', 'Connection refused'],
        ['connected', undefined],
      ]);
      expect(tunnel.pending()).toBe(1);
    });
  });
});

test('transport openssh leaves no process and no file: its close waits for them', async () => {
  const by = createOpensshTransport();
  const opening = await by.openTunnel?.(planFor(sshd), watchOf());
  expect(opening).toMatchObject({ ok: true, notes: ['host key was not checked (--host-keys off)'] });
  const session = sessionOf(sshd);
  expect(sockets()).toHaveLength(1);
  await by.close();
  expect(sockets()).toEqual([]);
  await expect.poll(() => existsSync(`/proc/${session}`)).toBe(false);
  expect(opening?.ok === true && opening.tunnel.lost()).toContain('closed');
});

test('transport openssh on a machine without ssh says so', async () => {
  symlinkSync('/bin/sh', join(workshop.directory, 'sh'));
  const by = createOpensshTransport({ env: { PATH: workshop.directory } });
  expect(await tunnelFailure(by, planFor(sshd))).toMatchObject({ outcome: 'unsupported', code: 'no-ssh' });
});

test('the ssh of a tunnel ends with this program, even if that is killed: with the end of its input', async () => {
  const nothing = { kex: undefined, hostKeys: undefined, ciphers: undefined, macs: undefined };
  const socket = join(workshop.directory, 'orphan');
  const args = sharingArguments(planFor(sshd), nothing, socket);
  const ssh = startSsh({ args, env: undefined, isDeaf: true });
  await ssh.reached('authenticated');
  const session = sessionOf(sshd);
  await expect.poll(() => existsSync(socket)).toBe(true);
  ssh.stdin.destroy();
  expect(await ssh.over).toHaveProperty('code');
  await expect.poll(() => existsSync(`/proc/${session}`)).toBe(false);
});

/** Directories of shared connections. */
const sockets = (): readonly string[] =>
  readdirSync(tmpdir()).filter(entry => /^synaudit-.{6}$/.test(entry) && existsSync(`${tmpdir()}/${entry}/ssh`));
