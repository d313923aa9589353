/**
 * Transport `openssh`: visits by the program `ssh` of this machine, for what ssh2 cannot do: certificates, FIDO keys,
 * GSSAPI, post-quantum key exchange. A process per visit (and per jump host): 80 to 90 ms of CPU against 3.
 */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ConnectPlan } from '../model/plan.ts';
import type { Phase, Visit } from '../model/visit.ts';
import { type Climb, createClimb, feed, NotRoot, notRootNote, type SudoPasswords } from './ascend.ts';
import { type Course, startCourse } from './course.ts';
import { createCredentials } from './credentials.ts';
import { bounded, holdAll } from './deadline.ts';
import { asRefusal, connectLate, late, Refusal } from './errors.ts';
import { type ExecResult, graceMs, tooLarge } from './exec.ts';
import { takePlace } from './handshake-place.ts';
import type { Secrets } from './key-files.ts';
import { isDroppedEarly } from './losses.ts';
import { abilitiesAsked, type SshAbilities } from './openssh-abilities.ts';
import { sshArguments } from './openssh-arguments.ts';
import { type SshEnd, type SshProcess, startSsh } from './openssh-child.ts';
import { refusalOfSsh } from './openssh-errors.ts';
import type { Moment } from './openssh-log.ts';
import { noSsh } from './openssh-refusals.ts';
import { createOutput } from './output.ts';
import { pauseBeforeNextTry } from './pause.ts';
import { createPlaces, type Places } from './places.ts';
import type { Environment } from './shell.ts';
import type { Transport, VisitRequest, VisitWatch } from './transport.ts';

/** What all visits of a run share. Secrets are for sudo alone: ssh itself asks nobody (BatchMode). */
export interface OpensshOptions {
  readonly secrets?: Secrets;
  /** What ssh gets; left out: the environment of this process. */
  readonly env?: Environment;
}

interface Shared {
  readonly env: Environment | undefined;
  readonly abilities: (plan: ConnectPlan) => Promise<SshAbilities>;
  readonly hopPlaces: (plan: ConnectPlan) => Places | undefined;
  readonly sudo: SudoPasswords;
}

/** Handshakes in flight through one jump host, as in hops.ts. */
const handshakesPerHop = 8;

/** One transport per run. It has nothing to let go of: every process ends with its visit. */
export function createOpensshTransport({ secrets = {}, env }: OpensshOptions = {}): Transport {
  const places = new Map<string, Places>();
  const shared: Shared = {
    env,
    abilities: abilitiesAsked(env),
    hopPlaces: ({ hops: [outermost] }) => {
      if (outermost === undefined) return undefined;
      const key = `${outermost.address} ${outermost.port}`;
      const known = places.get(key) ?? createPlaces(handshakesPerHop);
      places.set(key, known);
      return known;
    },
    sudo: createCredentials(secrets).sudo,
  };
  return { visit: (plan, request, watch) => visit({ plan, request, watch }, shared), close: async () => {} };
}

interface Errand {
  readonly plan: ConnectPlan;
  readonly request: VisitRequest;
  readonly watch: VisitWatch;
}

/** One visit; its notes come from wherever it goes. */
interface Journey extends Errand {
  readonly course: Course;
  readonly notes: Set<string>;
  readonly shared: Shared;
}

type Result = ExecResult & Pick<Extract<Visit, { ok: true }>, 'algorithms'>;

async function visit(errand: Errand, shared: Shared): Promise<Visit> {
  const { plan, request, watch } = errand;
  const course = startCourse(plan, request.intervalMs, watch);
  const notes = new Set<string>();
  const journey = { ...errand, course, notes, shared };
  try {
    const result = await travel(journey, plan.sudo === undefined ? 'login' : 'root').catch(error => {
      if (!(error instanceof NotRoot)) throw error;
      notes.add(notRootNote(error));
      return travel(journey, 'login');
    });
    return { ok: true, ...result, timing: course.timing(), notes: [...notes] };
  } catch (caught) {
    return { ok: false, error: asRefusal(caught, course.phase()).error, timing: course.timing(), notes: [...notes] };
  } finally {
    course.end();
  }
}

/** Connects, and once more if the server had no time for us. */
async function travel(journey: Journey, as: 'root' | 'login'): Promise<Result> {
  const { plan, course } = journey;
  const refusal = [...plan.hops, plan].find(end => end.refusal !== undefined)?.refusal;
  if (refusal !== undefined) throw new Refusal({ ...refusal, phase: 'plan', retryable: false });
  await prepareKnownHosts(plan);
  try {
    return await travelOnce(journey, as);
  } catch (error) {
    if (!(error instanceof Refusal) || !isDroppedEarly(error.error)) throw error;
    await pauseBeforeNextTry(course.signal);
    return travelOnce(journey, as);
  }
}

/** ssh makes no folder for its known_hosts but ~/.ssh. */
async function prepareKnownHosts({ hostKeys, hops }: ConnectPlan): Promise<void> {
  for (const { mode, appendTo } of [hostKeys, ...hops.map(hop => hop.hostKeys)]) {
    // Where it cannot be made, ssh says so, and the key is accepted for this once.
    if (mode === 'accept-new') await mkdir(dirname(appendTo), { recursive: true, mode: 0o700 }).catch(() => {});
  }
}

