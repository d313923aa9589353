/** One TCP connection attempt from this machine. */
import { lookup } from 'node:dns/promises';
import { isIP, type Socket, connect as tcpConnect } from 'node:net';
import type { Attempt, AttemptOutcome, ProbeTarget } from '../model/probe.ts';

/**
 * How long a new connection is watched for a reset before we end it. A kernel that cannot take a connection after all resets
 * it one round trip after our ACK (tcp_abort_on_overflow), a proxy that finds no server behind it some ms later. Unit: ms.
 */
const watchMs = (connectMs: number): number => Math.min(500, 100 + 2 * connectMs);
/** How long the server may take to close, too. Unit: ms. */
const closeMs = 1_000;
/** A SYN without an answer is sent again after so long (TCP_TIMEOUT_INIT). Unit: ms. */
const sentAgainMs = 1_000;
/** When it is looked for the first time whether there is no answer yet. Unit: ms. */
const lookMs = (timeoutMs: number): number => Math.min(100, timeoutMs / 2);

/**
 * Connects, waits a moment, and ends the connection in order: what the server sends first is read and dropped, as a close
 * with unread data would reset the connection. `host` is an address: a name would be looked up each time.
 * A machine that is too busy to run this process gives answers late: what came in time is no timeout, what came after the
 * timeout is no connect, and what may have been the answer to the first SYN or to the next is `not-sent`.
 * Never rejects. An aborted signal ends it at once. All that it opened is closed when it resolves.
 */
export function connectAttempt({ host, port }: ProbeTarget, timeoutMs: number, signal: AbortSignal): Promise<Attempt> {
  const began = performance.now();
  const elapsed = (): number => performance.now() - began;
  if (isIP(host) === 0) return Promise.resolve({ outcome: 'not-sent', ms: 0, why: 'the name has no address here' });
  return new Promise(resolve => {
    let attempt: Attempt | undefined;
    let answeredMs: number | undefined;
    let timer: NodeJS.Timeout | undefined;
    /** Whether it is known that the answer was not there at once. */
    let isSilent = false;
    const look = setTimeout(() => {
      setImmediate(() => {
        isSilent = true;
      });
    }, lookMs(timeoutMs));
    const settle = (outcome: AttemptOutcome, why?: string): void => {
      attempt ??= { outcome, ms: answeredMs ?? elapsed(), ...(why !== undefined && { why }) };
    };
    const socket: Socket = tcpConnect({ host, port, noDelay: true });
    const onAbort = (): void => {
      settle('not-sent', 'interrupted');
      socket.destroy();
    };
    const after = (ms: number, act: () => void): void => {
      clearTimeout(timer);
      timer = setTimeout(act, ms);
    };
    const giveUp = (): void => {
      if (answeredMs !== undefined) return;
      settle('timeout', 'ETIMEDOUT');
      socket.destroy();
    };
    /** Judges the first answer by when it is read. */
    const onAnswer = (): void => {
      if (answeredMs !== undefined) return;
      clearTimeout(look);
      answeredMs = elapsed();
      if (isSilent && answeredMs > timeoutMs) settle('timeout', 'ETIMEDOUT');
      if (!isSilent && answeredMs >= sentAgainMs)
        settle('not-sent', 'this machine was too busy to see the answer in time');
    };
    // Where this process was kept from running the answer may have come in time, and is read first.
    after(timeoutMs, () => setImmediate(giveUp));
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    socket.once('connect', () => {
      onAnswer();
      const end = (): void => {
        settle('connected');
        socket.end();
        after(closeMs, () => socket.destroy());
      };
      socket.once('end', end);
      socket.resume();
      // What came while this process was busy is read before the timer counts.
      after(watchMs(elapsed()), () => setImmediate(end));
    });
    socket.on('error', error => {
      const errno = 'code' in error ? String(error.code) : 'EUNKNOWN';
      onAnswer();
      // What was read says that the server had taken us in.
      if (socket.bytesRead > 0) settle('connected');
      else settle(outcomeOf(errno), errno);
    });
    socket.once('close', () => {
      clearTimeout(timer);
      clearTimeout(look);
      signal.removeEventListener('abort', onAbort);
      settle('reset', 'closed without a word');
      resolve(attempt as Attempt);
    });
  });
}

/** connect(2) and what the kernel makes of ICMP (icmp_err_convert in net/ipv4/icmp.c). Anything else is trouble of ours. */
const outcomes: ReadonlyMap<string, AttemptOutcome> = new Map([
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'reset'],
  ['EPIPE', 'reset'],
  ['ETIMEDOUT', 'timeout'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['EHOSTDOWN', 'unreachable'],
  ['ENONET', 'unreachable'],
  ['ENOPROTOOPT', 'unreachable'],
]);

/** `EADDRNOTAVAIL` (no local port left), `EMFILE` (no descriptor), `EPERM` (own firewall) and the like: not sent. */
export const outcomeOf = (errno: string): AttemptOutcome => outcomes.get(errno) ?? 'not-sent';

/** The resolver of the system may try for half a minute. Unit: ms. */
const lookupMs = 10_000;

/** The address that the system prefers for a name, looked up once for all attempts; undefined if it has none. */
export async function preferredAddress(name: string): Promise<string | undefined> {
  if (isIP(name) !== 0) return name;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), lookupMs);
  });
  const found = lookup(name).then(
    ({ address }) => address,
    () => undefined,
  );
  return Promise.race([found, late]).finally(() => clearTimeout(timer));
}
