/** Becoming root on a host by sudo(8), for one shell that then reads the script: the command line and the dialogue with it. */
import { randomBytes } from 'node:crypto';
import { stripControls } from '../text/ansi.ts';

/** What the dialogue calls for. Each is called once at most. */
export interface AscentCues {
  /** sudo waits for the password on its standard input. */
  readonly onPrompt: () => void;
  /** It asks again: what it was given did not do. Nothing more must be sent. */
  readonly onSecondPrompt: () => void;
  /** A root shell reads standard input now. */
  readonly onRoot: () => void;
}

/** One try to become root. */
export interface Ascent {
  /** For the login shell of any kind. */
  readonly command: string;
  readonly isRoot: () => boolean;
  /** Takes standard output; gives back what the root shell has printed. */
  readonly hearOutput: (chunk: Buffer) => Buffer | undefined;
  /** Takes standard error as long as nobody is root. */
  readonly hearErrors: (chunk: Buffer) => void;
  /** Whether the password that was given is wrong. */
  readonly isRefused: () => boolean;
  /** Why there is no root shell, as half a sentence for people. Unit of exitCode: null where it is not known. */
  readonly whyNot: (exitCode: number | null) => string;
}

/** Of what comes before the root shell no more is kept: a lecture, a banner. */
const keptBytes = 16 * 1024;

/** Who climbs, and for what. */
export interface AscentRequest {
  readonly user: string;
  /** Whether there is a password to give, or somebody to ask for it. */
  readonly mayAnswer: boolean;
  /** Whether sudo may be tried; if not, only a login that is root gets anywhere. Left out: it may. */
  readonly maySudo?: boolean;
  /** Command of the root shell; left out: `sh -s`. Words without quotes and `$`. */
  readonly shell?: string;
}

/** Begins a try. */
export function createAscent(of: AscentRequest, cues: AscentCues): Ascent {
  // Nobody on the host can know them beforehand: a banner that looks like a prompt gets no password, and no shell but
  // root's gets the script.
  const [prompt, mark] = [
    `synaudit ${randomBytes(12).toString('hex')}:`,
    `synaudit-${randomBytes(12).toString('hex')}`,
  ];
  let printed = Buffer.alloc(0);
  let complaint = '';
  let prompts = 0;
  let isRoot = false;
  return {
    command: commandLine({ ...of, prompt, mark }),
    isRoot: () => isRoot,
    hearOutput: chunk => {
      if (isRoot) return chunk;
      printed = Buffer.concat([printed, chunk]);
      const end = printed.indexOf(`${mark}\n`);
      if (end < 0) {
        printed = printed.subarray(-keptBytes);
        return undefined;
      }
      isRoot = true;
      cues.onRoot();
      return printed.subarray(end + mark.length + 1);
    },
    hearErrors: chunk => {
      complaint = (complaint + chunk.toString()).slice(-keptBytes);
      // Taken out, so that each is seen once, in whatever pieces it comes.
      while (complaint.includes(prompt)) {
        complaint = complaint.replace(prompt, '');
        prompts += 1;
        if (prompts === 1) cues.onPrompt();
        if (prompts === 2) cues.onSecondPrompt();
      }
    },
    isRefused: () => isRefused({ complaint, prompts }),
    whyNot: exitCode => reason({ ...of, complaint, prompts, exitCode }),
  };
}

/**
 * One line without newline or `!`, in single quotes: the login shell may be csh or fish. sudo asks for a password only if
 * there is one to give. The root shell says that it runs before it reads, so that neither the password
 * (which sudo does not read while an earlier one still counts) nor the script is ever read by the wrong program.
 * SSH_CONNECTION, which sudo takes away, tells the collector which connection is its own.
 */
function commandLine(of: AscentRequest & { readonly prompt: string; readonly mark: string }): string {
  const shell = `SSH_CONNECTION=\\$1; export SSH_CONNECTION; echo; echo ${of.mark}; exec ${of.shell ?? 'sh -s'}`;
  const words = [
    'LC_ALL=C; export LC_ALL',
    'PATH=$PATH:/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin; export PATH',
    `set -- sh -c "${shell}" sh "$SSH_CONNECTION"`,
    '[ "$(id -u)" = 0 ] && exec "$@"',
    ...sudoWords(of),
  ];
  return `exec sh -c '${words.join('; ')}'`;
}

function sudoWords({ mayAnswer, maySudo = true, prompt }: AscentRequest & { readonly prompt: string }): string[] {
  if (!maySudo) return ['exit 1'];
  return mayAnswer
    ? ['sudo -n true </dev/null >/dev/null 2>&1 && exec sudo -n -- "$@"', `exec sudo -S -p "${prompt}" -- "$@"`]
    : ['exec sudo -n -- "$@"'];
}

interface Refused extends AscentRequest {
  /** What sudo said, without its prompts. */
  readonly complaint: string;
  readonly prompts: number;
  readonly exitCode: number | null;
}

/** Words of sudo in the C locale: plugins/sudoers/{sudoers,logging,auth/sudo_auth}.c; 127 and "not found" are of the shell. */
function reason({ user, mayAnswer, maySudo = true, complaint, prompts, exitCode }: Refused): string {
  if (!maySudo) return `${user} is not root, and sudo is not asked for`;
  if (/must have a tty/i.test(complaint))
    return `sudo wants a terminal (requiretty): "Defaults:${user} !requiretty" lifts it`;
  if (/not in the sudoers|not allowed to (?:execute|run)|may not run sudo/i.test(complaint)) {
    return `sudo does not let ${user} run sh as root`;
  }
  if (isRefused({ complaint, prompts })) {
    return `sudo did not take the password of ${user}`;
  }
  // Only `sudo -n` says so where a password could have been given: it let `true` pass.
  if (prompts === 0 && mayAnswer && /password is required/i.test(complaint)) {
    return `sudo lets ${user} run some commands without a password, but not sh`;
  }
  // A person or the environment has one, but it stays where another host refused it.
  if (prompts === 1) return `sudo wants a password of ${user}: none was given, or another host refused it`;
  if (/password is required|no password was provided/i.test(complaint)) {
    return `sudo wants a password of ${user}, and there was none to give`;
  }
  if (exitCode === 127 && /not found/i.test(complaint)) return 'there is no sudo on the host';
  const said = complaint.split(/[\r\n]+/).find(line => line.trim() !== '');
  const status = exitCode === null ? '' : ` with status ${exitCode}`;
  return `sudo ended${status}${said === undefined ? '' : ` and says "${stripControls(said).trim().slice(0, 100)}"`}`;
}

const isRefused = ({ complaint, prompts }: Pick<Refused, 'complaint' | 'prompts'>): boolean =>
  prompts > 1 || /incorrect (?:password|authentication)|try again/i.test(complaint);
