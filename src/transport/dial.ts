/** TCP to a host, with a deadline that includes name resolution. */
import { lookup } from 'node:dns';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import type { ConnectPlan } from '../model/plan.ts';
import { bounded } from './deadline.ts';
import { connectLate, type Refusal, unreachable } from './errors.ts';
import { localEnd } from './local-end.ts';
import { refusalOf } from './losses.ts';

/**
 * How long one address of several is tried before the next. Node's default of 250 ms gives up before a lost SYN is sent
 * again (1 s, RFC 6298 2.1), and lost SYNs are what this program looks for.
 */
const perAddressMs = 1_500;

/** A connected socket without Nagle's delay (which costs OpenSSH logins 170 ms), or a Refusal `unreachable`. */
export async function dial(plan: ConnectPlan, signal: AbortSignal): Promise<Socket> {
  const bounds = { ms: plan.deadlines.connectMs, signal, onLate: () => connectLate(plan) };
  const localAddress = await localEnd(plan);
  return bounded<Socket>(bounds, ({ resolve, reject }) => {
    const socket = connect({
      host: plan.address,
      port: plan.port,
      noDelay: true,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: perAddressMs,
      ...(plan.addressFamily !== undefined && { lookup: lookupOf(plan.addressFamily) }),
      ...(localAddress !== undefined && { localAddress, family: isIP(localAddress) }),
    });
    gatherWrites(socket);
    socket.once('connect', () => resolve(socket));
    // Stays for ever: an error between this step and the next must find a listener.
    socket.on('error', error => reject(refusedBy(plan, errnoOf(error))));
    return succeeded => {
      if (!succeeded) socket.destroy();
    };
  });
}

/** Not the option `family`, which would have Node try the first address alone. */
const lookupOf =
  (family: 'inet' | 'inet6'): LookupFunction =>
  (name, options, give) =>
    lookup(name, { ...options, family: family === 'inet' ? 4 : 6 }, give);

/**
 * What is written in answer to one arrival leaves as one segment: without Nagle every packet of SSH would be sent alone,
 * and a segment costs more than its encryption (0.2 ms of 2.5 ms per visit on loopback).
 */
function gatherWrites(socket: Socket): void {
  let gathering = false;
  const send = (): void => {
    gathering = false;
    socket.uncork();
  };
  // Not `on`, which would make the stream flow before ssh2 listens.
  socket.prependListener('data', () => {
    if (gathering) return;
    gathering = true;
    socket.cork();
    setImmediate(send);
  });
}

/** A reset is an answer: something accepted and dropped us before the kernel could tell that we were connected. */
const refusedBy = (plan: ConnectPlan, errno: string): Refusal =>
  errno === 'ECONNRESET'
    ? refusalOf({ error: undefined, phase: 'handshake', greeting: '' }, plan)
    : unreachable(plan, errno);

/** The errno name; of several addresses that of a refusal, else of the first. */
function errnoOf(error: Error): string {
  const causes = error instanceof AggregateError ? error.errors : [error];
  const codes = causes.map(cause => (cause instanceof Error && 'code' in cause ? String(cause.code) : 'EUNKNOWN'));
  return codes.find(code => code === 'ECONNREFUSED') ?? codes[0] ?? 'EUNKNOWN';
}
