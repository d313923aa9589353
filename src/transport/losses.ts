/** From the ways an SSH connection is lost to the one error that each of them is. */
import type { ConnectPlan } from '../model/plan.ts';
import type { Phase, VisitError } from '../model/visit.ts';
import { stripControls } from '../text/ansi.ts';
import { noCommonAlgorithm } from './disagreement.ts';
import { endpoint, late, Refusal } from './errors.ts';
import type { ServerOffer } from './server-offer.ts';

/** What is known when a connection ends before its time. */
export interface Loss {
  /** What ssh2 or the socket reported; undefined if the peer just closed. */
  readonly error: Error | undefined;
  readonly phase: Phase;
  /** The first bytes that the peer sent, as Latin-1; the identification string of an SSH server, if it is one. */
  readonly greeting: string;
  /** What the server can do, as far as it said so. */
  readonly offer?: ServerOffer | undefined;
}

type Kind = Pick<VisitError, 'outcome' | 'code' | 'message' | 'hint' | 'retryable'>;

/** The one refusal for a lost connection. */
export function refusalOf(loss: Loss, plan: ConnectPlan): Refusal {
  const kind = isIdentified(loss.greeting)
    ? afterIdentification(loss, plan)
    : beforeIdentification(loss.greeting, plan);
  return new Refusal({ phase: loss.phase, ...kind });
}

/** A deadline of a phase; a peer that talks, but not SSH, is told apart from one that is silent. */
export const lateRefusal = (
  phase: Phase,
  plan: ConnectPlan,
  { ms, greeting }: { ms: number; greeting: string },
): Refusal =>
  phase === 'handshake' && !isIdentified(greeting) && greeting.includes('\n')
    ? new Refusal({ phase, ...notSsh(greeting, plan) })
    : late(phase, plan, ms);

/** Whether a peer that dropped us before it knew us, or a busy jump host, may take us in a moment: MaxStartups of sshd_config(5). */
export const isDroppedEarly = ({ phase, code }: VisitError): boolean =>
  (phase === 'handshake' && code === 'closed') || code === 'hop-busy';

/** RFC 4253 4.2: other lines may come before the identification. 1.99 is a server that speaks 2.0 as well. */
const isIdentified = (greeting: string): boolean => /^SSH-(?:2\.0|1\.99)-/m.test(greeting);

const closedHint =
  'sshd drops connections when too many log in at once (MaxStartups, PerSourcePenalties) or by hosts.deny: look at its log';

function beforeIdentification(greeting: string, plan: ConnectPlan): Kind {
  const said = firstLine(greeting);
  // sshd.c drop_connection(): these lines come instead of an identification.
  if (said === '' || /^(?:Exceeded MaxStartups|Not allowed at this time)/.test(said)) {
    const message = `${endpoint(plan)} closed the connection before its SSH identification${said && `: "${said}"`}`;
    return { outcome: 'failed', code: 'closed', message, hint: closedHint, retryable: true };
  }
  if (/^SSH-1\./.test(said)) {
    return unsupported(
      'ssh-1',
      `${endpoint(plan)} speaks SSH 1 only ("${said}")`,
      'SSH 1 is broken; update the server',
    );
  }
  return notSsh(greeting, plan);
}

function notSsh(greeting: string, plan: ConnectPlan): Kind {
  const what = /^HTTP\//.test(greeting) ? 'an HTTP server' : 'not an SSH server';
  const message = `${endpoint(plan)} is ${what}; it says "${firstLine(greeting)}"`;
  return unsupported('not-ssh', message, 'correct the port in the inventory or in ssh_config');
}

const unsupported = (code: string, message: string, hint: string): Kind => ({
  outcome: 'unsupported',
  code,
  message,
  hint,
  retryable: false,
});

const firstLine = (greeting: string): string => stripControls(greeting.split('\n', 1)[0] ?? '').slice(0, 80);

/** Errors of the socket that mean: the peer, or the network, ended the connection. */
const endings = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE']);

function afterIdentification({ error, phase, offer }: Loss, plan: ConnectPlan): Kind {
  const text = stripControls(error?.message ?? '');
  const code = error !== undefined && 'code' in error ? error.code : undefined;
  if (error === undefined || text.endsWith('before handshake') || endings.has(String(code))) return closed(phase, plan);
  if (code === 'ETIMEDOUT' || text === 'Keepalive timeout') {
    const message = `${endpoint(plan)} stopped answering in phase ${phase}`;
    return {
      outcome: 'timed-out',
      code: 'keepalive-timeout',
      message,
      hint: 'look at the network and the host',
      retryable: true,
    };
  }
  const mismatch = /no matching (.+)$/.exec(text)?.[1];
  if (mismatch !== undefined) return noCommonAlgorithm({ plan, offer: offer ?? {}, said: mismatch });
  if (/signature verification failed/.test(text)) {
    const message = `${endpoint(plan)} could not prove that it owns its host key`;
    const hint = 'somebody may stand in between: do not log in before you know why';
    return { outcome: 'hostkey-rejected', code: 'hostkey-unproven', message, hint, retryable: false };
  }
  // A number is the reason code of the peer's SSH_MSG_DISCONNECT (RFC 4253 11.1); 2 in auth is MaxAuthTries.
  if (typeof code === 'number') return disconnected(text, phase, plan);
  const message = `${endpoint(plan)} broke the SSH protocol in phase ${phase}: ${text}`;
  const hint = 'try ssh -v to the same address; a middlebox or another service may answer there';
  return { outcome: 'failed', code: 'protocol-error', message, hint, retryable: false };
}

function closed(phase: Phase, plan: ConnectPlan): Kind {
  const message = `${endpoint(plan)} closed the connection in phase ${phase}`;
  const hint = phase === 'handshake' ? closedHint : 'look at the log of sshd on the host';
  return { outcome: 'failed', code: 'closed', message, hint, retryable: phase !== 'auth' };
}

function disconnected(text: string, phase: Phase, plan: ConnectPlan): Kind {
  if (phase === 'auth' && /too many authentication failures/i.test(text)) {
    const message = `${endpoint(plan)} stopped the login: ${text}`;
    const hint = 'name the one right key with --identity or IdentityFile, and set IdentitiesOnly';
    return { outcome: 'auth-failed', code: 'too-many-attempts', message, hint, retryable: false };
  }
  const message = `${endpoint(plan)} disconnected in phase ${phase}: ${text}`;
  return {
    outcome: 'failed',
    code: 'disconnected',
    message,
    hint: 'look at the log of sshd on the host',
    retryable: false,
  };
}
