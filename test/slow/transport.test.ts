import { readdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectPlan, HostKeyPolicy } from '../../src/model/plan.ts';
import { createPlaces } from '../../src/transport/places.ts';
import { createSsh2Transport } from '../../src/transport/ssh2.ts';
import { behaviours, startBadServer } from '../ssh/bad-server.ts';
import { startDropbear } from '../ssh/dropbear.ts';
import { freePort } from '../ssh/server-process.ts';
import { type Sshd, startSshd } from '../ssh/sshd.ts';
import { failureOf, planOf, requestOf, visitWith, watchOf } from '../ssh/visits.ts';
import { type KeyPair, openWorkshop } from '../ssh/workshop.ts';

const workshop = openWorkshop();
const transport = createSsh2Transport();
let key: KeyPair;
beforeAll(() => {
  key = workshop.makeKey('id');
});
afterAll(async () => {
  await transport.close();
  await workshop.close();
});

const strict = (...lines: readonly string[]): HostKeyPolicy => ({
  mode: 'strict',
  files: [workshop.write(`known-${Math.random()}`, `${lines.join('\n')}\n`)],
  appendTo: '/nonexistent/known_hosts',
});
const sshdAt = (address: string, options: readonly string[] = []): Promise<Sshd> =>
  startSshd({ workshop, address, authorized: [key.publicLine], options });
const planAt = (sshd: Sshd, more: Partial<ConnectPlan> = {}): ConnectPlan =>
  planOf(sshd, { identityFiles: [key.path], hostKeys: strict(sshd.knownHostsLine()), ...more });

describe('jump hosts', () => {
  let outer: Sshd;
  let inner: Sshd;
  let target: Sshd;
  beforeAll(async () => {
    outer = await sshdAt('127.62.0.1');
    inner = await sshdAt('127.62.0.2');
    target = await sshdAt('127.62.0.3');
  });
  const hops = (): readonly ConnectPlan[] => [planAt(outer, { host: 'outer' }), planAt(inner, { host: 'inner' })];

  test('two in a row: every key is checked under its own name, and twenty hosts share the two connections', async () => {
    const pool = createSsh2Transport();
    const shared = hops();
    const plans = Array.from({ length: 20 }, (_, n) => planAt(target, { host: `web${n}`, hops: shared }));
    const visits = await Promise.all(plans.map(plan => visitWith(pool, plan, 'echo "$SSH_CONNECTION"')));
    expect(visits.map(visit => (visit.ok ? 'ok' : visit.error.message))).toEqual(plans.map(() => 'ok'));
    // The target sees connections from the inner hop, the inner hop one from the outer, the outer one from here.
    expect([outer, inner].map(sshd => sshd.log().match(/Accepted publickey/g)?.length)).toEqual([1, 1]);
    await pool.close();
  });

  test('a hop whose key changed, one that takes no key of ours, one that is down, one that is silent', async () => {
    const wrong = strict(outer.knownHostsLine().replace(/ssh-ed25519 .*/, key.publicLine));
    const silent = await startBadServer(workshop, behaviours.silent);
    const deadlines = { connectMs: 500, handshakeMs: 500, authMs: 2_000, execMs: 2_000, hostMs: 5_000 };
    const cases: readonly [ConnectPlan, string][] = [
      [planAt(outer, { host: 'gate', hostKeys: wrong }), 'hostkey-rejected/handshake/hostkey-changed'],
      [planAt(outer, { host: 'gate', identityFiles: [] }), 'auth-failed/auth/no-method-accepted'],
      [
        planOf({ address: '127.62.0.1', port: await freePort('127.62.0.1') }, { host: 'gate' }),
        'unreachable/connect/refused',
      ],
      [planOf(silent, { host: 'gate', deadlines }), 'timed-out/handshake/handshake-timeout'],
    ];
    for (const [gate, expected] of cases) {
      const visit = await visitWith(createSsh2Transport(), planAt(target, { hops: [gate] }));
      expect(failureOf(visit)).toBe(expected);
      expect(visit).toMatchObject({ error: { hop: 'gate', message: expect.stringMatching(/^jump host gate: /) } });
    }
  });

  test('what is wrong with the host behind is not said of the hop', async () => {
    const port = await freePort('127.62.0.3');
    const silent = await startBadServer(workshop, behaviours.silent, '127.62.0.4');
    const deadlines = { connectMs: 2_000, handshakeMs: 500, authMs: 2_000, execMs: 2_000, hostMs: 5_000 };
    const cases: readonly [ConnectPlan, string][] = [
      [planOf({ address: '127.62.0.3', port }, { hops: hops() }), 'unreachable/connect/refused'],
      [planOf(silent, { hops: hops(), deadlines }), 'timed-out/handshake/handshake-timeout'],
      [planAt(target, { hops: hops(), hostKeys: strict('') }), 'hostkey-rejected/handshake/hostkey-unknown'],
      [planAt(target, { hops: hops(), identityFiles: [] }), 'auth-failed/auth/no-method-accepted'],
    ];
    for (const [plan, expected] of cases) {
      const visit = await visitWith(transport, plan);
      expect(failureOf(visit)).toBe(expected);
      expect(visit.ok || visit.error.hop).toBeUndefined();
    }
  });

  test('a hop that forbids forwarding says so', async () => {
    const closed = await sshdAt('127.62.0.5', ['AllowTcpForwarding no']);
    const visit = await visitWith(transport, planAt(target, { hops: [planAt(closed, { host: 'closed' })] }));
    expect(failureOf(visit)).toBe('unreachable/connect/forwarding-refused');
    expect(visit).toMatchObject({ error: { hop: 'closed', hint: expect.stringContaining('AllowTcpForwarding') } });
  });

  test('a hop that dies is connected once more; one that stays dead makes its hosts unreachable', async () => {
    const mortal = await sshdAt('127.62.0.6');
    const pool = createSsh2Transport();
    const plan = planAt(target, { hops: [planAt(mortal, { host: 'mortal' })] });
    expect(await visitWith(pool, plan)).toMatchObject({ ok: true });
    // The parent of the hop's only session process is the sshd that we started.
    await mortal.stopSessions();
    expect(await visitWith(pool, plan)).toMatchObject({ ok: true });
    expect(mortal.log().match(/Accepted publickey/g)?.length).toBe(2);
    await mortal.stopSessions();
    await mortal.stop();
    expect(failureOf(await visitWith(pool, plan))).toBe('unreachable/connect/refused');
    await pool.close();
  });

  test('a thousand hosts behind a dead hop fail together, not one after the other', async () => {
    const gone = planOf({ address: '127.62.0.1', port: await freePort('127.62.0.1') }, { host: 'gone' });
    const startedAt = performance.now();
    const visits = await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => visitWith(transport, planAt(target, { host: `web${n}`, hops: [gone] }))),
    );
    expect(new Set(visits.map(failureOf))).toEqual(new Set(['unreachable/connect/refused']));
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});

