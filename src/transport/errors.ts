/** Every way a visit can fail, each as exactly one VisitError. DESIGN.md, "Outcome". */
import type { AlgorithmChoice, ConnectPlan } from '../model/plan.ts';
import type { Phase, VisitError } from '../model/visit.ts';
import { stripControls } from '../text/ansi.ts';

/** Carries a VisitError from where it is known to `visit`, which returns it as a value. Never leaves this folder. */
export class Refusal extends Error {
  readonly error: VisitError;

  constructor(error: VisitError) {
    super(error.message);
    this.name = 'Refusal';
    this.error = error;
  }
}

/** The refusal in something caught; anything else is a bug of ours and says so as a value too. */
export function asRefusal(caught: unknown, phase: Phase): Refusal {
  if (caught instanceof Refusal) return caught;
  const text = caught instanceof Error ? caught.message : String(caught);
  return new Refusal({
    outcome: 'failed',
    phase,
    code: 'internal',
    message: `internal error: ${stripControls(text)}`,
    hint: 'please report this with the output of -v',
    retryable: false,
  });
}

/** `web01.example.com port 22`: how messages name the far end. */
export const endpoint = ({ address, port }: Pick<ConnectPlan, 'address' | 'port'>): string => `${address} port ${port}`;

/** Ctrl-C, or the run's deadline. */
export const interrupted = (phase: Phase): Refusal =>
  new Refusal({
    outcome: 'interrupted',
    phase,
    code: 'interrupted',
    message: 'interrupted before the visit ended',
    hint: 'continue with --resume',
    retryable: true,
  });

/** ssh_config asks for algorithms of which this program has none. */
export const noAlgorithmLeft = (plan: ConnectPlan, { names, origin }: AlgorithmChoice): Refusal =>
  new Refusal({
    outcome: 'unsupported',
    phase: 'handshake',
    code: 'no-common-algorithm',
    message: `nothing can be offered to ${endpoint(plan)}: of ${names.join(', ') || 'the empty list'} (${origin}) this program has none`,
    hint: 'add an older algorithm to that line of ssh_config, or set algorithms for the host in the inventory',
    retryable: false,
  });

const networkHint = 'check address, routes and firewalls between here and there';

const lateHints: Readonly<Record<Phase, string>> = {
  plan: networkHint,
  connect: networkHint,
  handshake: 'something accepts connections there but does not answer as SSH: look at load, at sshd, at a middlebox',
  auth: 'sshd may wait for DNS, PAM or a directory service (UseDNS, LDAP): look at its log',
  exec: 'the login works, the command does not end: a hanging file system or shell profile, or an overloaded host',
  collect: networkHint,
};

/** What was waited for in each phase, behind "address port n". */
const lateWords: Readonly<Record<Phase, string>> = {
  plan: 'was not planned',
  connect: 'did not connect',
  handshake: 'accepted the connection, but did not finish the key exchange',
  auth: 'exchanged keys, but did not finish the login',
  exec: 'accepted the login, but did not finish the command',
  collect: 'was not collected',
};

/** A deadline of a phase after TCP. */
export const late = (phase: Phase, plan: ConnectPlan, ms: number): Refusal =>
  timedOut(phase, `${phase}-timeout`, `${endpoint(plan)} ${lateWords[phase]} within ${seconds(ms)}`);

/** The deadline of the whole visit. */
export const hostLate = (phase: Phase, plan: ConnectPlan, ms: number): Refusal =>
  timedOut(
    phase,
    'host-timeout',
    `the visit to ${endpoint(plan)} was not over after ${seconds(ms)}, in phase ${phase}`,
  );

const timedOut = (phase: Phase, code: string, message: string): Refusal =>
  new Refusal({ outcome: 'timed-out', phase, code, message, hint: lateHints[phase], retryable: true });

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

interface Unreachable {
  readonly code: string;
  readonly what: string;
  readonly hint: string;
}

/** What the kernel and the resolver say when there is no connection: connect(2), getaddrinfo(3). */
const unreachableByCode: Readonly<Record<string, Unreachable>> = {
  ECONNREFUSED: { code: 'refused', what: 'connection refused', hint: 'is sshd running, and is this its port?' },
  EHOSTUNREACH: { code: 'no-route', what: 'no route to host', hint: networkHint },
  ENETUNREACH: { code: 'no-route', what: 'network is unreachable', hint: networkHint },
  ETIMEDOUT: { code: 'connect-timeout', what: 'no answer', hint: networkHint },
  EACCES: { code: 'not-permitted', what: 'a local firewall refuses the connection', hint: networkHint },
  EPERM: { code: 'not-permitted', what: 'a local firewall refuses the connection', hint: networkHint },
  ENOTFOUND: { code: 'dns', what: 'name does not resolve', hint: 'correct the name, or set address in the inventory' },
  EAI_AGAIN: { code: 'dns', what: 'the resolver does not answer', hint: 'check name resolution on this machine' },
  EMFILE: { code: 'no-descriptors', what: 'out of file descriptors', hint: 'lower --max-open or raise ulimit -n' },
};

/** No TCP connection. `code` is an errno name, `via` the jump host through which it was tried. */
export function unreachable(plan: ConnectPlan, code: string, via?: string): Refusal {
  const known = unreachableByCode[code] ?? { code: code.toLowerCase(), what: stripControls(code), hint: networkHint };
  const path = via === undefined ? '' : ` from jump host ${via}`;
  return new Refusal({
    outcome: 'unreachable',
    phase: 'connect',
    code: known.code,
    message: `connect to ${endpoint(plan)}${path}: ${known.what}`,
    hint: known.hint,
    retryable: known.code !== 'dns' || code === 'EAI_AGAIN',
  });
}

/** TCP deadline, name resolution included. */
export const connectLate = (plan: ConnectPlan, via?: string): Refusal => {
  const path = via === undefined ? '' : ` from jump host ${via}`;
  return new Refusal({
    outcome: 'unreachable',
    phase: 'connect',
    code: 'connect-timeout',
    message: `connect to ${endpoint(plan)}${path}: no answer within ${seconds(plan.deadlines.connectMs)}`,
    hint: networkHint,
    retryable: true,
  });
};

/**
 * The same error, seen by a host behind that jump host. What the hop refuses (its key, our key, a deadline) keeps its
 * outcome; a hop that is gone makes the host unreachable.
 */
export function throughHop(refusal: Refusal, hop: ConnectPlan): Refusal {
  const { error } = refusal;
  if (error.hop !== undefined || error.outcome === 'interrupted') return refusal;
  return new Refusal({
    ...error,
    outcome: error.outcome === 'failed' ? 'unreachable' : error.outcome,
    message: `jump host ${hop.host}: ${error.message}`,
    hop: hop.host,
  });
}

/** The server took the login, and then opens no session, or runs no command in it. */
export const noShellGiven = (plan: ConnectPlan, refused: 'session' | 'command'): Refusal => {
  const session = refused === 'session';
  return new Refusal({
    outcome: 'unsupported',
    phase: 'exec',
    code: session ? 'session-refused' : 'exec-refused',
    message: `${endpoint(plan)} accepted the login, but ${session ? 'gives no session' : 'runs no commands'}`,
    hint: session ? 'see MaxSessions in sshd_config' : 'the account may be for file transfer or forwarding only',
    retryable: false,
  });
};
