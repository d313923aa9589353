import { expect, test } from 'vitest';
import { createGate } from '../../src/engine/gate.ts';
import { oncePerTurn, pace, placesAfter } from '../../src/engine/pace.ts';

test.each([
  ['a long turn halves', 40, 20, 64, 10],
  ['never below four', 400, 5, 64, 4],
  ['nor above what was asked for', 0, 64, 64, 64],
  ['a short turn adds one', 1, 20, 64, 21],
  ['one in between changes nothing', 15, 20, 64, 20],
  ['fewer than four stay as they are', 400, 2, 2, 2],
])('%s', (_, turnMs, places, most, after) => {
  expect(placesAfter(turnMs, places, most)).toBe(after);
});

test('an idle loop has all places soon, a busy one few', async () => {
  const gate = createGate(40);
  const sizes: number[] = [];
  const stop = pace({ resize: places => sizes.push(places) && gate.resize(places) }, 40);
  expect(sizes).toEqual([8]);
  await expect.poll(() => sizes.at(-1), { timeout: 15_000 }).toBeGreaterThan(20);
  const before = sizes.at(-1) ?? 0;
  const until = performance.now() + 60;
  while (performance.now() < until);
  await new Promise(resolve => setTimeout(resolve, 5));
  expect(sizes.some((size, i) => i > 0 && size <= (sizes[i - 1] ?? 0) / 2 + 1)).toBe(true);
  expect(before).toBeGreaterThan(0);
  stop();
  const told = sizes.length;
  await new Promise(resolve => setTimeout(resolve, 40));
  expect(sizes).toHaveLength(told);
});

test('one per turn, in order, and everybody has one', async () => {
  const turn = oncePerTurn();
  const order: string[] = [];
  const work = [1, 2, 3].map(async n => {
    await turn();
    order.push(`work ${n}`);
  });
  const key = async () => {
    for (let i = 1; i <= 3; i++)
      await new Promise<void>(resolve => setImmediate(() => resolve(void order.push(`key ${i}`))));
  };
  await Promise.all([...work, key()]);
  expect(order).toEqual(['work 1', 'key 1', 'work 2', 'key 2', 'work 3', 'key 3']);
  await turn(); // again, after nobody waited
});
