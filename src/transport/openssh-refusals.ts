/** The complaints of transport openssh, in the words and under the codes of transport ssh2. */
import type { ConnectPlan } from '../model/plan.ts';
import type { Phase, VisitError } from '../model/visit.ts';
import { authFailed } from './auth-failed.ts';
import { noCommonAlgorithm } from './disagreement.ts';
import { endpoint, noShellGiven, Refusal } from './errors.ts';
import { type Loss, refusalOf } from './losses.ts';
import type { ServerOffer } from './server-offer.ts';

/** How a connection of ssh ended. */
export interface SshFailure {
  readonly plan: ConnectPlan;
  readonly phase: Phase;
  /** Lines that ssh said, in order. */
  readonly said: readonly string[];
  readonly tried: readonly string[];
  /** What the server sent instead of an identification. */
  readonly greeting: string;
  /** `ED25519 SHA256:…` as far as the server came. */
  readonly hostKey: string | undefined;
}

/** A complaint; without a phase it is of the phase in which it came. */
export type Kind = Pick<VisitError, 'outcome' | 'code' | 'message' | 'hint' | 'retryable'> & { readonly phase?: Phase };

/** There is no such program, or somebody ended it. */
export const noSsh = (plan: ConnectPlan, problem: string): Refusal =>
  /ENOENT|EACCES/.test(problem)
    ? new Refusal({
        outcome: 'unsupported',
        phase: 'plan',
        code: 'no-ssh',
        message: `transport openssh needs the program ssh, which cannot be started here: ${problem}`,
        hint: 'install the OpenSSH client, or use transport ssh2',
        retryable: false,
      })
    : new Refusal({
        outcome: 'failed',
        phase: 'exec',
        code: 'ssh-ended',
        message: `the ssh to ${endpoint(plan)} has no result: ${problem}`,
        hint: 'something on this machine ends processes: look at memory and limits',
        retryable: true,
      });

const causes: readonly (readonly [RegExp, string])[] = [
  [/refused/i, 'ECONNREFUSED'],
  [/no route/i, 'EHOSTUNREACH'],
  [/network is unreachable/i, 'ENETUNREACH'],
  [/timed out/i, 'ETIMEDOUT'],
  [/not permitted/i, 'EPERM'],
  [/permission denied/i, 'EACCES'],
  [/reset by peer/i, 'ECONNRESET'],
  [/not known|no address|resolve|unknown host/i, 'ENOTFOUND'],
];

/** The errno name in what ssh or a jump host says of a connection that failed; else its first words. */
export const errnoOf = (text: string): string =>
  causes.find(([pattern]) => pattern.test(text))?.[1] ?? text.slice(0, 100);

/** The error of getaddrinfo(3). */
export const resolverCode = (text: string): string => (/temporary failure/i.test(text) ? 'EAI_AGAIN' : 'ENOTFOUND');

/** The name of the jump host next to the host. */
export const lastHop = ({ hops }: ConnectPlan): string | undefined => hops.at(-1)?.host;

/** The same words as of transport ssh2. */
export const lost = (text: string, plan: ConnectPlan, phase: Phase = 'handshake'): Refusal =>
  refusalOf({ error: new Error(text), phase, greeting: identified }, plan);

const identified: Loss['greeting'] = 'SSH-2.0-x\r\n';

/** Before the identification it is another closing than after it. */
export const closed = ({ plan, phase, said, greeting }: SshFailure): Refusal => {
  const early = phase === 'connect' || said.some(line => /exchange_identification/.test(line));
  return refusalOf(
    { error: undefined, phase: early ? 'handshake' : phase, greeting: early ? greeting : identified },
    plan,
  );
};

/** A line of a configuration, or an option of ours that this ssh does not know. */
export function refusedConfig([, ours, theirs, owner]: RegExpExecArray): Kind {
  return {
    outcome: 'unsupported',
    phase: 'plan',
    code: 'ssh-config-refused',
    message: `ssh refuses its configuration: ${ours ?? theirs ?? owner ?? ''}`.slice(0, 300),
    hint:
      ours === undefined ? 'correct it, or name another with --ssh-config' : 'the ssh of this machine may be too old',
    retryable: false,
  };
}

function forbidden(plan: ConnectPlan): Kind & { readonly hop?: string } {
  const hop = lastHop(plan);
  return {
    outcome: 'unreachable',
    phase: 'connect',
    code: 'forwarding-refused',
    message: `jump host ${hop ?? ''} refuses to forward to ${endpoint(plan)}`,
    hint: 'see AllowTcpForwarding and PermitOpen in sshd_config of the jump host',
    retryable: false,
    ...(hop !== undefined && { hop }),
  };
}

