/** Getting a root shell in a process that was just started, and a password to it if it asks for one. */
import type { Readable, Writable } from 'node:stream';
import type { ConnectPlan } from '../model/plan.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import { endpoint, Refusal } from './errors.ts';
import type { Output } from './output.ts';
import type { Trial } from './shared-secret.ts';
import { type Ascent, createAscent } from './sudo.ts';
import type { VisitRequest } from './transport.ts';

/** Passwords for sudo; left out in batch mode without one. */
export interface SudoPasswords {
  readonly mayAnswer: (plan: ConnectPlan) => boolean;
  readonly take: (plan: ConnectPlan) => Promise<Trial | undefined>;
}

/** There is no root shell; the message says why, as half a sentence. The script has not been sent to anybody. */
export class NotRoot extends Error {}

/** A process that reads a script: a channel of SSH, or a child of ours. */
export interface ShellPipes {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** What runs, what it is given, and who is told. */
export interface Feeding {
  readonly script: string;
  readonly output: Output;
  readonly onOutput: (event: 'complete' | 'too-large') => void;
  /** Left out: the shell gets the script at once. */
  readonly climb?: Climb;
}

/** Gives a shell its script, at once or when it is root's. Drains both streams: ssh2 reports no end of a channel before. */
export function feed({ stdin, stdout, stderr }: ShellPipes, { script, output, onOutput, climb }: Feeding): void {
  // The far end may close its input before it has read the script (nologin): the output tells more than that error.
  stdin.on('error', () => {});
  stdout.on('data', (chunk: Buffer) => {
    const printed = climb === undefined ? chunk : climb.ascent.hearOutput(chunk);
    const event = printed === undefined ? undefined : output.add(printed);
    if (event !== undefined) onOutput(event);
  });
  stderr.on('data', (chunk: Buffer) => {
    if (climb === undefined || climb.ascent.isRoot()) output.addError(chunk);
    else climb.ascent.hearErrors(chunk);
  });
  if (climb === undefined) stdin.end(script);
  else climb.begin(stdin, script);
}

/** The way to root of one shell. */
export interface Climb {
  readonly ascent: Ascent;
  readonly begin: (stdin: Writable, script: string) => void;
  /** The process has ended, or nobody waits for it any more: what to reject with, unless the shell was root's. */
  readonly end: (exitCode: number | null) => NotRoot | undefined;
}

/** Directory services and reverse lookups make sudo slow; a person who is asked is not counted. */
const startMs = 10_000;

export interface ClimbRequest {
  readonly plan: ConnectPlan;
  readonly request: Pick<VisitRequest, 'args'>;
  readonly passwords: SudoPasswords;
  /** Stops the deadlines of the visit while a password is waited for. */
  readonly hold: () => () => void;
  readonly onFailure: (reason: NotRoot) => void;
}

/** Prepares the way; nothing happens before `begin`. */
export function createClimb({ plan, request, passwords, hold, onFailure }: ClimbRequest): Climb {
  let shell: { readonly stdin: Writable; readonly script: string } | undefined;
  let trial: Trial | undefined;
  let isOver = false;
  const late = (): void => onFailure(new NotRoot(`sudo started no shell within ${startMs / 1_000} s`));
  let running: Deadline | undefined;

  const answer = async (): Promise<void> => {
    const releases = [hold(), running?.hold()];
    const given = await passwords.take(plan);
    for (const release of releases) release?.();
    if (isOver) given?.dropped();
    else if (given === undefined) shell?.stdin.end();
    else {
      trial = given;
      shell?.stdin.write(`${given.value}\n`);
    }
  };
  const ascent = createAscent(
    {
      user: plan.user,
      mayAnswer: passwords.mayAnswer(plan),
      maySudo: plan.sudo !== undefined,
      shell: shellCommand(request),
    },
    {
      onPrompt: () => void answer(),
      onSecondPrompt: () => {
        trial?.refused();
        shell?.stdin.end();
      },
      onRoot: () => {
        running?.clear();
        trial?.accepted();
        shell?.stdin.end(shell.script);
      },
    },
  );
  return {
    ascent,
    begin: (stdin, script) => {
      shell = { stdin, script };
      if (plan.sudo !== undefined) running = startDeadline(startMs, late);
    },
    end: exitCode => {
      isOver = true;
      running?.clear();
      if (ascent.isRoot()) return undefined;
      if (ascent.isRefused()) trial?.refused();
      else trial?.dropped();
      return new NotRoot(ascent.whyNot(exitCode));
    },
  };
}

/** The shell that reads a script, for an SSH server to run. Throws where an argument would mean something to a shell. */
export function shellCommand({ args = [] }: Pick<VisitRequest, 'args'>): string {
  const strange = args.find(word => !/^[\w=./-]+$/.test(word));
  if (strange !== undefined) throw new Error(`no argument for a script: ${JSON.stringify(strange)}`);
  return ['sh', '-s', ...(args.length === 0 ? [] : ['--', ...args])].join(' ');
}

/** Whether a script is to be run by root, as the plan or the script wants it. */
export const wantsRoot = (plan: ConnectPlan, { rights, root }: Pick<VisitRequest, 'rights' | 'root'>): boolean =>
  root === undefined && (rights === 'root' || plan.sudo !== undefined);

/**
 * What becomes of a try that gave no root shell: nothing, and the script is read with the rights of the login; or, for a
 * script that must be root's, the end. Throws a Refusal, or what was caught if it is something else.
 */
export function withoutRoot(caught: unknown, plan: ConnectPlan, { rights }: Pick<VisitRequest, 'rights'>): NotRoot {
  if (!(caught instanceof NotRoot)) throw caught;
  if (rights !== 'root') return caught;
  throw new Refusal({
    outcome: 'unsupported',
    phase: 'exec',
    code: 'not-root',
    message: `no root shell at ${endpoint(plan)}: ${caught.message}`,
    hint: 'log in as root, or become root by sudo: --sudo, or sudo: true in the inventory; $SYNAUDIT_SUDO_PASSWORD holds a password',
    retryable: false,
  });
}

/** What the result says where the script was read with the rights of the login. */
export const notRootNote = ({ message }: NotRoot): string => `read without root: ${message}`;
