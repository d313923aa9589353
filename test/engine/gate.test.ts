import { expect, test } from 'vitest';
import { createGate } from '../../src/engine/gate.ts';
import fc from '../fast-check.ts';

const never = () => new AbortController().signal;

test('admits as many as there are places, the others in the order in which they came', async () => {
  const gate = createGate(1);
  const admitted: string[] = [];
  const enter = (name: string) =>
    gate.enter(never()).then(leave => {
      admitted.push(name);
      return leave;
    });
  const leave = await enter('a');
  const [b, c] = [enter('b'), enter('c')];
  await Promise.resolve();
  expect(admitted).toEqual(['a']);
  leave();
  (await b)();
  await c;
  expect(admitted).toEqual(['a', 'b', 'c']);
});

test('giving a place back twice frees one place', async () => {
  const gate = createGate(1);
  const leave = await gate.enter(never());
  leave();
  leave();
  await gate.enter(never());
  let second = false;
  void gate.enter(never()).then(() => {
    second = true;
  });
  await new Promise(resolve => setImmediate(resolve));
  expect(second).toBe(false);
});

test('one that stops waiting is passed over', async () => {
  const gate = createGate(1);
  const leave = await gate.enter(never());
  const impatient = new AbortController();
  const refused = gate.enter(impatient.signal);
  const patient = gate.enter(never());
  impatient.abort();
  await expect(refused).rejects.toThrow('not admitted');
  leave();
  await expect(patient).resolves.toBeTypeOf('function');
});

test('once shut, who waits is sent away and nobody enters; places can still be given back', async () => {
  const gate = createGate(1);
  const leave = await gate.enter(never());
  const waiting = gate.enter(never());
  gate.shut();
  await expect(waiting).rejects.toThrow('not admitted');
  leave();
  await expect(gate.enter(never())).rejects.toThrow('not admitted');
});

test('more places let in who waits; with fewer, leavers are not followed', async () => {
  const gate = createGate(1);
  const leaves: (() => void)[] = [];
  const enter = () => void gate.enter(never()).then(leave => leaves.push(leave));
  for (let i = 0; i < 5; i++) enter();
  const settled = () => new Promise(resolve => setImmediate(resolve));
  await settled();
  expect(leaves).toHaveLength(1);
  gate.resize(3);
  await settled();
  expect(leaves).toHaveLength(3);
  gate.resize(1);
  leaves[0]?.();
  leaves[1]?.();
  await settled();
  expect(leaves).toHaveLength(3);
  leaves[2]?.();
  await settled();
  expect(leaves).toHaveLength(4);
});

test('never more inside than places, and everybody gets in, whatever the order of leaving', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(3), { maxLength: 40 }), async (places, stays) => {
      const gate = createGate(places);
      let inside = 0;
      let most = 0;
      await Promise.all(
        stays.map(async turns => {
          const leave = await gate.enter(never());
          inside += 1;
          most = Math.max(most, inside);
          for (let i = -10; i < turns; i += 1) await Promise.resolve(); // longer than it takes all to arrive
          inside -= 1;
          leave();
        }),
      );
      expect(inside).toBe(0);
      expect(most).toBeLessThanOrEqual(places);
      expect(most).toBe(Math.min(places, stays.length));
    }),
    { numRuns: 50 },
  );
});
