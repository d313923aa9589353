/** Transport `local`: the script in a shell of this machine, for `localhost` and for trees of other hosts. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { kill } from 'node:process';
import type { Readable, Writable } from 'node:stream';
import type { ConnectPlan } from '../model/plan.ts';
import type { Visit } from '../model/visit.ts';
import { startCourse } from './course.ts';
import { bounded } from './deadline.ts';
import { asRefusal, late, Refusal } from './errors.ts';
import type { ExecResult } from './exec.ts';
import { createOutput } from './output.ts';
import type { Transport, VisitRequest, VisitWatch } from './transport.ts';

/** Runs scripts with `sh -s` (with a root prefix: `sh -s -- ROOT`). It has nothing to let go of. */
export function createLocalTransport(): Transport {
  return { visit: visitLocally, close: async () => {} };
}

async function visitLocally(plan: ConnectPlan, request: VisitRequest, watch: VisitWatch): Promise<Visit> {
  const course = startCourse(plan, request.intervalMs, watch);
  try {
    course.begin();
    course.enter('exec');
    const result = await runHere(plan, request, course.signal);
    return { ok: true, ...result, timing: course.timing(), notes: [] };
  } catch (caught) {
    return { ok: false, error: asRefusal(caught, course.phase()).error, timing: course.timing(), notes: [] };
  } finally {
    course.end();
  }
}

type Shell = ChildProcessByStdio<Writable, Readable, Readable>;

function runHere(plan: ConnectPlan, request: VisitRequest, signal: AbortSignal): Promise<ExecResult> {
  const ms = plan.deadlines.execMs + request.intervalMs;
  return bounded({ ms, signal, onLate: () => late('exec', plan, ms) }, ({ resolve, reject }) => {
    const output = createOutput(request);
    // A process group of its own: what the shell has started ends with it.
    const args = request.root === undefined ? ['-s'] : ['-s', '--', request.root];
    const shell: Shell = spawn('sh', args, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    shell.on('error', error => reject(noShell(error)));
    shell.on('close', code => resolve({ ...output.collected(), exitCode: code }));
    shell.stdout.on('data', (chunk: Buffer) => {
      if (output.add(chunk) === 'too-large') reject(tooLarge(request.maxOutputBytes));
    });
    shell.stderr.on('data', (chunk: Buffer) => output.addError(chunk));
    // A shell that ends before it has read the script: its output tells why.
    shell.stdin.on('error', () => {});
    shell.stdin.end(request.script);
    return succeeded => {
      if (!succeeded) killGroup(shell);
    };
  });
}

function killGroup({ pid, stdout, stderr }: Shell): void {
  stdout.destroy();
  stderr.destroy();
  if (pid === undefined) return;
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
