import { execFileSync, spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectPlan } from '../../src/model/plan.ts';
import { createSsh2Transport } from '../../src/transport/ssh2.ts';
import { call, freshDirectory } from '../cli/call.ts';
import { freePort } from '../ssh/server-process.ts';
import { type Sshd, startSshd } from '../ssh/sshd.ts';
import { failureOf, planOf, requestOf, visitWith, watchOf } from '../ssh/visits.ts';
import { type KeyPair, openWorkshop } from '../ssh/workshop.ts';

const workshop = openWorkshop();
let key: KeyPair;
beforeAll(() => {
  key = workshop.makeKey('id');
});
afterAll(() => workshop.close());

const sshdAt = (address: string, options: readonly string[] = [], port?: number): Promise<Sshd> =>
  startSshd({ workshop, address, authorized: [key.publicLine], options, ...(port !== undefined && { port }) });
const planAt = (sshd: Sshd, more: Partial<ConnectPlan> = {}): ConnectPlan =>
  planOf(sshd, { identityFiles: [key.path], ...more });
/** The machine, not the transport, is slow: a real sshd costs it 100-200 ms of CPU per login. */
const patient = { connectMs: 30_000, handshakeMs: 60_000, authMs: 60_000, execMs: 90_000, hostMs: 120_000 };
const startups = (sshd: Sshd): number =>
  sshd.log().match(/drop connection|beginning MaxStartups throttling/g)?.length ?? 0;

describe('MaxStartups 5:50:10', () => {
  const few = ['MaxStartups 5:50:10'];

  test('200 hosts behind a bastion, all one sshd with 15 addresses, and both sshds that impatient: all are audited', async () => {
    const port = await freePort('127.64.9.1');
    const addresses = Array.from({ length: 15 }, (_, n) => `127.64.9.${n + 1}`);
    const listen = addresses.slice(1).map(address => `ListenAddress ${address}:${port}`);
    const [bastion, target] = [await sshdAt('127.64.0.1', few), await sshdAt('127.64.9.1', [...few, ...listen], port)];
    const hops = [planAt(bastion, { host: 'bastion' })];
    const pool = createSsh2Transport();
    const visits = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        pool.visit(
          { ...planAt(target, { host: `web${n}`, hops, deadlines: patient }), address: addresses[n % 15] as string },
          requestOf(`echo ${n}`),
          watchOf(),
        ),
      ),
    );
    await pool.close();
    expect(
      visits.map((visit, n) => (visit.ok ? visit.output.toString().startsWith(`${n}\n`) : failureOf(visit))),
    ).toEqual(visits.map(() => true));
    expect(bastion.log().match(/Accepted publickey/g)).toHaveLength(1);
    // It did drop some: else this shows nothing.
    expect(startups(target)).toBeGreaterThan(0);
  });

  test('without a bastion: 60 names of one server', async () => {
    const target = await sshdAt('127.64.0.3', few);
    const pool = createSsh2Transport();
    const visits = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        pool.visit(planAt(target, { host: `web${n}`, deadlines: patient }), requestOf('echo'), watchOf()),
      ),
    );
    await pool.close();
    expect(visits.filter(visit => !visit.ok).map(failureOf)).toEqual([]);
  });
});

describe('a hop that dies while hosts behind it are read', () => {
  const during = async (deaths: number) => {
    const [mortal, target] = [await sshdAt(`127.64.1.${deaths}`), await sshdAt(`127.64.2.${deaths}`)];
    const pool = createSsh2Transport();
    const hops = [planAt(mortal, { host: 'mortal' })];
    const visits = Promise.all(
      [1, 2, 3].map(n =>
        visitWith(
          pool,
          planAt(target, { host: `web${n}`, hops, deadlines: patient }),
          'echo begun; sleep 5; echo read',
        ),
      ),
    );
    for (let death = 1; death <= deaths; death++) {
      while ((target.log().match(/Starting session: command/g)?.length ?? 0) < death * 3) await delay(20);
      await mortal.stopSessions();
    }
    const done = await visits;
    await pool.close();
    return { done, logins: mortal.log().match(/Accepted publickey/g)?.length };
  };

  test('once: it is connected once more, for all of them, and they are read', async () => {
    const { done, logins } = await during(1);
    expect(done.map(visit => (visit.ok ? visit.output.toString().split('\n').slice(0, 2) : failureOf(visit)))).toEqual(
      done.map(() => ['begun', 'read']),
    );
    expect(logins).toBe(2);
  });

  test('twice: its hosts are unreachable, and the hop is named', async () => {
    const { done } = await during(2);
    for (const visit of done) {
      expect(failureOf(visit)).toBe('unreachable/connect/hop-lost');
      expect(visit).toMatchObject({ error: { hop: 'mortal', retryable: true } });
    }
  });
});

