import type { Snapshot } from '../model/snapshot.ts';
import type { VisitError } from '../model/visit.ts';
import { stripControls } from '../text/ansi.ts';
import { truncateColumns } from '../text/table.ts';

/** What a visit printed, where it is not the whole output of the collector. */
export interface StrangeOutput {
  readonly why: 'no-header' | 'no-sentinel';
  readonly output: Buffer;
  readonly stderr: string;
}

/** Longest quote from a host in a message. */
const quoteColumns = 100;

/** Enough of the output to find its first line, however much there is. */
const quotedBytes = 4_096;

/**
 * Names what came instead of the collector's output. No header: the login does not give a shell (`nologin`, ForceCommand, a
 * menu), so `unsupported`. A header but no end: the connection or the shell died on the way, so `failed`.
 */
export function outcomeOfOutput({ why, output, stderr }: StrangeOutput): VisitError {
  if (why === 'no-sentinel') {
    return {
      outcome: 'failed',
      phase: 'collect',
      code: 'truncated',
      message: `the output stops after ${output.length} bytes, before its end marker`,
      hint: 'the shell was killed or the connection was cut; try again, and look for memory or process limits of this user',
      retryable: true,
    };
  }
  const said = firstLine(output.toString('utf8', 0, quotedBytes)) ?? firstLine(stderr);
  return {
    outcome: 'unsupported',
    phase: 'collect',
    code: 'no-shell',
    message:
      said === undefined
        ? 'logged in, but no shell ran: nothing was printed'
        : `logged in, but no shell ran; the host says "${said}"`,
    hint: 'a login shell such as nologin, or a ForceCommand in sshd_config, stands in the way: use a user that may run sh',
    retryable: false,
  };
}

/**
 * Whether the host we logged in to is a Linux that we can read at all; null if it is.
 * Only a file that is not there decides: one that was not asked for, or may not be read, says nothing.
 */
export function notLinux({ kernel }: Snapshot): VisitError | null {
  if (kernel.state !== 'absent' || kernel.why !== 'no-such-file') return null;
  return {
    outcome: 'unsupported',
    phase: 'collect',
    code: 'not-linux',
    message: 'there is no /proc/sys/kernel/osrelease: not Linux, or /proc is not mounted',
    hint: 'take the host out of the inventory, or audit from a shell that sees /proc',
    retryable: false,
  };
}

function firstLine(text: string): string | undefined {
  for (const line of text.split(/[\r\n]+/)) {
    const shown = stripControls(line).trim();
    if (shown !== '') return truncateColumns(shown, quoteColumns);
  }
  return undefined;
}
