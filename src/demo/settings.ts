import { type Deadlines, defaultDeadlines } from '../model/plan.ts';

/** What the audit of the demo does otherwise than one of real hosts, unless the user says so. */
export interface DemoSettings {
  /** Between the samples. Unit: s. */
  readonly intervalSeconds: number;
  readonly deadlines: Deadlines;
  /** Open sessions at most: both ends of each are on this machine, so each takes two descriptors. */
  readonly maxOpen: number;
}

/**
 * Everything is on loopback: what has not come after a few seconds will not come, and the host that hangs shows it soon.
 * Larger fleets keep this machine busy, hence more time.
 */
export const demoSettings = (hosts: number): DemoSettings => ({
  intervalSeconds: 1,
  deadlines: { ...defaultDeadlines, execMs: hosts > 50 ? 10_000 : 4_000 },
  maxOpen: 256,
});
