/** Passwords and questions of the server (RFC 4252 8, RFC 4256), only where the caller asked for them. */
import type { AnyAuthMethod, KeyboardInteractiveAuthMethod } from 'ssh2';
import type { ConnectPlan } from '../model/plan.ts';
import { stripControls } from '../text/ansi.ts';
import type { CredentialRequest } from './credentials.ts';
import type { Secrets } from './key-files.ts';

/** One of the two methods; its secret is asked for when it is about to be tried, not before. */
export interface PasswordMethod {
  readonly type: 'keyboard-interactive' | 'password';
  /** Undefined if there is no password and nobody to ask. */
  readonly prepare: () => Promise<AnyAuthMethod | undefined>;
}

type AskOne = (prompt: string) => Promise<string | undefined>;

/** The password methods of a run: none unless asked for. A password is asked for once per user, for all hosts. */
export function passwordMethods(
  secrets: Secrets,
  askOne: AskOne,
): (request: CredentialRequest) => readonly PasswordMethod[] {
  const passwords = new Map<string, Promise<string | undefined>>();
  const passwordOf = ({ plan, hold }: CredentialRequest): Promise<string | undefined> => {
    if (secrets.password !== undefined) return Promise.resolve(secrets.password);
    const answer = passwords.get(plan.user) ?? askOne(`Password of ${plan.user} (first needed by ${plan.host}): `);
    passwords.set(plan.user, answer);
    return answer.finally(hold());
  };
  return request => {
    if (secrets.passwordLogin !== true) return [];
    const username = request.plan.user;
    const password = (): Promise<string | undefined> => passwordOf(request);
    const answer = (prompt: string): Promise<string | undefined> => askOne(prompt).finally(request.hold());
    const prompt = answerPrompts({ plan: request.plan, password, answer });
    return [
      { type: 'keyboard-interactive', prepare: async () => ({ type: 'keyboard-interactive', username, prompt }) },
      {
        type: 'password',
        prepare: async () => {
          const secret = await password();
          return secret === undefined ? undefined : { type: 'password', username, password: secret };
        },
      },
    ];
  };
}

interface Answers {
  readonly plan: ConnectPlan;
  readonly password: () => Promise<string | undefined>;
  readonly answer: AskOne;
}

/** Answers what the server asks: its password question with the password, anything else (codes) by asking each time. */
function answerPrompts({ plan, password, answer }: Answers): KeyboardInteractiveAuthMethod['prompt'] {
  return (_name, _instructions, _language, prompts, finish) => {
    const answers = prompts.map(({ prompt, echo }) =>
      echo !== true && /passw/i.test(prompt) ? password() : answer(`${plan.host} asks: ${stripControls(prompt)} `),
    );
    // An empty answer is refused by the server, which is how this ends where nobody answers.
    Promise.all(answers).then(
      texts => finish(texts.map(text => text ?? '')),
      () => finish([]),
    );
  };
}
