/** From a plan to a session: places, TCP or a jump host, key exchange, login, and the one second try that is allowed. */
import type { Duplex } from 'node:stream';
import type { ConnectPlan } from '../model/plan.ts';
import type { Course } from './course.ts';
import type { Credentials } from './credentials.ts';
import { once } from './deadline.ts';
import { dial } from './dial.ts';
import { interrupted, Refusal } from './errors.ts';
import { hopLost } from './hop-channel.ts';
import type { HopLease } from './hops.ts';
import type { HostKeyJudge, HostKeyStore } from './host-keys.ts';
import { isDroppedEarly } from './losses.ts';
import { openProxy } from './proxy.ts';
import { OtherKeyTypes, openSession, type Session } from './session.ts';
import type { Environment } from './shell.ts';
import type { HandshakeGate } from './transport.ts';

/** What connections of one run share. */
export interface Shared {
  readonly credentials: Credentials;
  readonly hostKeys: HostKeyStore;
  /** For commands of ssh_config; left out: that of this process. */
  readonly env: Environment | undefined;
}

/** One connection to be made. */
export interface Link {
  readonly plan: ConnectPlan;
  /** The jump host to go through; undefined for a direct connection. */
  readonly through: HopLease | undefined;
  readonly gate: HandshakeGate;
  readonly course: Course;
}

/** After that much silence a peer gives its place to others; it keeps its deadline. */
const silenceMs = 1_000;
/** Before the second try: long enough for sshd to finish a few logins, apart enough not to come all at once. */
const jitterMs = { least: 200, most: 1_000 };

/** Connects and logs in. Rejects with a Refusal. */
export async function connectLink(link: Link, shared: Shared): Promise<Session> {
  const { refusal } = link.plan;
  if (refusal !== undefined) throw new Refusal({ ...refusal, phase: 'plan', retryable: false });
  const judge = await shared.hostKeys.open(link.plan);
  const attempt = (): Promise<Session> => connectOnce({ ...link, judge }, shared);
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof OtherKeyTypes) return attempt();
    if (!(error instanceof Refusal) || !isDroppedEarly(error.error) || link.through?.isLost() === true) throw error;
    await pause(link.course.signal);
    return attempt();
  }
}

function pause(signal: AbortSignal): Promise<void> {
  const ms = jitterMs.least + Math.random() * (jitterMs.most - jitterMs.least);
  return new Promise((resolve, reject) => {
    const done = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onAbort = (): void => done(() => reject(signal.reason));
    const timer = setTimeout(() => done(resolve), ms);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}

async function connectOnce(link: Link & { readonly judge: HostKeyJudge }, shared: Shared): Promise<Session> {
  const { plan, through, course, judge } = link;
  const { signal, hold } = course;
  const place = await takePlace(link);
  try {
    course.begin();
    course.enter('connect');
    const stream = await openStream(link, shared);
    course.mark('connectMs');
    place.watch(stream);
    course.enter('handshake');
    const onKeys = (): void => {
      course.mark('handshakeMs');
      course.enter('auth');
    };
    const session = await openSession({ plan, stream, judge, credentials: shared.credentials, signal, hold, onKeys });
    course.mark('authMs');
    return session;
  } catch (error) {
    throw through?.isLost() === true ? hopLost(through.hop) : error;
  } finally {
    place.leave();
  }
}

function openStream({ plan, through, course: { signal } }: Link, { env }: Shared): Promise<Duplex> {
  if (through !== undefined) return through.open(plan, signal);
  return plan.proxyCommand === undefined ? dial(plan, signal) : openProxy(plan, signal, env);
}

/** A place among the handshakes in flight. */
interface Place {
  /** Keeps the place as long as the peer talks. */
  readonly watch: (stream: Duplex) => void;
  readonly leave: () => void;
}

async function takePlace({ gate, through, course: { signal } }: Link): Promise<Place> {
  const leaveHop = await through?.places.enter(signal);
  const leaveGate = await gate.enter(signal).catch(() => {
    leaveHop?.();
    // A gate that lets nobody in any more is the end of the run.
    throw signal.aborted ? signal.reason : interrupted('connect');
  });
  let stop = (): void => {};
  const leave = once(() => {
    clearTimeout(silence);
    stop();
    leaveGate();
    leaveHop?.();
  });
  const silence = setTimeout(leave, silenceMs);
  const onData = (): void => {
    silence.refresh();
  };
  const watch = (stream: Duplex): void => {
    silence.refresh();
    // Not `on`, which would make the stream flow before ssh2 listens.
    stream.prependListener('data', onData);
    stop = () => stream.off('data', onData);
  };
  return { watch, leave };
}
