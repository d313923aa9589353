/** One SSH connection over a stream that is already connected: key exchange, host key, login. The only use of `Client`. */
import type { Duplex } from 'node:stream';
import { type AuthHandlerMiddleware, Client, type NegotiatedAlgorithms } from 'ssh2';
import type { ConnectPlan, Keepalive } from '../model/plan.ts';
import type { Phase, SshAlgorithms } from '../model/visit.ts';
import { algorithmsFor, NothingToOffer } from './algorithms.ts';
import { createLogin } from './auth.ts';
import { passwordExpired } from './auth-failed.ts';
import type { Credentials } from './credentials.ts';
import { bounded, holdAll } from './deadline.ts';
import { late, noAlgorithmLeft, Refusal } from './errors.ts';
import { skipPrimalityTest } from './group-exchange.ts';
import type { HostKeyJudge } from './host-keys.ts';
import { lateRefusal, refusalOf } from './losses.ts';
import { createOpening } from './server-offer.ts';

/** A live connection after login. */
export interface Session {
  readonly client: Client;
  /** Agreed on in the first key exchange; every later one is offered the same. */
  readonly algorithms: SshAlgorithms;
  readonly notes: readonly string[];
  /** Calls back once if the connection ends, at once if it has ended. The latest caller wins. */
  readonly onLost: (phase: Phase, report: (refusal: Refusal) => void) => void;
  /** Says goodbye and lets go of the stream, in any state. */
  readonly close: () => void;
}

/** What a connection needs. */
export interface SessionRequest {
  readonly plan: ConnectPlan;
  readonly stream: Duplex;
  readonly judge: HostKeyJudge;
  readonly credentials: Credentials;
  /** Aborted when the whole visit is over. */
  readonly signal: AbortSignal;
  /** Stops the deadline of the whole visit while a person is asked. */
  readonly hold: () => () => void;
  /** Told when keys are exchanged and the host key is accepted. */
  readonly onKeys: () => void;
}

/** Keys of other types are known: the server may own one of them, if it is asked for it first. Refused if it does not. */
export class OtherKeyTypes extends Refusal {}

/** A dead peer is noticed after 40 s at most, while a command runs or a hop idles. */
const usualKeepalive: Keepalive = { intervalMs: 10_000, countMax: 3 };

/** Exchanges keys and logs in. Rejects with a Refusal (or OtherKeyTypes); the stream is then destroyed. */
export async function openSession(request: SessionRequest): Promise<Session> {
  const connection = startConnection(request);
  try {
    const algorithms = await handshake(connection, request);
    request.onKeys();
    await login(connection, request);
    return { ...connection.session, algorithms };
  } catch (error) {
    connection.session.close();
    request.stream.destroy();
    throw error;
  }
}

/** What listeners share. A connection is lost once; whoever waits then is told. */
interface Connection {
  readonly session: Omit<Session, 'algorithms'>;
  readonly greeting: () => string;
  readonly notes: string[];
  /** Set by the verifier when it refuses the host key: ssh2 then reports nothing but a failed handshake. */
  refusal: Error | undefined;
  /** Set when the login begins; a server that asks for one before the keys are exchanged waits for its deadline. */
  authHandler: AuthHandlerMiddleware | undefined;
}

