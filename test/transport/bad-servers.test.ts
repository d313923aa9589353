import type { Socket } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { createSsh2Transport } from '../../src/transport/ssh2.ts';
import { behaviours, startBadServer } from '../ssh/bad-server.ts';
import { freePort } from '../ssh/server-process.ts';
import { failureOf, planOf, requestOf, visitWith, watchOf } from '../ssh/visits.ts';
import { openWorkshop } from '../ssh/workshop.ts';

const workshop = openWorkshop();
const transport = createSsh2Transport();
afterAll(async () => {
  await transport.close();
  await workshop.close();
});

const deadlines = { connectMs: 300, handshakeMs: 600, authMs: 300, execMs: 300, hostMs: 4_000 };

describe.concurrent('servers that are wrong in one way', () => {
  test.each<[string, (socket: Socket) => unknown, string, number]>([
    ['silent', behaviours.silent, 'timed-out/handshake/handshake-timeout', 1],
    ['closes at once', behaviours.closes, 'failed/handshake/closed', 2],
    ['resets at once', behaviours.resets, 'failed/handshake/closed', 2],
    ['HTTP', behaviours.http, 'unsupported/handshake/not-ssh', 1],
    ['SMTP, which waits', behaviours.smtp, 'unsupported/handshake/not-ssh', 1],
    ['garbage', behaviours.garbageOnly, 'unsupported/handshake/not-ssh', 1],
    ['SSH 1', behaviours.ssh1, 'unsupported/handshake/ssh-1', 1],
    ['garbage after the banner', behaviours.garbageAfterBanner, 'failed/handshake/protocol-error', 1],
    ['closes after the banner', behaviours.closesAfterBanner, 'failed/handshake/closed', 2],
    ['silent after the banner', behaviours.silentAfterBanner, 'timed-out/handshake/handshake-timeout', 1],
    ['drips', behaviours.drips, 'timed-out/handshake/handshake-timeout', 1],
  ])('%s', async (_name, behave, expected, connections) => {
    const server = await startBadServer(workshop, behave);
    const visit = await visitWith(transport, planOf(server, { deadlines }));
    expect(failureOf(visit)).toBe(expected);
    expect(server.connections()).toBe(connections);
    expect(visit.timing.totalMs).toBeLessThan(2_500);
    expect(visit).toMatchObject({
      ok: false,
      error: { hint: expect.stringMatching(/.{20}/), message: expect.stringContaining(`port ${server.port}`) },
    });
  });

  test('MaxStartups: one that says so is tried again as long as there is time, and what it said stays the reason', async () => {
    const server = await startBadServer(workshop, behaviours.maxStartups);
    const visit = await visitWith(transport, planOf(server, { deadlines: { ...deadlines, hostMs: 1_500 } }));
    expect(failureOf(visit)).toBe('failed/handshake/closed');
    expect(visit).toMatchObject({
      error: { message: expect.stringContaining('Exceeded MaxStartups'), retryable: true },
    });
    expect([2, 3]).toContain(server.connections());
    expect(visit.timing.totalMs).toBeLessThan(2_500);
  });

  test('nobody listens', async () => {
    const at = { address: '127.0.0.1', port: await freePort('127.0.0.1') };
    expect(failureOf(await visitWith(transport, planOf(at)))).toBe('unreachable/connect/refused');
  });

  test('a name that does not resolve', async () => {
    const plan = planOf(
      { address: 'no-such-host.invalid', port: 22 },
      { deadlines: { ...deadlines, connectMs: 5_000 } },
    );
    expect(failureOf(await visitWith(transport, plan))).toMatch(/^unreachable\/connect\/(?:dns|connect-timeout)$/);
  });

  test('the deadline of the whole host', async () => {
    const server = await startBadServer(workshop, behaviours.silent);
    const visit = await visitWith(transport, planOf(server, { deadlines: { ...deadlines, hostMs: 200 } }));
    expect(failureOf(visit)).toBe('timed-out/handshake/host-timeout');
  });

  test('an interruption ends the visit at once, waiting or not', async () => {
    const server = await startBadServer(workshop, behaviours.silent);
    const controller = new AbortController();
    const visits = [
      watchOf({ signal: controller.signal }),
      watchOf({ signal: controller.signal, gate: { enter: () => new Promise(() => {}) } }),
    ].map(watch => transport.visit(planOf(server), requestOf('true'), watch));
    setTimeout(() => controller.abort(), 100);
    const first = await visits[0];
    expect(first && failureOf(first)).toBe('interrupted/handshake/interrupted');
    expect(first?.timing.totalMs).toBeLessThan(400);
  });

  test('a silent peer gives its place back after a second, long before its deadline', async () => {
    const server = await startBadServer(workshop, behaviours.silent);
    const startedAt = performance.now();
    let left = 0;
    const gate = { enter: async () => () => (left ||= performance.now() - startedAt) };
    const plan = planOf(server, { deadlines: { ...deadlines, handshakeMs: 1_500 } });
    const visit = await transport.visit(
      plan,
      requestOf('true'),
      watchOf({
        gate: {
          enter: async signal => {
            const leave = await gate.enter();
            void signal;
            return () => {
              leave();
            };
          },
        },
      }),
    );
    expect(failureOf(visit)).toBe('timed-out/handshake/handshake-timeout');
    expect(left).toBeGreaterThan(950);
    expect(left).toBeLessThan(1_400);
  });
});
