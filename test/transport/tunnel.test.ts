import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectPlan } from '../../src/model/plan.ts';
import type { Tunnel } from '../../src/model/probe.ts';
import { createLocalTransport } from '../../src/transport/local.ts';
import { createSsh2Transport } from '../../src/transport/ssh2.ts';
import { startDropbear } from '../ssh/dropbear.ts';
import { freePort, type RunningServer } from '../ssh/server-process.ts';
import { type Sshd, startSshd } from '../ssh/sshd.ts';
import { attempt, ended, fullQueue, type Greeter, startGreeter, through, tunnelFailure } from '../ssh/tunnels.ts';
import { planOf } from '../ssh/visits.ts';
import { type KeyPair, openWorkshop } from '../ssh/workshop.ts';

const workshop = openWorkshop();
const ssh2 = createSsh2Transport();
let greeter: Greeter;
let target: Greeter['target'];
let closed: Greeter['target'];
let key: KeyPair;
let sshd: Sshd;

beforeAll(async () => {
  key = workshop.makeKey('id');
  greeter = await startGreeter();
  target = greeter.target;
  closed = { host: '127.0.0.1', port: await freePort('127.0.0.1') };
  const options = ['LogLevel DEBUG2'];
  sshd = await startSshd({ workshop, address: '127.68.0.1', authorized: [key.publicLine], options });
});
afterAll(async () => {
  greeter.close();
  await ssh2.close();
  await workshop.close();
});

const planFor = (server: RunningServer, more: Partial<ConnectPlan> = {}): ConnectPlan =>
  planOf(server, { identityFiles: [key.path], ...more });

describe('attempts from a host with OpenSSH', () => {
  test('connected, refused, a name that is unknown there: told apart, and the connection is a real one', async () => {
    const before = greeter.accepted();
    await through(ssh2, planFor(sshd), async tunnel => {
      expect(await attempt(tunnel, target)).toMatchObject({ outcome: 'connected' });
      expect(await attempt(tunnel, closed)).toMatchObject({ outcome: 'refused', why: 'Connection refused' });
      expect(await attempt(tunnel, { host: 'unknown.invalid', port: 80 })).toMatchObject({ outcome: 'unreachable' });
      expect(await attempt(tunnel, { host: '::1', port: closed.port })).toMatchObject({ outcome: 'refused' });
      expect([tunnel.lost(), tunnel.pending()]).toEqual([null, 0]);
    });
    expect(greeter.accepted()).toBe(before + 1);
  });

  test('nothing is started there: no session is asked for', async () => {
    const mark = sshd.log().length;
    await through(ssh2, planFor(sshd), async tunnel => {
      expect(await attempt(tunnel, target)).toMatchObject({ outcome: 'connected' });
    });
    await ended(sshd, mark);
    const said = sshd.log().slice(mark);
    expect(said).toContain('ctype direct-tcpip');
    expect(said).not.toMatch(/ctype session|Starting session|server_input_channel_req/);
  });

  test('a tunnel costs each attempt little: 200 in a row, no descriptor more, no 40 ms of a held answer', async () => {
    await through(ssh2, planFor(sshd), async tunnel => {
      greeter.greet(true);
      await attempt(tunnel, target);
      const before = readdirSync('/proc/self/fd').length;
      const took: number[] = [];
      for (let n = 0; n < 200; n++) {
        const one = await attempt(tunnel, target);
        expect(one.outcome).toBe('connected');
        took.push(one.ms);
      }
      greeter.greet(false);
      expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before + 2 * 3);
      // Linux delays an ACK by 40 ms (TCP_DELACK_MIN): sshd would keep back that long what it has to say.
      expect(took.toSorted((a, b) => a - b)[100]).toBeLessThan(30);
      const roundTrip = tunnel.roundTripMs() ?? -1;
      expect(roundTrip).toBeGreaterThan(0);
      expect(roundTrip).toBeLessThan(30);
    });
  });

  test('no more than 256 at a time; the rest says why it was not made', async () => {
    const outcomes = await through(ssh2, planFor(sshd), tunnel =>
      Promise.all(Array.from({ length: 300 }, () => attempt(tunnel, target, 10_000))),
    );
    const refused = outcomes.filter(({ why }) => why === '256 connects of web01 are not over');
    expect(refused).toHaveLength(44);
    expect(refused.every(({ outcome }) => outcome === 'not-sent')).toBe(true);
    // Some of the others are not known where the machine is so busy that the connection stands still.
    expect(outcomes.filter(({ outcome }) => outcome === 'connected').length).toBeGreaterThan(0);
  });

  test('a session that dies ends attempts and tunnel, with the reason', async () => {
    const mortal = await startSshd({ workshop, address: '127.68.0.2', authorized: [key.publicLine] });
    await through(ssh2, planFor(mortal), async tunnel => {
      const full = await fullQueue();
      const waiting = attempt(tunnel, full, 10_000);
      await new Promise(resolve => setTimeout(resolve, 100));
      await mortal.stopSessions();
      const why = expect.stringContaining('the SSH connection to web01 ended');
      expect(await waiting).toMatchObject({ outcome: 'not-sent', why });
      expect(tunnel.lost()).toEqual(why);
      expect(await attempt(tunnel, target)).toMatchObject({ outcome: 'not-sent', why });
    });
  });

  test('interrupted, and closed: attempts under way end at once', async () => {
    const full = await fullQueue();
    const stopping = new AbortController();
    await through(ssh2, planFor(sshd), async tunnel => {
      const interrupted = tunnel.connect(full, { timeoutMs: 10_000, signal: stopping.signal });
      const cut = attempt(tunnel, full, 10_000);
      stopping.abort();
      expect(await interrupted).toMatchObject({ outcome: 'not-sent', why: 'interrupted' });
      tunnel.close();
      expect(await cut).toMatchObject({ outcome: 'not-sent', why: expect.stringContaining('closed') });
      expect(tunnel.pending()).toBe(0);
    });
  });
});

