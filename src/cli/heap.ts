import { setFlagsFromString } from 'node:v8';

/** Runs of more hosts than this trade a little CPU for memory. */
const manyHosts = 4_000;

/**
 * V8 lets garbage grow to several times what is alive before it collects: at 10,000 hosts 370 MiB instead of 250. For large
 * runs the heap may grow by 60 % between collections, which costs 10 % more CPU (measured with `npm run bench --hosts`).
 * Must be called before the visits begin.
 */
export function boundHeap(hosts: number): void {
  if (hosts > manyHosts) setFlagsFromString('--heap-growing-percent=60');
}
