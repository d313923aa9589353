/** Transport `local`: the script in a shell of this machine, for `localhost` and for trees of other hosts. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { kill } from 'node:process';
import type { Readable, Writable } from 'node:stream';
import type { ConnectPlan } from '../model/plan.ts';
import type { Visit } from '../model/visit.ts';
import { createClimb, feed, notRootNote, type SudoPasswords, wantsRoot, withoutRoot } from './ascend.ts';
import { type Course, startCourse } from './course.ts';
import { createCredentials } from './credentials.ts';
import { bounded, holdAll } from './deadline.ts';
import { asRefusal, late, Refusal } from './errors.ts';
import type { ExecResult } from './exec.ts';
import type { Secrets } from './key-files.ts';
import { createLocalTunnel } from './local-tunnel.ts';
import { createOutput } from './output.ts';
import type { Transport, VisitRequest, VisitWatch } from './transport.ts';

/** Runs scripts with `sh -s` (with a root prefix: `sh -s -- ROOT`). It has nothing to let go of. */
export function createLocalTransport({ secrets = {} }: { readonly secrets?: Secrets } = {}): Transport {
  const { sudo } = createCredentials(secrets);
  return {
    visit: (plan, request, watch) => visitLocally({ plan, request, watch, sudo }),
    openTunnel: async () => ({ ok: true, tunnel: createLocalTunnel(), notes: [] }),
    close: async () => {},
  };
}

interface LocalVisit {
  readonly plan: ConnectPlan;
  readonly request: VisitRequest;
  readonly watch: VisitWatch;
  readonly sudo: SudoPasswords;
}

async function visitLocally({ plan, request, watch, sudo }: LocalVisit): Promise<Visit> {
  const course = startCourse(plan, request.intervalMs, watch);
  const notes: string[] = [];
  const run = (as: 'root' | 'login'): Promise<ExecResult> => runHere({ plan, request, course, sudo }, as);
  try {
    course.begin();
    course.enter('exec');
    // A tree is read with the rights of its reader.
    const result = await run(wantsRoot(plan, request) ? 'root' : 'login').catch(caught => {
      notes.push(notRootNote(withoutRoot(caught, plan, request)));
      return run('login');
    });
    return { ok: true, ...result, timing: course.timing(), notes };
  } catch (caught) {
    return { ok: false, error: asRefusal(caught, course.phase()).error, timing: course.timing(), notes };
  } finally {
    course.end();
  }
}

type Shell = ChildProcessByStdio<Writable, Readable, Readable>;

type LocalRun = Omit<LocalVisit, 'watch'> & { readonly course: Course };

/** Rejects with a Refusal, or with NotRoot. */
function runHere({ plan, request, course, sudo }: LocalRun, as: 'root' | 'login'): Promise<ExecResult> {
  const ms = plan.deadlines.execMs + request.intervalMs;
  const bounds = { ms, signal: course.signal, onLate: () => late('exec', plan, ms) };
  return bounded(bounds, ({ resolve, reject, deadline }) => {
    const output = createOutput(request);
    const hold = holdAll(deadline.hold, course.hold);
    const climb =
      as === 'login'
        ? undefined
        : createClimb({ plan, request, passwords: sudo, hold, onFailure: reason => reject(reason) });
    const words = [...(request.root === undefined ? [] : [request.root]), ...(request.args ?? [])];
    const asLogin = words.length === 0 ? ['-s'] : ['-s', '--', ...words];
    // A process group of its own: what the shell has started ends with it.
    const shell: Shell = spawn('sh', climb === undefined ? asLogin : ['-c', climb.ascent.command], {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    shell.on('error', error => reject(noShell(error)));
    shell.on('close', code => {
      const notRoot = climb?.end(code);
      if (notRoot === undefined) resolve({ ...output.collected(), exitCode: code });
      else reject(notRoot);
    });
    const onOutput = (event: 'complete' | 'too-large'): void => {
      if (event === 'too-large') reject(tooLarge(request.maxOutputBytes));
    };
    feed(shell, { script: request.script, output, onOutput, ...(climb && { climb }) });
    return succeeded => {
      climb?.end(null);
      // What changes this machine is left to end by itself, as it is on a host whose session is lost.
      if (!succeeded) letGo(shell, { isKilled: request.rights !== 'root' });
    };
  });
}

function letGo(shell: Shell, { isKilled }: { readonly isKilled: boolean }): void {
  const { pid, stdout, stderr } = shell;
  stdout.destroy();
  stderr.destroy();
  shell.unref();
  if (pid === undefined || !isKilled) return;
  try {
    kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

const noShell = (error: Error): Refusal =>
  new Refusal({
    outcome: 'failed',
    phase: 'exec',
    code: 'no-shell',
    message: `cannot start sh on this machine: ${error.message}`,
    hint: 'a POSIX shell must be in PATH',
    retryable: false,
  });

const tooLarge = (bytes: number): Refusal =>
  new Refusal({
    outcome: 'failed',
    phase: 'exec',
    code: 'output-too-large',
    message: `the script printed more than ${bytes} bytes`,
    hint: 'please report this',
    retryable: false,
  });
