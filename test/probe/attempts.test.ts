import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Attempt, Connector } from '../../src/model/probe.ts';
import { type MeasureOptions, measure, measurePairs, type Origin } from '../../src/probe/attempts.ts';
import { createPlaces } from '../../src/probe/places.ts';
import { beginningOf, pacings } from '../../src/probe/schedule.ts';
import { connectAttempt } from '../../src/transport/connect-attempt.ts';
import fc from '../fast-check.ts';
import { closedPort, patient, serve } from './servers.ts';

const fast: MeasureOptions = { attempts: 40, perSecond: 1_000, concurrency: 50, timeoutMs: 1_000 };
const loopback = (port: number) => ({ host: '127.0.0.1', port });
const ended =
  (outcome: Attempt['outcome'], ms = 1): Connector =>
  async () => ({ outcome, ms });

describe('real servers', () => {
  test('each pair by its own outcomes, and all of them together', async () => {
    const [open, resetting, closed] = [
      await serve(patient),
      await serve(socket => socket.resetAndDestroy()),
      await closedPort(),
    ];
    const { pairs, all, interrupted } = await measure(
      [loopback(open.port), loopback(resetting.port), loopback(closed)],
      fast,
      connectAttempt,
    );
    // What a busy machine keeps this process from seeing in time is not sent.
    const [connected, reset, refused] = pairs.map(({ notSent }) => 40 - notSent) as [number, number, number];
    const none = { connected: 0, refused: 0, reset: 0, timeout: 0, unreachable: 0 };
    expect(pairs.map(({ outcomes }) => outcomes)).toEqual([
      { ...none, connected },
      { ...none, reset },
      { ...none, refused },
    ]);
    expect(pairs.map(({ failures }) => failures.share)).toEqual([0, 1, 1]);
    expect(pairs[0]).toMatchObject({ from: 'here', to: `127.0.0.1:${open.port}`, roundTripMs: null });
    expect(pairs[0]?.steps).toEqual([{ afterSeconds: 0, connects: connected }]);
    expect(pairs[1]?.latency).toBeNull();
    expect(pairs[2]?.reasons).toMatchObject({ ECONNREFUSED: refused });
    expect(all.failures).toMatchObject({ count: reset + refused, attempts: connected + reset + refused });
    expect(open.accepted()).toBe(40);
    expect(interrupted).toBe(false);
  });

  test('come at the rate that was asked for', async () => {
    const server = await serve(patient);
    const began = performance.now();
    await measure([loopback(server.port)], { ...fast, attempts: 30, perSecond: 50 }, connectAttempt);
    expect(performance.now() - began).toBeGreaterThan(560);
    expect(server.accepted()).toBe(30);
  });
});

describe('bounds', () => {
  /** A connector that notes how many of its attempts were open at once. */
  const counting = (ms: number) => {
    let [open, most, begun] = [0, 0, 0];
    const connect: Connector = async (_target, _timeout, signal) => {
      begun += 1;
      open += 1;
      most = Math.max(most, open);
      await delay(ms, undefined, { signal }).catch(() => {});
      open -= 1;
      return { outcome: 'connected', ms };
    };
    return { connect, most: () => most, begun: () => begun };
  };

  test('no more attempts open at once than there are places', async () => {
    const { connect, most } = counting(20);
    await measure([loopback(1), loopback(2)], { ...fast, attempts: 15, concurrency: 3 }, connect);
    expect(most()).toBe(3);
  });

  test("connects that a host's sshd still has under way take places, too", async () => {
    const { connect, most } = counting(20);
    let pending = 7;
    setTimeout(() => {
      pending = 4;
    }, 100);
    const origin: Origin = { name: 'web01', connect, pending: () => pending };
    await measurePairs([{ origin, target: loopback(1) }], { ...fast, attempts: 60, concurrency: 8 });
    expect(most()).toBe(4);
  });

  test('with all places pending nothing is begun until one is free', async () => {
    const { connect, begun } = counting(1);
    let pending = 2;
    const origin: Origin = { name: 'web01', connect, pending: () => pending };
    const running = measurePairs([{ origin, target: loopback(1) }], { ...fast, attempts: 5, concurrency: 2 });
    await delay(100);
    expect(begun()).toBe(0);
    pending = 0;
    expect((await running).all.attempts).toBe(5);
  });

  test('Ctrl-C: nothing more is begun, and what is open is waited for', async () => {
    const stop = new AbortController();
    const { connect, begun } = counting(150);
    setTimeout(() => stop.abort(), 60);
    const { all, interrupted } = await measure(
      [loopback(1)],
      { ...fast, attempts: 1_000, perSecond: 100, winding: stop.signal },
      connect,
    );
    expect(interrupted).toBe(true);
    expect(all.attempts).toBe(begun());
    expect(all.attempts).toBeLessThan(20);
    expect(all.unfinished).toBe(0);
  });

  test('a second one: what is open is cut off, and in no share', async () => {
    const cut = new AbortController();
    const { connect } = counting(60_000);
    setTimeout(() => cut.abort(), 60);
    const { all, interrupted } = await measure([loopback(1)], { ...fast, now: cut.signal }, connect);
    expect(interrupted).toBe(true);
    expect(all.unfinished).toBeGreaterThan(0);
    expect(all.attempts).toBe(0);
    expect(all.failures).toMatchObject({ share: null, interval: null });
  });

  test('the deadline of the run: nothing is begun that may last longer', async () => {
    const { connect } = counting(1);
    const began = performance.now();
    const { all, interrupted } = await measure(
      [loopback(1)],
      { ...fast, attempts: 1_000, perSecond: 50, timeoutMs: 300, deadlineMs: 500 },
      connect,
    );
    expect(performance.now() - began).toBeLessThan(450);
    expect(interrupted).toBe(true);
    expect(all.unfinished).toBe(0);
    expect(all.attempts).toBeLessThan(20);
  });

  test('a place where nothing can be sent is given up, and that says nothing of the target', async () => {
    const { pairs } = await measure([loopback(1)], { ...fast, attempts: 500 }, async () => ({
      outcome: 'not-sent',
      ms: 0,
      why: 'EADDRNOTAVAIL',
    }));
    expect(pairs[0]?.stopped).toBe('20 attempts in a row could not be made: EADDRNOTAVAIL');
    expect(pairs[0]?.notSent).toBeLessThan(100);
    expect(pairs[0]?.failures.share).toBeNull();
  });

  test('a lost tunnel ends its pairs with the reason, and no others', async () => {
    const lost: Origin = { name: 'web01', connect: ended('not-sent'), lost: () => 'the SSH connection to web01 ended' };
    const works: Origin = { name: 'web02', connect: ended('connected') };
    const { pairs } = await measurePairs(
      [lost, works].map(origin => ({ origin, target: loopback(1) })),
      fast,
    );
    expect(pairs.map(({ stopped, attempts }) => [stopped, attempts])).toEqual([
      ['the SSH connection to web01 ended', 0],
      [undefined, 40],
    ]);
  });

  test('a connector that throws is no failure of the target', async () => {
    const broken: Connector = () => Promise.reject(new Error('a bug'));
    const { all } = await measure([loopback(1)], { ...fast, attempts: 3 }, broken);
    expect(all).toMatchObject({ attempts: 0, notSent: 3, reasons: { 'a bug': 3 } });
  });
});

