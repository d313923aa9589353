import type { ShuttableGate } from './gate.ts';

/** How often the pace is looked at. Unit: ms. */
const everyMs = 10;
/** A turn of the event loop longer than this is too long for who types: half as many handshakes. Unit: ms. */
const longTurnMs = 25;
/** A turn shorter than this leaves room for one more. Unit: ms. */
const shortTurnMs = 8;
const fewestPlaces = 4;
/** All handshakes of a burst compute their keys in one turn, 2 ms each: a run begins with few. */
const firstPlaces = 8;

/** Places after a turn of such a length: as TCP finds its window, up by one, down by half. */
export function placesAfter(turnMs: number, places: number, most: number): number {
  if (turnMs > longTurnMs) return Math.max(Math.min(fewestPlaces, most), Math.floor(places / 2));
  return turnMs < shortTurnMs ? Math.min(most, places + 1) : places;
}

/**
 * Gives a gate as many places as leave turns of the event loop short. Where the network is what handshakes wait for, that is all
 * of them within half a second; where this machine's processor is, fewer at once take no longer in all. Returns how to stop it.
 */
export function pace(gate: Pick<ShuttableGate, 'resize'>, most: number): () => void {
  let places = Math.min(firstPlaces, most);
  gate.resize(places);
  let lookedAt = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const next = placesAfter(now - lookedAt - everyMs, places, most);
    lookedAt = now;
    if (next === places) return;
    places = next;
    gate.resize(places);
  }, everyMs);
  return () => clearInterval(timer);
}

/**
 * Resolves for one caller per turn of the event loop, in order: results that come together are judged (3 ms each) with room for
 * a key between them.
 */
export function oncePerTurn(): () => Promise<void> {
  const waiting: (() => void)[] = [];
  let isPlanned = false;
  const plan = () => {
    isPlanned = waiting.length > 0;
    if (isPlanned) setImmediate(next);
  };
  const next = () => {
    waiting.shift()?.();
    plan();
  };
  return () =>
    new Promise(resolve => {
      waiting.push(resolve);
      if (!isPlanned) plan();
    });
}
