/** Running the script in a session: `sh -s` with the script on its standard input, no terminal. */
import type { ClientChannel } from 'ssh2';
import type { ConnectPlan } from '../model/plan.ts';
import { bounded } from './deadline.ts';
import { endpoint, late, Refusal } from './errors.ts';
import { createOutput, type Output } from './output.ts';
import type { Session } from './session.ts';
import type { VisitRequest } from './transport.ts';

/** What is to be run, where, and what may end it. */
export interface ExecRequest {
  readonly session: Session;
  readonly plan: ConnectPlan;
  readonly request: VisitRequest;
  readonly signal: AbortSignal;
}

/** What came back. */
export interface ExecResult {
  readonly output: Buffer;
  readonly stderr: string;
  /** Null where the server did not say. */
  readonly exitCode: number | null;
}

/** How long the exit status may take after the last line; a channel that stays open does not matter. */
const graceMs = 200;

/** Runs the script. Ends with its last line or with the channel; rejects with a Refusal. */
export function runScript({ session, plan, request, signal }: ExecRequest): Promise<ExecResult> {
  const ms = plan.deadlines.execMs + request.intervalMs;
  return bounded({ ms, signal, onLate: () => late('exec', plan, ms) }, ({ resolve, reject }) => {
    let exitCode: number | null = null;
    let grace: NodeJS.Timeout | undefined;
    const output = createOutput(request);
    const finish = (): void => resolve({ ...output.collected(), exitCode });
    session.onLost('exec', refusal => {
      // What the channel has received is delivered in the next turns; the end of the connection overtakes it.
      setImmediate(() => (output.complete() ? finish() : reject(refusal)));
    });
    const run = (error: Error | undefined, channel: ClientChannel): void => {
      if (error !== undefined) {
        reject(refused(plan, error));
        return;
      }
      collect(channel, output, problem => {
        if (problem === 'too-large') reject(tooLarge(plan, request.maxOutputBytes));
        else grace ??= setTimeout(finish, graceMs);
      });
      channel.on('exit', (code: number | null) => {
        exitCode = code;
      });
      channel.on('close', finish);
      channel.end(request.script);
    };
    try {
      session.client.exec('sh -s', run);
    } catch (error) {
      // ssh2 throws "Not connected" where the connection ended a moment ago; if nothing told us so yet, this does.
      setImmediate(() => reject(refused(plan, error)));
    }
    return () => clearTimeout(grace);
  });
}

/** Drains both streams: ssh2 does not report the end of a channel before they flow. */
function collect(channel: ClientChannel, output: Output, tell: (event: 'complete' | 'too-large') => void): void {
  channel.on('data', (chunk: Buffer) => {
    const event = output.add(chunk);
    if (event !== undefined) tell(event);
  });
  channel.stderr.on('data', (chunk: Buffer) => output.addError(chunk));
  // The far end may close its input before it has read the script (nologin): the output tells more than that error.
  channel.on('error', () => {});
}

function refused(plan: ConnectPlan, error: unknown): Refusal {
  const text = error instanceof Error ? error.message : String(error);
  const session = /channel open/i.test(text);
  return new Refusal({
    outcome: 'unsupported',
    phase: 'exec',
    code: session ? 'session-refused' : 'exec-refused',
    message: `${endpoint(plan)} accepted the login, but ${session ? 'gives no session' : 'runs no commands'}`,
    hint: session ? 'see MaxSessions in sshd_config' : 'the account may be for file transfer or forwarding only',
    retryable: false,
  });
}

const tooLarge = (plan: ConnectPlan, bytes: number): Refusal =>
  new Refusal({
    outcome: 'failed',
    phase: 'exec',
    code: 'output-too-large',
    message: `${endpoint(plan)} sent more than ${bytes} bytes`,
    hint: 'something other than the collector writes there: look at shell profiles and ForceCommand',
    retryable: false,
  });
