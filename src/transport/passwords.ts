/** Passwords and questions of the server (RFC 4252 8, RFC 4256), only where the caller asked for them. */
import type { AnyAuthMethod, KeyboardInteractiveAuthMethod } from 'ssh2';
import type { ConnectPlan } from '../model/plan.ts';
import { stripControls } from '../text/ansi.ts';
import type { SudoPasswords } from './ascend.ts';
import type { CredentialRequest } from './credentials.ts';
import type { Secrets } from './key-files.ts';
import { createSharedSecret, type SharedSecret, type Trial } from './shared-secret.ts';

/** One of the two methods; its secret is asked for when it is about to be tried, not before. */
export interface PasswordMethod {
  readonly type: 'keyboard-interactive' | 'password';
  /** What to try, or why it cannot be tried. */
  readonly prepare: () => Promise<AnyAuthMethod | { readonly why: string }>;
}

/** Whose login. */
export interface PasswordRequest extends CredentialRequest {
  /** The server waits for a password that nobody gives: an empty one would count towards locking the account. */
  readonly onUnanswered: () => void;
}

/** The password methods of one login. */
export interface LoginPasswords {
  readonly methods: readonly PasswordMethod[];
  /** What the server said to the latest of them. */
  readonly settle: (said: 'accepted' | 'refused') => void;
  /** The login has ended, however it did. */
  readonly end: () => void;
}

type AskOne = (prompt: string) => Promise<string | undefined>;

/**
 * The password methods of a run: none unless asked for. A password is asked for once per user, for all hosts, and tried at
 * one host before it is tried at others. No server gets it twice: what PAM refuses by one method it refuses by the other.
 */
export function passwordMethods(secrets: Secrets, askOne: AskOne): (request: PasswordRequest) => LoginPasswords {
  const users = new Map<string, SharedSecret>();
  const secretOf = ({ user, host }: ConnectPlan): SharedSecret => {
    const known =
      users.get(user) ??
      createSharedSecret(async () => secrets.password ?? askOne(`Password of ${user} (first needed by ${host}): `));
    users.set(user, known);
    return known;
  };
  return request => {
    const mayAnswer = secrets.password !== undefined || request.plan.isBatch !== true;
    return secrets.passwordLogin === true && mayAnswer ? loginPasswords(request, secretOf(request.plan), askOne) : none;
  };
}

const none: LoginPasswords = { methods: [], settle: () => {}, end: () => {} };

function loginPasswords(request: PasswordRequest, secret: SharedSecret, askOne: AskOne): LoginPasswords {
  const { plan, hold } = request;
  const username = plan.user;
  let trial: Trial | undefined;
  let isOver = false;
  const password = async (): Promise<string | undefined> => {
    if (trial !== undefined) {
      // Asked again: it was wrong.
      trial.refused();
      return undefined;
    }
    const release = hold();
    const taken = await secret.take();
    release();
    if (isOver) taken?.dropped();
    trial = taken;
    return taken?.value;
  };
  const answer = async (prompt: string): Promise<string | undefined> =>
    plan.isBatch === true ? undefined : askOne(prompt).finally(hold());
  const prompt = answerPrompts({ plan, password, answer, onUnanswered: request.onUnanswered });
  return {
    methods: [
      { type: 'keyboard-interactive', prepare: async () => ({ type: 'keyboard-interactive', username, prompt }) },
      {
        type: 'password',
        prepare: async () => {
          if (trial !== undefined) return { why: 'the same as before' };
          const given = await password();
          return given === undefined
            ? { why: 'none given, or refused elsewhere' }
            : { type: 'password', username, password: given };
        },
      },
    ],
    settle: said => trial?.[said](),
    end: () => {
      isOver = true;
      trial?.dropped();
    },
  };
}

interface Answers {
  readonly plan: ConnectPlan;
  readonly password: () => Promise<string | undefined>;
  readonly answer: AskOne;
  readonly onUnanswered: () => void;
}

/** Answers what the server asks: its password question with the password, anything else (codes) by asking each time. */
function answerPrompts(of: Answers): KeyboardInteractiveAuthMethod['prompt'] {
  const { plan, password, answer, onUnanswered } = of;
  return (_name, _instructions, _language, prompts, finish) => {
    const answers = prompts.map(({ prompt, echo }) =>
      echo !== true && /passw/i.test(prompt)
        ? password()
        : // An empty answer is refused by the server, which is how this ends where nobody answers.
          answer(`${plan.host} asks: ${stripControls(prompt)} `).then(text => text ?? ''),
    );
    Promise.all(answers).then(
      texts => (texts.includes(undefined) ? onUnanswered() : finish(texts.map(text => text ?? ''))),
      onUnanswered,
    );
  };
}

/** Passwords for sudo: asked for once per account, and tried at one host before they are tried at others. */
export function sudoPasswords(secrets: Secrets, askOne: AskOne): SudoPasswords {
  const accounts = new Map<string, SharedSecret>();
  const secretOf = (account: string, host: string): SharedSecret =>
    createSharedSecret(async () =>
      secrets.sudoPassword === undefined
        ? askOne(`sudo password of ${account} (first needed by ${host}): `)
        : secrets.sudoPassword,
    );
  return {
    mayAnswer: ({ isBatch }) => secrets.sudoPassword !== undefined || (secrets.ask !== undefined && isBatch !== true),
    take: ({ sudo, user, host }) => {
      const account = sudo?.account ?? user;
      const secret = accounts.get(account) ?? secretOf(account, host);
      accounts.set(account, secret);
      return secret.take();
    },
  };
}