async function travelOnce(journey: Journey, as: 'root' | 'login'): Promise<Result> {
  const { plan, course, watch, shared } = journey;
  const { signal } = course;
  const abilities = await shared.abilities(plan);
  const ascent = as === 'root' ? prepareAscent(journey) : undefined;
  const args = sshArguments(plan, abilities, ascent?.climb.ascent.command ?? 'sh -s');
  const place = await takePlace({ gate: watch.gate, hopPlaces: shared.hopPlaces(plan), signal });
  let ssh: SshProcess | undefined;
  try {
    course.begin();
    course.enter('connect');
    ssh = startSsh({ args, env: envOf(plan, shared.env) });
    place.watch(ssh.talk);
    await connect(journey, ssh);
    place.leave();
    course.enter('exec');
    const result = await run(journey, ssh, ascent);
    const algorithms = ssh.log.algorithms();
    return { ...result, ...(algorithms !== undefined && { algorithms }) };
  } finally {
    place.leave();
    if (ssh !== undefined) {
      for (const note of notesOf(plan, ssh)) journey.notes.add(note);
      ssh.stop();
    }
    ascent?.climb.end(null);
  }
}

/** Our own ProxyCommand is written for a POSIX shell. */
const envOf = ({ hops }: ConnectPlan, env: Environment | undefined): Environment | undefined =>
  env === undefined || hops.length === 0 ? env : { ...env, SHELL: '/bin/sh' };

/** The way to root, which must be known before ssh starts, and is watched when it has started. */
interface PreparedAscent {
  readonly climb: Climb;
  readonly watch: (onFailure: (reason: NotRoot) => void, hold: () => () => void) => void;
}

function prepareAscent({ plan, course, shared }: Journey): PreparedAscent {
  let fail = (_: NotRoot): void => {};
  let hold = course.hold;
  const climb = createClimb({ plan, passwords: shared.sudo, hold: () => hold(), onFailure: reason => fail(reason) });
  return {
    climb,
    watch: (onFailure, holdStep) => {
      fail = onFailure;
      hold = holdAll(holdStep, course.hold);
    },
  };
}

/** Up to the end of the login, with a deadline for each phase as far as they can be told apart. */
async function connect(journey: Journey, ssh: SshProcess): Promise<void> {
  const { plan, course } = journey;
  const { connectMs, handshakeMs, authMs } = plan.deadlines;
  const isDirect = plan.hops.length === 0 && plan.proxyCommand === undefined;
  const hopsMs = plan.hops.length * (connectMs + handshakeMs + authMs);
  // Behind a proxy TCP is not seen: the first word of the server tells that there is one.
  const reachMs = isDirect ? connectMs : hopsMs + connectMs + handshakeMs;
  const reachable = { ...plan, deadlines: { ...plan.deadlines, connectMs: reachMs } };
  const step = (moment: Moment, ms: number, onLate: () => Refusal): Promise<void> =>
    bounded({ ms, signal: course.signal, onLate }, ({ resolve, reject }) => {
      void ssh.reached(moment).then(resolve);
      void ssh.over.then(end => reject(refused(journey, ssh, end)));
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

/** Gives the shell its script. Rejects with a Refusal, or with NotRoot. */
function run(journey: Journey, ssh: SshProcess, ascent: PreparedAscent | undefined): Promise<ExecResult> {
  const { plan, request, course } = journey;
  const ms = plan.deadlines.execMs + request.intervalMs;
  const bounds = { ms, signal: course.signal, onLate: () => late('exec', plan, ms) };
  return bounded(bounds, ({ resolve, reject, deadline }) => {
    const output = createOutput(request);
    let grace: NodeJS.Timeout | undefined;
    const finish = (exitCode: number | null): void => {
      const notRoot = ascent?.climb.end(exitCode);
      if (notRoot === undefined) resolve({ ...output.collected(), exitCode });
      else reject(notRoot);
    };
    ascent?.watch(reject, deadline.hold);
    void ssh.over.then(end => {
      const code = 'code' in end ? end.code : null;
      // 255 is what ssh ends with when something went wrong, and what a command may end with, too.
      const isLost = code === null || (code === sshFailed && ssh.log.said().length > 0);
      if (isLost && !output.complete()) reject(refused(journey, ssh, end));
      else finish(isLost ? null : code);
    });
    const onOutput = (event: 'complete' | 'too-large'): void => {
      if (event === 'too-large') reject(tooLarge(plan, request.maxOutputBytes));
      else grace ??= setTimeout(() => finish(null), graceMs);
    };
    feed(ssh, { script: request.script, output, onOutput, ...(ascent && { climb: ascent.climb }) });
    return () => clearTimeout(grace);
  });
}

/** ssh(1), EXIT STATUS. */
const sshFailed = 255;

function refused({ plan, course }: Journey, { log }: SshProcess, end: SshEnd): Refusal {
  if ('problem' in end && log.said().length === 0) return noSsh(plan, end.problem);
  const phase: Phase = course.phase();
  return refusalOfSsh({
    plan,
    phase,
    said: log.said(),
    tried: log.tried(),
    greeting: log.greeting(),
    hostKey: log.hostKey(),
  });
}

function notesOf({ hostKeys }: ConnectPlan, { log }: SshProcess): readonly string[] {
  if (hostKeys.mode === 'off') return ['host key was not checked (--host-keys off)'];
  if (!log.said().some(line => /^Warning: Permanently added /.test(line))) return [];
  const what = `new host key accepted: ${log.hostKey() ?? 'of an unknown kind'}`;
  const problem = log.said().find(line => /^Failed to add the host/.test(line));
  return [problem === undefined ? what : `${what}, but not remembered: ${problem.slice(0, 200)}`];
}