describe('what a login may be', () => {
  const shell = (command: string) => `ForceCommand ${command}`;
  test.each([
    ['csh', shell('tcsh -c "$SSH_ORIGINAL_COMMAND"'), /^sh\n#end /],
    ['noisy', shell('echo Welcome; echo "$0" >&2; sh -c "$SSH_ORIGINAL_COMMAND"'), /^Welcome\nsh\n#end /],
    ['nologin', shell('/usr/sbin/nologin'), /^This account is currently not available/],
    ['silent', shell('true'), /^$/],
  ])('%s', async (name, option, expected) => {
    const sshd = await sshdAt(`127.62.1.${name.length}`, [option]);
    const visit = await visitWith(transport, planAt(sshd), 'echo "$0"');
    expect(visit.ok && visit.output.toString()).toMatch(expected);
  });

  test.skipIf(userInfo().uid !== 0)('dropbear', async () => {
    const dropbear = await startDropbear({ workshop, address: '127.62.1.20', authorized: [key.publicLine] });
    const plan = planOf(dropbear, { identityFiles: [key.path], hostKeys: strict(dropbear.knownHostsLine) });
    const visit = await visitWith(transport, plan, 'echo "$0"');
    expect(visit.ok ? visit.output.toString() : visit.error.message).toMatch(/^sh\n#end /);
    const stranger = workshop.makeKey('stranger-to-dropbear');
    expect(failureOf(await visitWith(transport, { ...plan, identityFiles: [stranger.path] }))).toBe(
      'auth-failed/auth/no-method-accepted',
    );
  });

  test('a server with little patience: MaxAuthTries 2 and three wrong keys', async () => {
    const sshd = await sshdAt('127.62.1.21', ['MaxAuthTries 2']);
    const wrong = [1, 2, 3].map(n => workshop.makeKey(`wrong-${n}`).path);
    expect(failureOf(await visitWith(transport, planAt(sshd, { identityFiles: wrong })))).toBe(
      'auth-failed/auth/too-many-attempts',
    );
  });
});

describe('many at once', () => {
  test('60 visits: all answered, never more handshakes than places, nothing left open', async () => {
    const sshd = await sshdAt('127.62.2.1', ['MaxStartups 100:30:200']);
    // The machine, not the transport, is slow: a real sshd costs it 100-200 ms of CPU per login.
    const deadlines = { connectMs: 30_000, handshakeMs: 60_000, authMs: 60_000, execMs: 90_000, hostMs: 120_000 };
    const places = createPlaces(8);
    let inside = 0;
    let most = 0;
    const gate = {
      enter: async (signal: AbortSignal) => {
        const leave = await places.enter(signal);
        most = Math.max(most, ++inside);
        let left = false;
        return () => {
          if (!left) inside -= 1;
          left = true;
          leave();
        };
      },
    };
    const before = readdirSync('/proc/self/fd').length;
    const pool = createSsh2Transport();
    const visits = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        pool.visit(planAt(sshd, { host: `web${n}`, deadlines }), requestOf(`echo ${n}`), watchOf({ gate })),
      ),
    );
    expect(
      visits.map((visit, n) => (visit.ok ? visit.output.toString().startsWith(`${n}\n`) : failureOf(visit))),
    ).toEqual(visits.map(() => true));
    expect({ inside, most: most <= 8 }).toEqual({ inside: 0, most: true });
    await pool.close();
    await new Promise(resolve => setTimeout(resolve, 500));
    expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before + 2);
  }, 180_000);
});
