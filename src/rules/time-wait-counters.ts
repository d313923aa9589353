import type { Reading } from '../model/reading.ts';
import { whyMissing } from '../model/reading.ts';
import type { Evidence } from '../model/rule.ts';
import type { CounterReading } from '../model/snapshot.ts';
import { counterOf, optional } from './inputs.ts';
import { evidenceIfRead, type Movement, movementOf, nameOf } from './movement.ts';

/**
 * What tells of SYNs that met a TIME_WAIT socket of their own four numbers and failed its timestamp test. Since c449d5f3a3d7
 * these have a counter, PAWSTimewait. Before, they were part of PAWSEstab, which old segments of live connections raise as
 * well. Source: tcp_timewait_state_process() in net/ipv4/tcp_minisocks.c; kernel-facts B8, G.
 */
export const collisionInputs = {
  rejected: optional(counterOf('proc/net/netstat', 'TcpExt.PAWSTimewait')),
  established: optional(counterOf('proc/net/netstat', 'TcpExt.PAWSEstab')),
  skipped: optional(counterOf('proc/net/netstat', 'TcpExt.TCPACKSkippedTimeWait')),
  accepted: optional(counterOf('proc/net/snmp', 'Tcp.PassiveOpens')),
} as const;

/** The readings behind `collisionInputs`. */
type CollisionReadings = Readonly<Record<keyof typeof collisionInputs, Reading<CounterReading>>>;

/** What the counters say of collisions. */
export type Collisions =
  | {
      readonly kind: 'told';
      readonly movement: Movement;
      /** Beside the counter that moved. */
      readonly support: readonly Evidence[];
      /** Whether the counter is of TIME_WAIT alone. */
      readonly direct: boolean;
    }
  /** The counters are missing, or cannot tell: a sentence why. */
  | { readonly kind: 'untold'; readonly because: string };

export function collisionsOf(readings: CollisionReadings, perHour: number): Collisions {
  const { rejected, established, skipped, accepted } = readings;
  const often = { perHour, shareOf: accepted };
  if (rejected.state === 'ok') {
    return {
      kind: 'told',
      movement: movementOf(rejected.value, often),
      support: evidenceIfRead(skipped),
      direct: true,
    };
  }
  if (!isColumnMissing(rejected)) return untold(`TcpExt.PAWSTimewait: ${whyMissing(rejected)}.`);
  if (established.state !== 'ok' || skipped.state !== 'ok') return untold(withoutColumns);

  const answered = movementOf(skipped.value, often);
  const failed = movementOf(established.value, often);
  if (answered.kind !== 'quiet' && answered.kind === failed.kind) {
    return { kind: 'told', movement: answered, support: evidenceIfRead(established), direct: false };
  }
  if (answered.kind === 'quiet' && failed.kind === 'quiet') {
    return { kind: 'told', movement: answered, support: evidenceIfRead(established), direct: false };
  }
  const moved = nameOf(answered.kind === 'quiet' ? established.value : skipped.value);
  return untold(
    `${moved} alone does not tell: live connections and repeated packets raise it, too, and this kernel has no PAWSTimewait.`,
  );
}

const untold = (because: string): Collisions => ({ kind: 'untold', because });

const withoutColumns =
  'This kernel does not count collisions with TIME_WAIT: it has neither PAWSTimewait, nor PAWSEstab together with TCPACKSkippedTimeWait.';

const isColumnMissing = (reading: Reading<unknown>): boolean =>
  reading.state === 'absent' && reading.why === 'not-in-this-kernel';