const may =
  process.getuid?.() === 0 && spawnSync('unshare', ['-n', 'true']).status === 0 && spawnSync('ip', ['-V']).status === 0;

describe.skipIf(!may)('two hops in network namespaces: what is behind cannot be reached in any other way', () => {
  const spaces = ['a', 'b', 'c'].map(name => `synaudit-${process.pid}-${name}`);
  const ip = (...args: string[]): void => void execFileSync('ip', args);
  const keys: Record<string, KeyPair> = {};
  const servers: Record<string, Sshd> = {};

  beforeAll(async () => {
    for (const space of spaces) {
      ip('netns', 'add', space);
      ip('-n', space, 'link', 'set', 'lo', 'up');
    }
    // here - a - b - c, a network of its own for each pair, and nobody forwards.
    for (const [n, space] of spaces.entries()) {
      const before = n === 0 ? [] : ['-n', spaces[n - 1] as string];
      const [near, far] = [`syn${process.pid % 10_000}n${n}`, `syn${process.pid % 10_000}f${n}`];
      ip(...before, 'link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', space);
      ip(...before, 'address', 'add', `10.231.${n}.1/30`, 'dev', near);
      ip(...before, 'link', 'set', near, 'up');
      ip('-n', space, 'address', 'add', `10.231.${n}.2/30`, 'dev', far);
      ip('-n', space, 'link', 'set', far, 'up');
      const name = 'abc'[n] as string;
      const login = workshop.makeKey(`login-${name}`);
      keys[name] = login;
      servers[name] = await startSshd({
        workshop,
        address: `10.231.${n}.2`,
        port: 2200 + n,
        netns: space,
        authorized: [login.publicLine],
      });
    }
  });
  afterAll(() => {
    for (const space of spaces) spawnSync('ip', ['netns', 'del', space]);
  });

  /** Every hop with port, key and known_hosts of its own; `b` is checked under an alias. */
  const config = (knownOf: (name: string) => string): string =>
    ['a', 'b', 'c']
      .flatMap((name, n) => [
        `Host ${name}`,
        `  HostName 10.231.${n}.2`,
        `  Port ${2200 + n}`,
        '  User root',
        `  IdentityFile ${keys[name]?.path}`,
        '  IdentitiesOnly yes',
        `  UserKnownHostsFile ${workshop.write(`known-${name}-${Math.random()}`, `${knownOf(name)}\n`)}`,
        ...(name === 'b' ? ['  HostKeyAlias inner.example'] : []),
        ...(n === 0 ? [] : [`  ProxyJump ${'abc'[n - 1]}`]),
      ])
      .join('\n');
  const knownOf = (name: string): string =>
    name === 'b' ? `inner.example ${servers[name]?.hostKeys[0]?.publicLine}` : (servers[name]?.knownHostsLine() ?? '');
  const audit = async (text: string, jump: readonly string[] = []) => {
    const file = workshop.write(`config-${Math.random()}`, text);
    const args = ['audit', 'c', '--ssh-config', file, '--interval', '0', '-f', 'json', '-q', ...jump];
    const { stdout } = await call(args, { home: freshDirectory() });
    return JSON.parse(stdout).hosts[0];
  };

  test('each hop with its own port, key and known_hosts', async () => {
    const routes = execFileSync('ip', ['route', 'get', '10.231.2.2'], { encoding: 'utf8' });
    expect(routes).not.toContain(`syn${process.pid % 10_000}`);
    const host = await audit(config(knownOf));
    expect([host.error, host.outcome]).toEqual([null, expect.stringMatching(/^(?:audited|partial)$/)]);
    expect(servers['c']?.log()).toContain('Accepted publickey for root from 10.231.2.1');
  });

  test('the key of the inner hop is not the one that is known: nothing goes on behind it', async () => {
    const before = servers['c']?.log();
    const host = await audit(config(name => (name === 'b' ? `inner.example ${key.publicLine}` : knownOf(name))));
    expect(host).toMatchObject({ outcome: 'hostkey-rejected', error: { hop: 'b', code: 'hostkey-changed' } });
    expect(servers['c']?.log()).toBe(before);
  });

  test('a hop that cannot reach the next says so of that one', async () => {
    const host = await audit(config(knownOf).replace('  Port 2201', '  Port 2299'));
    expect(host).toMatchObject({ outcome: 'unreachable', error: { hop: 'b', code: 'refused' } });
    expect(host.error.message).toContain('from jump host a');
  });
});
