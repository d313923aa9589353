/** Running the script in a session: `sh -s` of the login or of root, with the script on its standard input, no terminal. */
import type { ClientChannel } from 'ssh2';
import type { ConnectPlan } from '../model/plan.ts';
import { createClimb, feed, notRootNote, type SudoPasswords, shellCommand, wantsRoot, withoutRoot } from './ascend.ts';
import { bounded, holdAll } from './deadline.ts';
import { endpoint, late, noShellGiven, Refusal } from './errors.ts';
import { createOutput } from './output.ts';
import type { Session } from './session.ts';
import type { VisitRequest } from './transport.ts';

/** What is to be run, where, and what may end it. */
export interface ExecRequest {
  readonly session: Session;
  readonly plan: ConnectPlan;
  readonly request: VisitRequest;
  readonly signal: AbortSignal;
  readonly sudo: SudoPasswords;
  /** Stops the deadline of the whole visit while a person is asked. */
  readonly hold: () => () => void;
}

/** What came back. */
export interface ExecResult {
  readonly output: Buffer;
  readonly stderr: string;
  /** Null where the server did not say. */
  readonly exitCode: number | null;
}

/** How long the exit status may take after the last line; a channel that stays open does not matter. */
export const graceMs = 200;

/**
 * Runs the script, as root where the plan says so. Where nobody becomes root it runs with the rights of the login, and a
 * note says why; a script that must be root's does not run. Ends with its last line or with the channel; rejects with a Refusal.
 */
export async function runScript(exec: ExecRequest): Promise<ExecResult & { readonly notes: readonly string[] }> {
  const { plan, request } = exec;
  if (!wantsRoot(plan, request)) return { ...(await runOnce(exec, 'login')), notes: [] };
  try {
    return { ...(await runOnce(exec, 'root')), notes: [] };
  } catch (caught) {
    const why = withoutRoot(caught, plan, request);
    return { ...(await runOnce(exec, 'login')), notes: [notRootNote(why)] };
  }
}

/** Rejects with a Refusal, or with NotRoot. */
function runOnce({ session, plan, request, signal, ...exec }: ExecRequest, as: 'root' | 'login'): Promise<ExecResult> {
  const ms = plan.deadlines.execMs + request.intervalMs;
  return bounded({ ms, signal, onLate: () => late('exec', plan, ms) }, ({ resolve, reject, deadline }) => {
    let exitCode: number | null = null;
    let hasExited = false;
    let grace: NodeJS.Timeout | undefined;
    let opened: ClientChannel | undefined;
    const output = createOutput(request);
    const hold = holdAll(deadline.hold, exec.hold);
    const climb =
      as === 'login'
        ? undefined
        : createClimb({ plan, request, passwords: exec.sudo, hold, onFailure: reason => reject(reason) });
    const finish = (): void => {
      const notRoot = climb?.end(exitCode);
      if (notRoot === undefined) resolve({ ...output.collected(), exitCode });
      else reject(notRoot);
    };
    session.onLost('exec', refusal => {
      // What the channel has received is delivered in the next turns; the end of the connection overtakes it.
      setImmediate(() => (output.complete() ? finish() : reject(refusal)));
    });
    const run = (error: Error | undefined, channel: ClientChannel): void => {
      if (error !== undefined) {
        reject(refused(plan, error));
        return;
      }
      opened = channel;
      channel.on('exit', (code: number | null) => {
        exitCode = code;
        hasExited = true;
      });
      // A server tells how a program ended before it closes the channel. If not, the connection has perhaps ended, through
      // a jump host for instance, and that is about to be told.
      channel.on('close', () => {
        if (hasExited || output.complete()) finish();
        else grace ??= setTimeout(finish, graceMs);
      });
      const onOutput = (event: 'complete' | 'too-large'): void => {
        if (event === 'too-large') reject(tooLarge(plan, request.maxOutputBytes));
        else grace ??= setTimeout(finish, graceMs);
      };
      const pipes = { stdin: channel, stdout: channel, stderr: channel.stderr };
      feed(pipes, { script: request.script, output, onOutput, ...(climb && { climb }) });
    };
    try {
      session.client.exec(climb?.ascent.command ?? shellCommand(request), run);
    } catch (error) {
      // ssh2 throws "Not connected" where the connection ended a moment ago; if nothing told us so yet, this does.
      setImmediate(() => reject(refused(plan, error)));
    }
    return succeeded => {
      clearTimeout(grace);
      climb?.end(null);
      if (!succeeded) opened?.close();
    };
  });
}

function refused(plan: ConnectPlan, error: unknown): Refusal {
  const text = error instanceof Error ? error.message : String(error);
  return noShellGiven(plan, /channel open/i.test(text) ? 'session' : 'command');
}

/** More output than anybody asked for. */
export const tooLarge = (plan: ConnectPlan, bytes: number): Refusal =>
  new Refusal({
    outcome: 'failed',
    phase: 'exec',
    code: 'output-too-large',
    message: `${endpoint(plan)} sent more than ${bytes} bytes`,
    hint: 'something other than the collector writes there: look at shell profiles and ForceCommand',
    retryable: false,
  });
