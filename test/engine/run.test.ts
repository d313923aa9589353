import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runAudit } from '../../src/engine/run.ts';
import type { Visit } from '../../src/model/visit.ts';
import type { VisitWatch } from '../../src/transport/transport.ts';
import { all, audited, auditInput, came, endOf, outcomesOf } from './planned.ts';

const names = (count: number) => Array.from({ length: count }, (_, i) => `web${i}`);

/** A visit as a transport makes it: takes a place, gives it back after the handshake, stays open, ends at once if told to. */
const visiting =
  (openMs: number) =>
  async (_plan: unknown, _request: unknown, watch: VisitWatch): Promise<Visit> => {
    const leave = await watch.gate.enter(watch.signal);
    watch.onPhase('connect');
    leave();
    try {
      await delay(openMs, undefined, { signal: watch.signal });
      return came('ok');
    } catch {
      return {
        ok: false,
        error: { outcome: 'interrupted', phase: 'exec', code: 'interrupted', message: 'm', hint: 'h', retryable: true },
        timing: { totalMs: 1 },
        notes: [],
      };
    }
  };

test('one run event first, exactly one host event per host, one end event last', async () => {
  const events = await all(runAudit(auditInput({ names: names(300), visit: visiting(1) })));
  expect(events[0]?.type).toBe('run');
  expect(Object.keys(outcomesOf(events)).sort()).toEqual(names(300).sort());
  expect(events.filter(({ type }) => type === 'host')).toHaveLength(300);
  expect(endOf(events)).toMatchObject({
    interrupted: false,
    summary: { hosts: { total: 300, audited: 300 }, exitCode: 0 },
  });
});

test("a bug on one host is that host's result and exit code 4; the others are untouched", async () => {
  const bugs: string[] = [];
  const visit = visiting(1);
  const events = await all(
    runAudit(
      auditInput({
        names: ['good', 'rejects', 'throws'],
        visit: (plan, request, watch) => {
          if (plan.host === 'throws') throw new Error('thrown');
          return plan.host === 'rejects' ? Promise.reject(new Error('rejected')) : visit(plan, request, watch);
        },
        onInternalError: (name, error) => void bugs.push(`${name}: ${error}`),
      }),
    ),
  );
  expect(outcomesOf(events)).toEqual({ good: 'audited', rejects: 'failed', throws: 'failed' });
  expect(bugs.sort()).toEqual(['rejects: Error: rejected', 'throws: Error: thrown']);
  expect(endOf(events).summary.exitCode).toBe(4);
});

test('handshakes and open sessions are bounded apart', async () => {
  let [shaking, open, mostShaking, mostOpen] = [0, 0, 0, 0];
  await all(
    runAudit(
      auditInput({
        names: names(60),
        concurrency: 3,
        maxOpen: 20,
        async visit(_plan, _request, watch) {
          open += 1;
          mostOpen = Math.max(mostOpen, open);
          const leave = await watch.gate.enter(watch.signal);
          shaking += 1;
          mostShaking = Math.max(mostShaking, shaking);
          await delay(1);
          shaking -= 1;
          leave();
          await delay(5);
          open -= 1;
          return came('ok');
        },
      }),
    ),
  );
  expect([mostShaking, mostOpen]).toEqual([3, 20]);
});

test('first Ctrl-C: what is open is finished, who waits for a place or was not begun is skipped', async () => {
  const winding = new AbortController();
  const events = runAudit(
    auditInput({
      names: names(10),
      concurrency: 2,
      maxOpen: 4,
      stop: { winding: winding.signal, now: new AbortController().signal },
      async visit(_plan, _request, watch) {
        const leave = await watch.gate.enter(watch.signal);
        await delay(5);
        winding.abort();
        await delay(5);
        leave();
        return came('ok');
      },
    }),
  );
  const list = await all(events);
  const counts = endOf(list).summary.hosts;
  expect(counts).toEqual({ total: 10, audited: 2, skipped: 8 });
  expect(endOf(list)).toMatchObject({ interrupted: true, summary: { exitCode: 130 } });
});

test('second Ctrl-C: what is open is interrupted at once', async () => {
  const [winding, now] = [new AbortController(), new AbortController()];
  setTimeout(() => winding.abort(), 20);
  setTimeout(() => now.abort(), 40);
  const startedAt = performance.now();
  const list = await all(
    runAudit(
      auditInput({
        names: names(6),
        maxOpen: 3,
        visit: visiting(60_000),
        stop: { winding: winding.signal, now: now.signal },
      }),
    ),
  );
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  expect(endOf(list).summary.hosts).toEqual({ total: 6, interrupted: 3, skipped: 3 });
});

test('the run deadline interrupts and skips; it is incomplete (3), not interrupted (130)', async () => {
  const list = await all(
    runAudit(auditInput({ names: names(5), maxOpen: 2, visit: visiting(60_000), runTimeoutMs: 20 })),
  );
  expect(endOf(list).summary).toMatchObject({ hosts: { total: 5, interrupted: 2, skipped: 3 }, exitCode: 3 });
});

test('results of a resumed run are given out again first, and counted', async () => {
  const list = await all(runAudit(auditInput({ names: ['b'], visit: visiting(1), resumed: [audited('a')] })));
  expect(outcomesOf(list)).toEqual({ a: 'audited', b: 'audited' });
  expect(endOf(list).summary.hosts).toEqual({ total: 2, audited: 2 });
});

test('a reader that is slow holds hosts back instead of filling memory', async () => {
  let begun = 0;
  const events = runAudit(
    auditInput({
      names: names(8_000),
      maxOpen: 10,
      async visit() {
        begun += 1;
        return came('ok');
      },
    }),
  );
  const iterator = events[Symbol.asyncIterator]();
  await iterator.next();
  await delay(100);
  expect(begun).toBeLessThan(4_200);
  let count = 0;
  for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) {
    if (step.value.type === 'host') count += 1;
  }
  expect(count).toBe(8_000);
});
