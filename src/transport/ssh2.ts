/** Transport `ssh2`: visits over SSH connections of this process. */
import type { ConnectPlan } from '../model/plan.ts';
import type { Tunnel } from '../model/probe.ts';
import type { Visit } from '../model/visit.ts';
import { type Course, startCourse } from './course.ts';
import { createCredentials } from './credentials.ts';
import { createEndpoints } from './endpoints.ts';
import { asRefusal } from './errors.ts';
import { runScript } from './exec.ts';
import { hopLost } from './hop-channel.ts';
import { createHopPool, type HopLease, type HopPool } from './hops.ts';
import { createHostKeyStore } from './host-keys.ts';
import type { Secrets } from './key-files.ts';
import { connectLink, type Shared } from './link.ts';
import type { Session } from './session.ts';
import type { Environment } from './shell.ts';
import { serveTunnel } from './ssh2-tunnel.ts';
import type { HandshakeGate, Transport, TunnelOpening, VisitRequest, VisitWatch } from './transport.ts';

/** What all visits of a run share. Without secrets nothing is asked for, and encrypted keys are not usable. */
export interface Ssh2Options {
  readonly secrets?: Secrets;
  /** What commands of ssh_config get; left out: the environment of this process. */
  readonly env?: Environment;
}

/** One transport per run: keys, known hosts and jump hosts are read and connected once. */
export function createSsh2Transport({ secrets = {}, env }: Ssh2Options = {}): Transport {
  const shared: Shared = {
    credentials: createCredentials(secrets),
    hostKeys: createHostKeyStore(),
    endpoints: createEndpoints(),
    env,
  };
  const hops = createHopPool(async (plan, through, { gate, signal }) => {
    const course = startCourse(plan, 0, { signal, onPhase: () => {} });
    try {
      return await connectLink({ plan, through, gate, course, isHop: true }, shared);
    } finally {
      course.end();
    }
  });
  return {
    visit: (plan, request, watch) => visit({ plan, request, watch, hops, shared }),
    openTunnel: (plan, watch) => openTunnel({ plan, watch, hops, shared }),
    close: async () => hops.close(),
  };
}

interface Errand {
  readonly plan: ConnectPlan;
  readonly request: VisitRequest;
  readonly watch: VisitWatch;
  readonly hops: HopPool;
  readonly shared: Shared;
}

async function visit({ plan, request, watch, hops, shared }: Errand): Promise<Visit> {
  const course = startCourse(plan, request.intervalMs, watch);
  let notes: readonly string[] = [];
  try {
    const isRepeatable = (): boolean => request.rights !== 'root' || course.phase() !== 'exec';
    return await withSession({ plan, gate: watch.gate, course, hops, shared, isRepeatable }, async session => {
      notes = session.notes;
      course.enter('exec');
      const { signal, hold } = course;
      const result = await runScript({ session, plan, request, signal, hold, sudo: shared.credentials.sudo });
      notes = [...notes, ...result.notes];
      return { ok: true, ...result, algorithms: session.algorithms, timing: course.timing(), notes };
    });
  } catch (caught) {
    return { ok: false, error: asRefusal(caught, course.phase()).error, timing: course.timing(), notes };
  } finally {
    course.end();
  }
}

/** The session lasts as long as the tunnel. */
function openTunnel({ plan, watch, hops, shared }: Omit<Errand, 'request'>): Promise<TunnelOpening> {
  const course = startCourse(plan, 0, watch);
  return new Promise(resolve => {
    const serve = (session: Session, through: HopLease | undefined): Promise<void> => {
      const onOpen = (tunnel: Tunnel): void => {
        course.end();
        resolve({ ok: true, tunnel, notes: session.notes });
      };
      return serveTunnel({ session, plan, through, course, onOpen });
    };
    withSession({ plan, gate: watch.gate, course, hops, shared, isRepeatable: () => true }, serve).catch(caught => {
      course.end();
      resolve({ ok: false, error: asRefusal(caught, course.phase()).error });
    });
  });
}

interface Route {
  readonly plan: ConnectPlan;
  readonly gate: HandshakeGate;
  readonly course: Course;
  readonly hops: HopPool;
  readonly shared: Shared;
  /** Whether what was done so far may be done again: a script that changes something may have run. */
  readonly isRepeatable: () => boolean;
}

/**
 * Does `work` in a session. A jump host that is lost on the way is connected once more and the work done again where it only
 * reads. Lost again, it is the reason, whatever the host behind seemed to do.
 */
async function withSession<T>(
  route: Route,
  work: (session: Session, through: HopLease | undefined) => Promise<T>,
  again = true,
): Promise<T> {
  const { plan, gate, course, hops, shared } = route;
  const through = await hops.lease(plan.hops, { gate, signal: course.signal });
  let leaveHop: (() => void) | undefined;
  let session: Session | undefined;
  try {
    leaveHop = await through?.channels.enter(course.signal);
    session = await connectLink({ plan, through, gate, course }, shared);
    return await work(session, through);
  } catch (error) {
    // The end of a channel may overtake the end of the connection that carried it.
    if (through !== undefined) await new Promise(resolve => setImmediate(resolve));
    if (through?.isLost() !== true || course.signal.aborted || !route.isRepeatable()) throw error;
    if (!again) throw hopLost(through.hop);
  } finally {
    session?.close();
    leaveHop?.();
    through?.release();
  }
  return withSession(route, work, false);
}
