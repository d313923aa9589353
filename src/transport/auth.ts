/** Logging in: which methods and keys are tried, in which order, and what is said when none is accepted. */
import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware } from 'ssh2';
import type { AuthMethod } from '../model/plan.ts';
import { authFailed } from './auth-failed.ts';
import type { Candidate, CredentialRequest, Credentials } from './credentials.ts';
import type { Refusal } from './errors.ts';
import type { LoginPasswords, PasswordMethod } from './passwords.ts';

/** sshd closes the connection at MaxAuthTries (default 6, sshd_config(5)); one less leaves us the last word. */
const attemptBudget = 5;

/** What nearly every server takes, assumed until it says what it takes. */
const firstGuess: readonly AuthenticationType[] = ['publickey'];

/** Where ssh_config has no PreferredAuthentications. */
const usualMethods: readonly AuthMethod[] = ['publickey', 'keyboard-interactive', 'password'];

/** Whose login; `onFailure` is told once there is nothing left to try. */
export interface LoginRequest extends CredentialRequest {
  readonly onFailure: (refusal: Refusal) => void;
}

/** One login. */
export interface Login {
  readonly handler: AuthHandlerMiddleware;
  readonly onAccepted: () => void;
  /** However it ended. */
  readonly end: () => void;
}

/**
 * An authentication handler for ssh2. Order: agent keys, key files, keyboard-interactive, password (or what
 * PreferredAuthentications says); the last two only if the caller asked for them. "none" comes first only where there is no key to begin with: it costs a round trip and tells
 * what the first refusal tells, too. A server that takes it gets it before we give up.
 */
export function createLogin(request: LoginRequest, credentials: Credentials): Login {
  const { plan } = request;
  const tried: string[] = [];
  const none: AnyAuthMethod = { type: 'none', username: plan.user };
  let offered: readonly AuthenticationType[] = [];
  let attempts = 0;
  let latest: Candidate | undefined;
  let saidNone = false;

  const fail = (): void =>
    request.onFailure(authFailed({ plan, tried, offered, exhausted: attempts >= attemptBudget }));
  const passwords = credentials.passwords({ ...request, onUnanswered: fail });
  const next = candidatesOf(request, { keys: credentials.keys(request), passwords });
  const nextMethod = async (): Promise<AnyAuthMethod | undefined> => {
    if (attempts >= attemptBudget) return undefined;
    attempts += 1;
    // ssh2 drops the server's answer to a key of an agent. If the server had it sign and we are still here, it may have
    // been the first of two factors: "none" makes the server say what is left.
    if (latest?.signed?.()) {
      latest = undefined;
      return none;
    }
    for (;;) {
      latest = await next(offered, attemptBudget - attempts);
      if (latest === undefined) return undefined;
      tried.push(latest.label);
      if (latest.method !== undefined) return latest.method;
    }
  };
  // Before the first attempt ssh2 passes null, which its types leave out.
  const handler = (
    methods: AuthenticationType[] | null,
    partial: boolean | null,
    tell: (method: AnyAuthMethod) => void,
  ): void => {
    if (latest?.isPassword === true) passwords.settle(partial === true ? 'accepted' : 'refused');
    offered = methods ?? firstGuess;
    const proceed = (method: AnyAuthMethod | undefined): void => {
      if (method !== undefined) tell(method);
      // One more would be the last: the server would end the connection without a word on what it takes.
      else if (saidNone || attempts >= attemptBudget) fail();
      else {
        saidNone = true;
        tell(none);
      }
    };
    nextMethod().then(proceed, fail);
  };
  return { handler, onAccepted: () => passwords.settle('accepted'), end: passwords.end };
}

interface Supply {
  readonly keys: AsyncGenerator<Candidate>;
  readonly passwords: LoginPasswords;
}

/** The next thing to try among what the server still takes; `left` further ones may follow. */
type NextCandidate = (offered: readonly AuthenticationType[], left: number) => Promise<Candidate | undefined>;

/** Each thing is given once. Keys leave as many attempts as there are passwords to try. */
function candidatesOf({ plan }: CredentialRequest, { keys, passwords }: Supply): NextCandidate {
  const unused = [...passwords.methods];
  const methods = plan.authMethods ?? usualMethods;
  return async (offered, left) => {
    const reserved = unused.filter(({ type }) => offered.includes(type) && methods.includes(type)).length;
    for (const method of methods) {
      if (!offered.includes(method)) continue;
      if (method === 'publickey' && left < reserved) continue;
      const candidate = method === 'publickey' ? await nextKey(keys) : await nextPassword(unused, method);
      if (candidate !== undefined) return candidate;
    }
    return undefined;
  };
}

async function nextKey(keys: AsyncGenerator<Candidate>): Promise<Candidate | undefined> {
  const { done, value } = await keys.next();
  return done === true ? undefined : value;
}

async function nextPassword(unused: PasswordMethod[], wanted: AuthMethod): Promise<Candidate | undefined> {
  const index = unused.findIndex(({ type }) => type === wanted);
  const [found] = index < 0 ? [] : unused.splice(index, 1);
  if (found === undefined) return undefined;
  const method = await found.prepare();
  return 'why' in method ? { label: `${found.type} (${method.why})` } : { label: found.type, method, isPassword: true };
}
