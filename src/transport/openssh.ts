/**
 * Transport `openssh`: visits by the program `ssh` of this machine, for what ssh2 cannot do: certificates, FIDO keys,
 * GSSAPI, post-quantum key exchange. A process per visit (and per jump host): 80 to 90 ms of CPU against 3.
 */
import type { ConnectPlan } from '../model/plan.ts';
import type { Visit } from '../model/visit.ts';
import {
  type Climb,
  createClimb,
  feed,
  type NotRoot,
  notRootNote,
  type SudoPasswords,
  shellCommand,
  wantsRoot,
  withoutRoot,
} from './ascend.ts';
import { type Course, startCourse } from './course.ts';
import { createCredentials } from './credentials.ts';
import { bounded, holdAll } from './deadline.ts';
import { asRefusal, late } from './errors.ts';
import { type ExecResult, graceMs, tooLarge } from './exec.ts';
import type { Secrets } from './key-files.ts';
import { sshArguments } from './openssh-arguments.ts';
import type { SshProcess } from './openssh-child.ts';
import { createSharedSsh, refusalOfEnd, type SharedSsh, withSsh } from './openssh-connect.ts';
import { type OpenTunnels, openSshTunnel } from './openssh-tunnel.ts';
import { createOutput } from './output.ts';
import type { Environment } from './shell.ts';
import type { Transport, VisitRequest, VisitWatch } from './transport.ts';

/** What all visits of a run share. Secrets are for sudo alone: ssh itself asks nobody (BatchMode). */
export interface OpensshOptions {
  readonly secrets?: Secrets;
  /** What ssh gets; left out: the environment of this process. */
  readonly env?: Environment;
}

interface Shared extends SharedSsh {
  readonly sudo: SudoPasswords;
}

/** One transport per run. A process of a visit ends with it, that of a tunnel with the transport at the latest. */
export function createOpensshTransport({ secrets = {}, env }: OpensshOptions = {}): Transport {
  const shared: Shared = { ...createSharedSsh(env), sudo: createCredentials(secrets).sudo };
  const tunnels: OpenTunnels = new Set();
  return {
    visit: (plan, request, watch) => visit({ plan, request, watch }, shared),
    openTunnel: (plan, watch) => openSshTunnel(plan, watch, { shared, tunnels }),
    close: async () => {
      await Promise.all([...tunnels].map(end => end()));
    },
  };
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
    const result = await travel(journey, wantsRoot(plan, request) ? 'root' : 'login').catch(caught => {
      notes.add(notRootNote(withoutRoot(caught, plan, request)));
      return travel(journey, 'login');
    });
    return { ok: true, ...result, timing: course.timing(), notes: [...notes] };
  } catch (caught) {
    return { ok: false, error: asRefusal(caught, course.phase()).error, timing: course.timing(), notes: [...notes] };
  } finally {
    course.end();
  }
}

function travel(journey: Journey, as: 'root' | 'login'): Promise<Result> {
  const { plan, course, watch, notes, shared } = journey;
  return withSsh({ plan, gate: watch.gate, course, notes, shared }, abilities => {
    const ascent = as === 'root' ? prepareAscent(journey) : undefined;
    return {
      args: sshArguments(plan, abilities, ascent?.climb.ascent.command ?? shellCommand(journey.request)),
      use: async ssh => {
        const result = await run(journey, ssh, ascent);
        const algorithms = ssh.log.algorithms();
        return { ...result, ...(algorithms !== undefined && { algorithms }) };
      },
      end: () => ascent?.climb.end(null),
    };
  });
}

/** The way to root, which must be known before ssh starts, and is watched when it has started. */
interface PreparedAscent {
  readonly climb: Climb;
  readonly watch: (onFailure: (reason: NotRoot) => void, hold: () => () => void) => void;
}

function prepareAscent({ plan, request, course, shared }: Journey): PreparedAscent {
  let fail = (_: NotRoot): void => {};
  let hold = course.hold;
  const climb = createClimb({
    plan,
    request,
    passwords: shared.sudo,
    hold: () => hold(),
    onFailure: reason => fail(reason),
  });
  return {
    climb,
    watch: (onFailure, holdStep) => {
      fail = onFailure;
      hold = holdAll(holdStep, course.hold);
    },
  };
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
      if (isLost && !output.complete()) reject(refusalOfEnd(journey, ssh, end));
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
