/** From a plan to an `ssh` that is logged in: places, deadlines of the phases, the second try, and what went wrong. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ConnectPlan } from '../model/plan.ts';
import type { Course } from './course.ts';
import { bounded } from './deadline.ts';
import { connectLate, late, Refusal } from './errors.ts';
import { takePlace } from './handshake-place.ts';
import { isDroppedEarly } from './losses.ts';
import { abilitiesAsked, type SshAbilities } from './openssh-abilities.ts';
import { type SshEnd, type SshProcess, startSsh } from './openssh-child.ts';
import { notesOfSsh, refusalOfSsh } from './openssh-errors.ts';
import type { Moment } from './openssh-log.ts';
import { noSsh } from './openssh-refusals.ts';
import { pauseBeforeNextTry } from './pause.ts';
import { createPlaces, type Places } from './places.ts';
import type { Environment } from './shell.ts';
import type { HandshakeGate } from './transport.ts';

/** What all connections of a run share. */
export interface SharedSsh {
  /** What ssh gets; undefined: the environment of this process. */
  readonly env: Environment | undefined;
  readonly abilities: (plan: ConnectPlan) => Promise<SshAbilities>;
  readonly hopPlaces: (plan: ConnectPlan) => Places | undefined;
}

/** Handshakes in flight through one jump host, as in hops.ts. */
const handshakesPerHop = 8;

/** For the connections of one run. */
export function createSharedSsh(env: Environment | undefined): SharedSsh {
  const places = new Map<string, Places>();
  return {
    env,
    abilities: abilitiesAsked(env),
    hopPlaces: ({ hops: [outermost] }) => {
      if (outermost === undefined) return undefined;
      const key = `${outermost.address} ${outermost.port}`;
      const known = places.get(key) ?? createPlaces(handshakesPerHop);
      places.set(key, known);
      return known;
    },
  };
}

/** One connection to be made. */
export interface SshRoute {
  readonly plan: ConnectPlan;
  readonly gate: HandshakeGate;
  readonly course: Course;
  /** Remarks for the result are added to it. */
  readonly notes: Set<string>;
  readonly shared: SharedSsh;
}

/** What an ssh is for. */
export interface SshErrand<T> {
  readonly args: readonly string[];
  /** Nothing is written to it. */
  readonly isDeaf?: boolean;
  /** Once it is logged in; it is stopped when this is over. */
  readonly use: (ssh: SshProcess) => Promise<T>;
  /** However it ended, or if it was never started. */
  readonly end: () => void;
}

/**
 * Starts an ssh, uses it and ends it; and once more if the server had no time for us. Rejects with a Refusal, or with what
 * `prepare` and `use` reject with.
 */
export async function withSsh<T>(route: SshRoute, prepare: (abilities: SshAbilities) => SshErrand<T>): Promise<T> {
  const { plan, course } = route;
  const refusal = [...plan.hops, plan].find(end => end.refusal !== undefined)?.refusal;
  if (refusal !== undefined) throw new Refusal({ ...refusal, phase: 'plan', retryable: false });
  await prepareKnownHosts(plan);
  try {
    return await connectOnce(route, prepare);
  } catch (error) {
    if (!(error instanceof Refusal) || !isDroppedEarly(error.error)) throw error;
    await pauseBeforeNextTry(course.signal);
    return connectOnce(route, prepare);
  }
}

/** ssh makes no folder for its known_hosts but ~/.ssh. */
async function prepareKnownHosts({ hostKeys, hops }: ConnectPlan): Promise<void> {
  for (const { mode, appendTo } of [hostKeys, ...hops.map(hop => hop.hostKeys)]) {
    // Where it cannot be made, ssh says so, and the key is accepted for this once.
    if (mode === 'accept-new') await mkdir(dirname(appendTo), { recursive: true, mode: 0o700 }).catch(() => {});
  }
}

async function connectOnce<T>(route: SshRoute, prepare: (abilities: SshAbilities) => SshErrand<T>): Promise<T> {
  const { plan, gate, course, shared } = route;
  const errand = prepare(await shared.abilities(plan));
  const place = await takePlace({ gate, hopPlaces: shared.hopPlaces(plan), signal: course.signal });
  let ssh: SshProcess | undefined;
  try {
    course.begin();
    course.enter('connect');
    const { args, isDeaf = false } = errand;
    ssh = startSsh({ args, isDeaf, env: envOf(plan, shared.env) });
    place.watch(ssh.talk);
    await connect(route, ssh);
    place.leave();
    course.enter('exec');
    return await errand.use(ssh);
  } finally {
    place.leave();
    if (ssh !== undefined) {
      for (const note of notesOfSsh(plan, ssh.log)) route.notes.add(note);
      ssh.stop();
    }
    errand.end();
  }
}

/** Our own ProxyCommand is written for a POSIX shell. */
const envOf = ({ hops }: ConnectPlan, env: Environment | undefined): Environment | undefined =>
  env === undefined || hops.length === 0 ? env : { ...env, SHELL: '/bin/sh' };

/** Up to the end of the login, with a deadline for each phase as far as they can be told apart. */
async function connect({ plan, course }: SshRoute, ssh: SshProcess): Promise<void> {
  const { connectMs, handshakeMs, authMs } = plan.deadlines;
  const isDirect = plan.hops.length === 0 && plan.proxyCommand === undefined;
  const hopsMs = plan.hops.length * (connectMs + handshakeMs + authMs);
  // Behind a proxy TCP is not seen: the first word of the server tells that there is one.
  const reachMs = isDirect ? connectMs : hopsMs + connectMs + handshakeMs;
  const reachable = { ...plan, deadlines: { ...plan.deadlines, connectMs: reachMs } };
  const step = (moment: Moment, ms: number, onLate: () => Refusal): Promise<void> =>
    bounded({ ms, signal: course.signal, onLate }, ({ resolve, reject }) => {
      void ssh.reached(moment).then(resolve);
      void ssh.over.then(end => reject(refusalOfEnd({ plan, course }, ssh, end)));
      return () => {};
    });
  await step(isDirect ? 'connected' : 'identified', reachMs, () => connectLate(reachable, plan.hops.at(-1)?.host));
  course.mark('connectMs');
  course.enter('handshake');
  await step('keys', handshakeMs, () => late('handshake', plan, handshakeMs));
  course.mark('handshakeMs');
  course.enter('auth');
  await step('authenticated', authMs, () => late('auth', plan, authMs));
  course.mark('authMs');
}

/** What an ssh that ended too early is called. */
export function refusalOfEnd(
  { plan, course }: Pick<SshRoute, 'plan' | 'course'>,
  { log }: SshProcess,
  end: SshEnd,
): Refusal {
  if ('problem' in end && log.said().length === 0) return noSsh(plan, end.problem);
  return refusalOfSsh({
    plan,
    phase: course.phase(),
    said: log.said(),
    tried: log.tried(),
    greeting: log.greeting(),
    hostKey: log.hostKey(),
  });
}
