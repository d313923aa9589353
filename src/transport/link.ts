/** From a plan to a session: places, TCP or a jump host, key exchange, login, and the further tries that are allowed. */
import type { Duplex } from 'node:stream';
import type { ConnectPlan } from '../model/plan.ts';
import type { Course } from './course.ts';
import type { Credentials } from './credentials.ts';
import { dial } from './dial.ts';
import type { Endpoint, Endpoints } from './endpoints.ts';
import { Refusal } from './errors.ts';
import { takePlace } from './handshake-place.ts';
import { hopLost } from './hop-channel.ts';
import type { HopLease } from './hops.ts';
import type { HostKeyJudge, HostKeyStore } from './host-keys.ts';
import { isDroppedEarly } from './losses.ts';
import { pauseBeforeNextTry } from './pause.ts';
import { openProxy } from './proxy.ts';
import { OtherKeyTypes, openSession, type Session } from './session.ts';
import type { Environment } from './shell.ts';
import type { HandshakeGate } from './transport.ts';

/** What connections of one run share. */
export interface Shared {
  readonly credentials: Credentials;
  readonly hostKeys: HostKeyStore;
  readonly endpoints: Endpoints;
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
  /** The host is a jump host. */
  readonly isHop?: true;
}

/** An sshd that drops connections is tried so often again, if it is likely to take us in: some seconds. */
const retries = 4;

/** Connects and logs in. Rejects with a Refusal. */
export async function connectLink(link: Link, shared: Shared): Promise<Session> {
  const { plan, through, course } = link;
  const { refusal } = plan;
  if (refusal !== undefined) throw new Refusal({ ...refusal, phase: 'plan', retryable: false });
  const judge = await shared.hostKeys.open(plan);
  const endpoint = shared.endpoints(plan, through === undefined ? [] : through.chain);
  const crowds = through === undefined ? [endpoint] : [endpoint, through.handshakes];
  let hasOtherKeys = false;
  for (let tries = 1; ; tries++) {
    try {
      const session = await connectOnce({ ...link, judge, endpoint }, shared);
      for (const crowd of crowds) crowd.accepted();
      return session;
    } catch (error) {
      if (error instanceof OtherKeyTypes && !hasOtherKeys) {
        hasOtherKeys = true;
        continue;
      }
      if (!(error instanceof Refusal) || through?.isLost() === true) throw error;
      if (!isDroppedEarly(error.error) || tries > (isOften(link, error, endpoint) ? retries : 1)) throw error;
      for (const crowd of crowds) crowd.dropped();
      // Out of time: what the server did says more than that.
      await pauseBeforeNextTry(course.signal, tries).catch(reason => {
        throw reason instanceof Refusal && reason.error.outcome === 'interrupted' ? reason : error;
      });
    }
  }
}

/**
 * A lone host that closes at once mostly does so for good (hosts.deny). Not so one of many behind a jump host, which may
 * all be one sshd, and least of all the jump host itself.
 */
const isOften = ({ isHop, through }: Link, { error }: Refusal, endpoint: Endpoint): boolean =>
  isHop === true || through !== undefined || endpoint.isShared() || /MaxStartups/.test(error.message);

interface Attempt extends Link {
  readonly judge: HostKeyJudge;
  readonly endpoint: Endpoint;
}

async function connectOnce(link: Attempt, shared: Shared): Promise<Session> {
  const { plan, through, course, judge, endpoint } = link;
  const { signal, hold } = course;
  // First, as who waits for one busy sshd must not keep others from theirs.
  const leaveEndpoint = await endpoint.enter(signal);
  const place = await takePlace({ gate: link.gate, hopPlaces: through?.handshakes, signal }).catch(error => {
    leaveEndpoint();
    throw error;
  });
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
    leaveEndpoint();
  }
}

function openStream({ plan, through, course: { signal } }: Link, { env }: Shared): Promise<Duplex> {
  if (through !== undefined) return through.open(plan, signal);
  return plan.proxyCommand === undefined ? dial(plan, signal) : openProxy(plan, signal, env);
}