describe('forwarding that is not allowed', () => {
  test('to nowhere: no attempt counts, and the line of sshd_config is named', async () => {
    const options = ['AllowTcpForwarding no', 'LogLevel DEBUG1'];
    const strict = await startSshd({ workshop, address: '127.68.0.3', authorized: [key.publicLine], options });
    await through(ssh2, planFor(strict), async tunnel => {
      for (let n = 0; n < 3; n++) {
        expect(await attempt(tunnel, target)).toMatchObject({
          outcome: 'not-sent',
          why: 'web01 does not forward to it: see AllowTcpForwarding and PermitOpen in its sshd_config',
        });
      }
    });
    await ended(strict);
    // What was forbidden once is not asked for again. The log of the child may come behind that of its parent.
    const asked = () => strict.log().match(/server_input_channel_open: ctype direct-tcpip/g) ?? [];
    await expect.poll(asked).toHaveLength(1);
  });

  test('to one target only: that one works', async () => {
    const options = [`PermitOpen 127.0.0.1:${target.port}`];
    const picky = await startSshd({ workshop, address: '127.68.0.4', authorized: [key.publicLine], options });
    await through(ssh2, planFor(picky), async tunnel => {
      expect(await attempt(tunnel, closed)).toMatchObject({ outcome: 'not-sent' });
      expect(await attempt(tunnel, target)).toMatchObject({ outcome: 'connected' });
    });
  });
});

describe('a tunnel that does not come to be', () => {
  test('nobody listens, or nobody lets us in', async () => {
    const nowhere = { ...sshd, port: closed.port };
    expect(await tunnelFailure(ssh2, planFor(nowhere))).toMatchObject({ outcome: 'unreachable', code: 'refused' });
    expect(await tunnelFailure(ssh2, planOf(sshd))).toMatchObject({ outcome: 'auth-failed' });
  });
});

test('behind a jump host; one that is lost is named', async () => {
  const hop = await startSshd({ workshop, address: '127.68.0.5', authorized: [key.publicLine] });
  await through(ssh2, planFor(sshd, { hops: [planFor(hop, { host: 'bastion' })] }), async tunnel => {
    expect(await attempt(tunnel, target)).toMatchObject({ outcome: 'connected' });
    expect(await attempt(tunnel, closed)).toMatchObject({ outcome: 'refused' });
    await hop.stopSessions();
    await expect.poll(() => tunnel.lost()).toContain('jump host bastion');
  });
});

test('dropbear: connected, refused, unknown name', async () => {
  const dropbear = await startDropbear({ workshop, address: '127.68.0.6', authorized: [key.publicLine] });
  await through(ssh2, planFor(dropbear), async tunnel => {
    expect(await attempt(tunnel, target)).toMatchObject({ outcome: 'connected' });
    expect(await attempt(tunnel, closed)).toMatchObject({ outcome: 'refused' });
    expect(await attempt(tunnel, { host: 'unknown.invalid', port: 80 })).toMatchObject({ outcome: 'unreachable' });
    expect(tunnel.roundTripMs()).toBeGreaterThan(0);
  });
});

test('transport local: attempts from here', async () => {
  const local = createLocalTransport();
  const use = async (tunnel: Tunnel): Promise<void> => {
    expect(await attempt(tunnel, target)).toMatchObject({ outcome: 'connected' });
    expect(await attempt(tunnel, closed)).toMatchObject({ outcome: 'refused' });
    tunnel.close();
    expect(await attempt(tunnel, target)).toMatchObject({ outcome: 'not-sent' });
  };
  await through(local, planFor(sshd, { transport: 'local' }), use);
});
