import { expect, test } from 'vitest';
import { listenersShown } from '../../src/engine/listeners-shown.ts';
import { absent, ok } from '../../src/model/reading.ts';
import type { Listener, SocketTable } from '../../src/model/snapshot.ts';

const listener = (port: number, queued: number, limit: number | null): Listener => ({
  address: '0.0.0.0',
  port,
  queued,
  limit,
});
const shown = (listeners: readonly Listener[]) =>
  listenersShown({ sockets: ok({ listeners } as unknown as SocketTable) })?.map(({ port }) => port);

test('the fullest queue comes first; one without queue and limit tells nothing', () => {
  expect(shown([listener(22, 0, 128), listener(80, 0, null), listener(8080, 96, 128), listener(81, 2, null)])).toEqual([
    81, 8080, 22,
  ]);
});

test('a host has as many as it likes, 16 are kept', () => {
  expect(shown(Array.from({ length: 500 }, (_, i) => listener(i + 1, i, 1_000)))).toEqual(
    Array.from({ length: 16 }, (_, i) => 500 - i),
  );
});

test('without sockets nothing is known', () => {
  expect(listenersShown({ sockets: absent('not-permitted') })).toBeUndefined();
});
