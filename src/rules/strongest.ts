import type { Movement } from './movement.ts';

const order: readonly Movement['kind'][] = ['rising', 'risen', 'unknowable', 'quiet'];

/** Of several counters that prove one cause the one that says most: what rises before what rose; of equals the larger. */
export const strongestOf = (first: Movement, ...others: readonly Movement[]): Movement =>
  others.reduce((best, other) => (saysMore(other, best) ? other : best), first);

const saysMore = (a: Movement, b: Movement): boolean =>
  order.indexOf(a.kind) < order.indexOf(b.kind) || (a.kind === b.kind && a.counter.value > b.counter.value);