function startConnection({ plan, stream }: SessionRequest): Connection {
  const client = new Client();
  const notes: string[] = [];
  const opening = createOpening();
  let waiting: { readonly phase: Phase; readonly report: (refusal: Refusal) => void } | undefined;
  let lost: { readonly error: Error | undefined } | undefined;

  const report = (): void => {
    if (lost === undefined || waiting === undefined) return;
    const { phase, report: tell } = waiting;
    waiting = undefined;
    tell(refusalOf({ error: lost.error, phase, greeting: opening.greeting(), offer: opening.offer() }, plan));
  };
  const lose = (error?: Error): void => {
    lost ??= { error };
    report();
  };
  // This listener stays for ever: errors come after `ready` and after `end` too, and one without listener would end the
  // process. Errors of agents and signatures are not the end: ssh2 goes on with the next method.
  client.on('error', error => {
    if (error.level !== 'agent' && error.level !== 'client-authentication') lose(error);
  });
  client.on('close', () => lose());
  client.on('end', () => lose());
  const sniff = (chunk: Buffer): void => {
    if (!opening.add(chunk)) stream.off('data', sniff);
  };
  // Not `on`, which would make the stream flow before ssh2 listens.
  stream.prependListener('data', sniff);
  if (stream.destroyed) lose();

  const session: Connection['session'] = {
    client,
    notes,
    onLost: (phase, tell) => {
      waiting = { phase, report: tell };
      report();
    },
    close: () => {
      waiting = undefined;
      // Destroyed once the goodbye is written: a peer that never answers it must not keep a descriptor.
      stream.once('finish', () => stream.destroy());
      client.end();
      if (stream.writableFinished) stream.destroy();
    },
  };
  return { session, greeting: opening.greeting, notes, refusal: undefined, authHandler: undefined };
}

function handshake(connection: Connection, request: SessionRequest): Promise<SshAlgorithms> {
  const { plan, stream, signal, judge } = request;
  const { session } = connection;
  const ms = plan.deadlines.handshakeMs;
  const onLate = (): Refusal => lateRefusal('handshake', plan, { ms, greeting: connection.greeting() });
  const algorithms = offered(plan, judge);
  return bounded({ ms, signal, onLate }, ({ resolve, reject }) => {
    session.onLost('handshake', refusal => reject(connection.refusal ?? refusal));
    const onHandshake = (negotiated: NegotiatedAlgorithms): void => resolve(algorithmsOf(negotiated));
    session.client.once('handshake', onHandshake);
    const keepalive = plan.keepalive ?? usualKeepalive;
    session.client.connect({
      sock: stream,
      username: plan.user,
      readyTimeout: 0,
      keepaliveInterval: keepalive.intervalMs,
      keepaliveCountMax: keepalive.countMax,
      algorithms,
      hostVerifier: verifier(connection, judge),
      authHandler: (methods, partial, next) => connection.authHandler?.(methods, partial, next),
    });
    skipPrimalityTest(session.client);
    return () => session.client.off('handshake', onHandshake);
  });
}

const algorithmsOf = ({ kex, serverHostKey, cs: { cipher, mac } }: NegotiatedAlgorithms): SshAlgorithms => ({
  kex,
  hostKey: serverHostKey,
  cipher,
  mac,
});

function offered(plan: ConnectPlan, judge: HostKeyJudge): ReturnType<typeof algorithmsFor> {
  try {
    return algorithmsFor(plan, judge.preferredTypes());
  } catch (error) {
    throw error instanceof NothingToOffer ? noAlgorithmLeft(plan, error.choice) : error;
  }
}

function verifier(connection: Connection, judge: HostKeyJudge): (blob: Buffer, verify: (ok: boolean) => void) => void {
  return (blob, verify) => {
    judge.judge(blob).then(
      decision => {
        if (!decision.accepted)
          connection.refusal = decision.otherTypes ? new OtherKeyTypes(decision.refusal.error) : decision.refusal;
        else if (decision.note !== undefined) connection.notes.push(decision.note);
        verify(decision.accepted);
      },
      (error: Error) => {
        connection.refusal = error;
        verify(false);
      },
    );
  };
}

function login(connection: Connection, { plan, signal, hold, credentials }: SessionRequest): Promise<void> {
  const { client, onLost } = connection.session;
  const ms = plan.deadlines.authMs;
  return bounded({ ms, signal, onLate: () => late('auth', plan, ms) }, ({ resolve, reject, deadline }) => {
    onLost('auth', reject);
    const attempt = createLogin({ plan, signal, hold: holdAll(deadline.hold, hold), onFailure: reject }, credentials);
    connection.authHandler = attempt.handler;
    const onReady = (): void => {
      attempt.onAccepted();
      resolve();
    };
    client.once('ready', onReady);
    client.once('change password', () => reject(passwordExpired(plan)));
    return () => {
      client.off('ready', onReady);
      attempt.end();
    };
  });
}