const rejected = (code: string, message: string, hint: string): Kind => ({
  outcome: 'hostkey-rejected',
  phase: 'handshake',
  code,
  message,
  hint,
  retryable: false,
});

const presented = ({ plan, hostKey }: SshFailure): string => `${endpoint(plan)} presents ${hostKey ?? 'a key'}`;

/** Another key is known. */
export function changed(failure: SshFailure): Kind {
  const places = failure.said.flatMap(line => /^Offending \S+ key in (.+:\d+)$/.exec(line)?.[1] ?? []);
  const remove = failure.said.find(line => /^\s*ssh-keygen -f /.test(line))?.trim();
  return rejected(
    'hostkey-changed',
    `host key changed: ${presented(failure)}, but ${places.join(', ') || 'known_hosts'} knows another`,
    `if the host was reinstalled: ${remove ?? 'remove that line'}; if not, somebody may stand in between`,
  );
}

/** The key is in a list of revoked ones. */
export const revoked = (failure: SshFailure): Kind =>
  rejected(
    'hostkey-revoked',
    `${presented(failure)}, which is revoked`,
    'the key is known to be stolen or retired: do not log in',
  );

/** No key is known, in mode strict. */
export function unknown(failure: SshFailure): Kind {
  // A certificate that is refused is followed by a look for the plain key.
  const certificate = failure.said.find(line => /^Certificate invalid|certificate/i.test(line));
  return rejected(
    'hostkey-unknown',
    `host key is not known: ${presented(failure)}${certificate === undefined ? '' : ` (${certificate.slice(0, 150)})`}`,
    'compare the fingerprint with the host (ssh-keygen -lf on its console), then accept it with --host-keys accept-new',
  );
}

const families: Readonly<Record<string, keyof ServerOffer>> = {
  'key exchange': 'kex',
  'host key': 'hostKeys',
  cipher: 'ciphers',
  MAC: 'macs',
};

/** No algorithm in common; ssh tells the offer of one family. */
export function disagreement([, what = '', names = '']: RegExpExecArray, { plan }: SshFailure): Kind {
  const family = families[what];
  const offer = family === undefined ? {} : { [family]: names.split(',') };
  return { phase: 'handshake', ...noCommonAlgorithm({ plan, offer, said: what }) };
}

/** SSH_MSG_DISCONNECT with its text. */
export const disconnected = (plan: ConnectPlan, text: string): Refusal =>
  refusalOf({ error: Object.assign(new Error(text), { code: 2 }), phase: 'auth', greeting: identified }, plan);

interface Denial {
  readonly methods: string;
  readonly tried: readonly string[];
  readonly said: readonly string[];
}

/** What ssh says of keys that it could not use stands beside those that it tried. */
export function denied(plan: ConnectPlan, { methods, tried, said }: Denial): Refusal {
  const problems = said.filter(line =>
    /^(?:Load key|sign_and_send_pubkey|Certificate|Warning: Identity file|no such identity)/.test(line),
  );
  const all = [...tried, ...problems.map(line => line.slice(0, 200))];
  return authFailed({ plan, tried: all, offered: methods.split(','), exhausted: false });
}

/** ssh's own deadline, if it comes before ours. */
export const silent = (plan: ConnectPlan): Kind => ({
  outcome: 'timed-out',
  phase: 'handshake',
  code: 'handshake-timeout',
  message: `${endpoint(plan)} accepted the connection, but did not finish the key exchange`,
  hint: 'something accepts connections there but does not answer as SSH: look at load, at sshd, at a middlebox',
  retryable: true,
});

/** RFC 4253 5.1. */
export const ssh1 = (plan: ConnectPlan): Kind => ({
  outcome: 'unsupported',
  phase: 'handshake',
  code: 'ssh-1',
  message: `${endpoint(plan)} speaks SSH 1 only`,
  hint: 'SSH 1 is broken; update the server',
  retryable: false,
});

/** Something else answers there. */
export const notSsh = (plan: ConnectPlan): Kind => ({
  outcome: 'unsupported',
  phase: 'handshake',
  code: 'not-ssh',
  message: `${endpoint(plan)} is not an SSH server`,
  hint: 'correct the port in the inventory or in ssh_config',
  retryable: false,
});

/** The login is good for something else. */
export const noCommand = (plan: ConnectPlan, text: string): Kind =>
  noShellGiven(plan, /open failed/.test(text) ? 'session' : 'command').error;

/** The same words say that a hop does not forward, and that a server gives no session: which it is, the phase tells. */
export const prohibited = (text: string, { plan, phase }: SshFailure): Kind =>
  phase === 'exec' ? noCommand(plan, text) : forbidden(plan);
