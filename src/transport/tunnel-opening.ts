/** A tunnel is open once its server has answered: the shortest of some round trips is known before the first attempt. */
import type { ConnectPlan } from '../model/plan.ts';
import { bounded } from './deadline.ts';
import { endpoint, Refusal } from './errors.ts';
import type { OwnedTunnel } from './tunnel.ts';

const firstRoundTrips = 5;
/** Unit: ms. */
const firstAnswersMs = 10_000;

/** A tunnel that is about to open. */
export interface Opening {
  readonly tunnel: OwnedTunnel;
  readonly plan: ConnectPlan;
  readonly signal: AbortSignal;
  /** Is to call back if the connection ends meanwhile. */
  readonly onLost: (report: (refusal: Error) => void) => void;
}

/** Waits for the first answers. Rejects with a Refusal. */
export const firstAnswers = ({ tunnel, plan, signal, onLost }: Opening): Promise<void> =>
  bounded({ ms: firstAnswersMs, signal, onLate: () => silent(plan) }, ({ resolve, reject }) => {
    onLost(reject);
    try {
      tunnel.measure(firstRoundTrips, resolve);
    } catch {
      // The connection ended a moment ago, which is about to be told.
    }
    return () => {};
  });

const silent = (plan: ConnectPlan): Refusal =>
  new Refusal({
    outcome: 'timed-out',
    phase: 'exec',
    code: 'no-answer',
    message: `${endpoint(plan)} accepted the login, but did not answer ${firstRoundTrips} requests within ${firstAnswersMs / 1_000} s`,
    hint: 'the host may be overloaded: look at its load and at its sshd',
    retryable: true,
  });
