/**
 * Connection attempts from a host, through SSH forwarding: its sshd connects, and opens a channel once it is connected.
 * A target that accepts and then resets is `connected`: sshd tells a reset as it tells an end. The time of an attempt has
 * one round trip of SSH in it, and up to one more where answers follow each other closely (Nagle's algorithm in sshd).
 */
import { setMaxListeners } from 'node:events';
import type { Attempt, AttemptOutcome, ProbeTarget, Tunnel } from '../model/probe.ts';
import { stripControls } from '../text/ansi.ts';
import type { OpenFailure } from './open-failure.ts';
import { createRoundTrips } from './round-trips.ts';
import { type RunningAttempt, startAttempt } from './tunnel-attempt.ts';

/** Who waits for a channel. */
export interface ChannelWatch {
  /** Called once, unless the connection ends before; `said` are the server's words. */
  readonly onAnswer: (failure: OpenFailure | undefined, said: string) => void;
  /** Called once nothing of the channel is left. */
  readonly onGone: () => void;
}

/** An SSH connection that forwards. `open` and `ping` throw where it is gone. */
export interface Forwarder {
  /** Asks for a channel to the target, and closes it as soon as it is open. */
  readonly open: (target: ProbeTarget, watch: ChannelWatch) => void;
  /** Asks for something that the server must answer, and that starts nothing. */
  readonly ping: (onAnswer: () => void) => void;
  readonly close: () => void;
}

/** A tunnel, for who watches its connection. */
export interface OwnedTunnel extends Tunnel {
  /** Ends all attempts, and allows no further one. The first reason stays. */
  readonly lose: (why: string) => void;
  /** Makes so many round trips, one after the other. Throws where the connection is gone. */
  readonly measure: (roundTrips: number, onMeasured: () => void) => void;
}

/** Channels of one connection that are not over: each is a descriptor of its sshd, which mostly has 1024. */
const mostChannels = 256;
/** Targets that are remembered as forbidden. */
const mostForbidden = 10_000;

/** `host` is the inventory name. The forwarder is the tunnel's from now on, and ends with it. */
export function createTunnel(host: string, forwarder: Forwarder): OwnedTunnel {
  const roundTrips = createRoundTrips(forwarder.ping);
  const running = new Set<RunningAttempt>();
  const forbidden = new Set<string>();
  /** Channels asked for and not answered; true once the attempt is over without an answer. */
  const asked = new Set<{ isAbandoned: boolean }>();
  let channels = 0;
  let lost: string | null = null;

  const lose = (why: string): void => {
    if (lost !== null) return;
    lost = why;
    asked.clear();
    for (const attempt of running) attempt.stop(why);
  };
  const answerOf = (
    target: ProbeTarget,
    failure: OpenFailure | undefined,
    said: string,
  ): { outcome: AttemptOutcome; why?: string } => {
    if (failure === undefined) return { outcome: 'connected' };
    if (failure !== 'prohibited') return { outcome: outcomes[failure], why: wordsOf(said) };
    if (forbidden.size < mostForbidden) forbidden.add(nameOf(target));
    return { outcome: 'not-sent', why: notForwarded(host) };
  };
  /** Why the next attempt is not made; undefined if it may be. */
  const obstacle = (target: ProbeTarget, signal: AbortSignal): string | undefined => {
    if (lost !== null) return lost;
    if (signal.aborted) return 'interrupted';
    if (forbidden.has(nameOf(target))) return notForwarded(host);
    if (channels >= mostChannels) return `${mostChannels} connects of ${host} are not over`;
    return undefined;
  };

  const connect: Tunnel['connect'] = async (target, { timeoutMs, signal }) => {
    const why = obstacle(target, signal);
    if (why !== undefined) return { outcome: 'not-sent', ms: 0, why };
    const channel = { isAbandoned: false };
    const ask = (onAnswer: (answer: Omit<Attempt, 'ms'>) => void): void => {
      asked.add(channel);
      channels += 1;
      forwarder.open(target, {
        onAnswer: (failure, said) => {
          asked.delete(channel);
          onAnswer(answerOf(target, failure, said));
        },
        onGone: () => {
          channels -= 1;
        },
      });
    };
    const way = { ask, roundTrip: roundTrips.start, shortestMs: () => roundTrips.shortest() ?? 0 };
    const attempt = tryTo(() => startAttempt(way, timeoutMs));
    if (attempt === undefined) {
      lose(`the SSH connection to ${host} ended`);
      return { outcome: 'not-sent', ms: 0, why: lost ?? '' };
    }
    const onAbort = (): void => attempt.stop('interrupted');
    running.add(attempt);
    // One listener per attempt under way is no leak.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', onAbort);
    try {
      return await attempt.result;
    } finally {
      channel.isAbandoned = true;
      running.delete(attempt);
      signal.removeEventListener('abort', onAbort);
    }
  };
  const measure: OwnedTunnel['measure'] = (left, onMeasured) => {
    if (left === 0) onMeasured();
    else roundTrips.start(() => measure(left - 1, onMeasured));
  };
  return {
    connect,
    roundTripMs: roundTrips.shortest,
    pending: () => [...asked].filter(({ isAbandoned }) => isAbandoned).length,
    lost: () => lost,
    lose,
    measure,
    close: () => {
      lose(`the SSH connection to ${host} was closed`);
      forwarder.close();
    },
  };
}

const outcomes: Readonly<Record<Exclude<OpenFailure, 'prohibited'>, AttemptOutcome>> = {
  exhausted: 'not-sent',
  blocked: 'not-sent',
  ended: 'not-sent',
  refused: 'refused',
  reset: 'reset',
  'timed-out': 'timeout',
  unresolved: 'unreachable',
  'no-route': 'unreachable',
  failed: 'unreachable',
};

/** Unit: characters. */
const mostWords = 160;

/** What the server said, without what ssh2 puts before it. */
const wordsOf = (said: string): string =>
  stripControls(said.replace(/^\(SSH\) Channel open failure: /, '')).slice(0, mostWords) ||
  'the server gives no reason';

const nameOf = ({ host, port }: ProbeTarget): string => `${host} port ${port}`;

/** Without the target, so that it is one reason for all of them. */
const notForwarded = (host: string): string =>
  `${host} does not forward to it: see AllowTcpForwarding and PermitOpen in its sshd_config`;

function tryTo<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
