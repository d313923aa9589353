/**
 * What ssh_config may ask of the world: exit codes of commands, addresses of names, what the installed ssh knows. Nothing in
 * this folder can answer. A resolution is a generator that yields questions, and whoever runs it brings the answers.
 */
import type { SshLists } from './ssh-lists.ts';

/** A question and, under the same name in `Answers`, what answers it. */
export type Question =
  /** Run in the user's shell, as `Match exec` wants it. Tokens are expanded. */
  | { readonly kind: 'exec'; readonly command: string }
  /** getaddrinfo(3) for a stream socket. */
  | {
      readonly kind: 'resolve';
      readonly name: string;
      readonly family: AddressFamily;
      /** Whether the name at the end of all CNAMEs is wanted, too (AI_CANONNAME). */
      readonly canonicalName: boolean;
    }
  /** Whether the installed ssh takes this text as ssh_config. */
  | { readonly kind: 'accepts'; readonly config: string }
  /** The installed ssh's own default lists, and all that it can do. */
  | { readonly kind: 'lists' }
  /** `OpenSSH_9.2p1`, as `ssh -V` says it. */
  | { readonly kind: 'version' };

export type AddressFamily = 'any' | 'inet' | 'inet6';

/** Undefined means that there is no ssh to ask. */
export interface Answers {
  /** An exit code, or why there is none: killed by a signal, too slow, no such shell. */
  readonly exec: { readonly status: number } | { readonly problem: string };
  readonly resolve: { readonly found: boolean; readonly canonicalName?: string };
  readonly accepts: boolean | undefined;
  readonly lists: SshLists | undefined;
  readonly version: string | undefined;
}

type Kind = keyof Answers;
type OfKind<K extends Kind> = Extract<Question, { readonly kind: K }>;

/** A computation that may need answers on its way. */
export type Asking<T> = Generator<Question, T, unknown>;

/** Asks one question. */
export function* ask<K extends Kind>(question: OfKind<K>): Generator<Question, Answers[K], unknown> {
  return (yield question) as Answers[K];
}

/** Answers at once. */
export type Oracle = { readonly [K in Kind]: (question: OfKind<K>) => Answers[K] };

/** Answers in time. */
export type Respondent = { readonly [K in Kind]: (question: OfKind<K>) => Promise<Answers[K]> };

/** A world without an ssh, where nothing can be run and no name resolves. */
export const unanswered: Oracle = {
  exec: () => ({ problem: 'commands are not run here' }),
  resolve: () => ({ found: false }),
  accepts: () => undefined,
  lists: () => undefined,
  version: () => undefined,
};

/** Runs to the end with answers that are there at once. */
export function answerNow<T>(asking: Asking<T>, oracle: Oracle = unanswered): T {
  let step = asking.next();
  while (step.done !== true) step = asking.next(answerOf(oracle, step.value));
  return step.value;
}

/** Runs to the end. Without a question on the way no time passes. */
export async function answerWith<T>(asking: Asking<T>, respondent: Respondent): Promise<T> {
  let step = asking.next();
  while (step.done !== true) step = asking.next(await answerOf(respondent, step.value));
  return step.value;
}

function answerOf(to: Oracle | Respondent, question: Question): unknown {
  switch (question.kind) {
    case 'exec':
      return to.exec(question);
    case 'resolve':
      return to.resolve(question);
    case 'accepts':
      return to.accepts(question);
    case 'lists':
      return to.lists(question);
    case 'version':
      return to.version(question);
  }
}
