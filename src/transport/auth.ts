/** Logging in: which methods and keys are tried, in which order, and what is said when none is accepted. */
import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware, NextAuthHandler } from 'ssh2';
import type { ConnectPlan } from '../model/plan.ts';
import { authFailed } from './auth-failed.ts';
import type { Candidate, Credentials } from './credentials.ts';
import type { Refusal } from './errors.ts';

/** sshd closes the connection at MaxAuthTries (default 6, sshd_config(5)); one less leaves us the last word. */
const attemptBudget = 5;

/** One login. `handler` goes to ssh2; `failure` says what was tried once it gave up. */
export interface Login {
  readonly handler: AuthHandlerMiddleware;
  readonly failure: () => Refusal;
}

/** What a login needs. `hold` stops our deadlines while a person is asked. */
export interface LoginRequest {
  readonly plan: ConnectPlan;
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
  readonly hold: () => () => void;
}

/** Order: none, agent keys, key files, keyboard-interactive, password; the last two only if the caller asked for them. */
export function createLogin({ plan, credentials, signal, hold }: LoginRequest): Login {
  const tried: string[] = [];
  const none: AnyAuthMethod = { type: 'none', username: plan.user };
  let offered: readonly AuthenticationType[] = [];
  let attempts = 0;
  let latest: Candidate | undefined;
  let exhausted = false;

  const keys = credentials.keys(plan, signal);
  const passwords = credentials.passwords(plan);
  const nextCandidate = async (): Promise<Candidate | undefined> => {
    if (offered.includes('publickey')) {
      const { done, value } = await keys.next();
      if (!done) return value;
    }
    const method = passwords.findIndex(candidate => offered.some(name => name === candidate.method?.type));
    return passwords.splice(method, method < 0 ? 0 : 1)[0];
  };
  const nextMethod = async (): Promise<AnyAuthMethod | false> => {
    exhausted = attempts >= attemptBudget;
    if (exhausted) return false;
    attempts += 1;
    // ssh2 drops the server's answer to a key of an agent. If the server had it sign and we are still here, it may have
    // been the first of two factors: "none" makes the server say what is left.
    if (latest?.signed?.()) {
      latest = undefined;
      return none;
    }
    for (;;) {
      latest = await nextCandidate();
      if (latest === undefined) return false;
      tried.push(latest.label);
      if (latest.method !== undefined) return latest.method;
    }
  };
  const handler = (methods: AuthenticationType[] | null, _partial: boolean | null, next: NextAuthHandler): void => {
    if (methods === null) {
      // ssh2 calls with null again after an agent key was all it tried; the first call is told by nothing being tried.
      if (latest === undefined) return next(none);
    } else offered = methods;
    const release = hold();
    nextMethod()
      .catch(() => false as const)
      .then(method => {
        release();
        tell(next, method);
      });
  };
  return { handler, failure: () => authFailed({ plan, tried, offered, exhausted }) };
}

/** ssh2 takes `false` for "no more methods" (README, authHandler); its types leave that out. */
function tell(next: NextAuthHandler, method: AnyAuthMethod | false): void {
  const untyped: (method: never) => void = next;
  Reflect.apply(untyped, undefined, [method]);
}
