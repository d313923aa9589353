/** The course of one visit: its phase, its times, and the one signal that ends it. */
import { setMaxListeners } from 'node:events';
import type { ConnectPlan } from '../model/plan.ts';
import type { Phase, VisitTiming } from '../model/visit.ts';
import { type Deadline, once, startDeadline } from './deadline.ts';
import { hostLate, interrupted } from './errors.ts';
import type { VisitWatch } from './transport.ts';

export interface Course {
  /** Aborted when the visit is over, whatever it is doing; its reason is the Refusal. */
  readonly signal: AbortSignal;
  /** Starts the clock of the host deadline: waiting for a place, or for a jump host, is not the host's fault. */
  readonly begin: () => void;
  readonly enter: (phase: Phase) => void;
  readonly phase: () => Phase;
  readonly mark: (moment: 'connectMs' | 'handshakeMs' | 'authMs') => void;
  /** Stops the clock while a person is asked. */
  readonly hold: () => () => void;
  readonly timing: () => VisitTiming;
  /** Lets go of timers and listeners. */
  readonly end: () => void;
}

/** Bounds and watches one visit; `intervalMs` is time spent on purpose. */
export function startCourse(
  plan: ConnectPlan,
  intervalMs: number,
  watch: Pick<VisitWatch, 'onPhase' | 'signal'>,
): Course {
  const hostMs = plan.deadlines.hostMs + intervalMs;
  const controller = new AbortController();
  const marks: { connectMs?: number; handshakeMs?: number; authMs?: number } = {};
  let phase: Phase = 'connect';
  let startedAt = performance.now();
  let deadline: Deadline | undefined;
  const elapsed = (): number => Math.round(performance.now() - startedAt);
  const onInterrupt = (): void => controller.abort(interrupted(phase));
  if (watch.signal.aborted) onInterrupt();
  // One listener per open visit is no leak.
  setMaxListeners(0, watch.signal);
  watch.signal.addEventListener('abort', onInterrupt);
  return {
    signal: controller.signal,
    begin: once(() => {
      startedAt = performance.now();
      deadline = startDeadline(hostMs, () => controller.abort(hostLate(phase, plan, hostMs)));
    }),
    enter: next => {
      phase = next;
      watch.onPhase(next);
    },
    phase: () => phase,
    mark: moment => {
      marks[moment] ??= elapsed();
    },
    hold: () => deadline?.hold() ?? (() => {}),
    timing: () => ({ ...marks, totalMs: elapsed() }),
    end: () => {
      deadline?.clear();
      watch.signal.removeEventListener('abort', onInterrupt);
    },
  };
}