test('through a tunnel the shortest round trip is taken from each connect, and added to the timeout', async () => {
  const timeouts: number[] = [];
  const origin: Origin = {
    name: 'web01',
    connect: async (_target, timeoutMs) => {
      timeouts.push(timeoutMs);
      return { outcome: 'connected', ms: 52.5 };
    },
    roundTripMs: () => 50,
  };
  const { pairs } = await measurePairs([{ origin, target: loopback(1) }], { ...fast, attempts: 4 });
  expect(pairs[0]?.latency).toEqual({ min: 2.5, p50: 2.5, p90: 2.5, p99: 2.5, max: 2.5 });
  expect(pairs[0]?.roundTripMs).toBe(50);
  expect(timeouts).toEqual([1_050, 1_050, 1_050, 1_050]);
});

describe('the schedule', () => {
  test('keeps to the rate per target and in all, whatever the pairs', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a:1', 'b:1', 'c:1', 'd:1'), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 1_000 }),
        (targets, perSecond) => {
          const paces = pacings(targets, perSecond);
          const perSecondOf = (target: string): number =>
            paces.reduce((sum, { gapMs }, i) => sum + (targets[i] === target ? 1_000 / gapMs : 0), 0);
          for (const target of targets) expect(perSecondOf(target)).toBeLessThanOrEqual(perSecond * (1 + 1e-9));
          const inAll = paces.reduce((sum, { gapMs }) => sum + 1_000 / gapMs, 0);
          expect(inAll).toBeLessThanOrEqual(Math.max(400, perSecond) * (1 + 1e-9));
        },
      ),
    );
  });

  test('puts one attempt into each slot, at any moment of it', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (k, part) => {
        const pacing = { gapMs: 50, offsetMs: 10 };
        const at = beginningOf(k, pacing, () => part);
        expect(at).toBeGreaterThanOrEqual(10 + k * 50);
        expect(at).toBeLessThan(10 + (k + 1) * 50);
      }),
    );
  });
});

describe('places', () => {
  test('are given in the order in which they were asked for; an aborted wait is over', async () => {
    const places = createPlaces(1);
    const never = new AbortController().signal;
    const first = await places.enter(never);
    const stop = new AbortController();
    const order: string[] = [];
    const second = places.enter(never).then(leave => {
      order.push('second');
      leave?.();
    });
    const third = places.enter(stop.signal);
    const fourth = places.enter(never).then(leave => {
      order.push('fourth');
      leave?.();
    });
    stop.abort();
    expect(await third).toBeNull();
    first?.();
    await Promise.all([second, fourth]);
    expect(order).toEqual(['second', 'fourth']);
    expect(await places.enter(stop.signal)).toBeNull();
  });
});
