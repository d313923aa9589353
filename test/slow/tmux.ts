import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

/** A terminal that a test types on and looks at: a tmux server of its own. */
export interface Tmux {
  readonly keys: (...keys: readonly string[]) => void;
  /** What is on the screen; with `codes`, the colours as SGR codes, too. */
  readonly screen: (options?: { readonly codes?: boolean }) => string;
  /** Resolves to the screen once it shows what is wanted; rejects with the screen after so many seconds. */
  readonly until: (wanted: RegExp, seconds?: number) => Promise<string>;
  readonly resize: (columns: number, rows: number) => void;
  /** Process id of the program that runs in the shell. */
  readonly child: () => number;
  readonly end: () => void;
}

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** Opens a shell in a terminal. The environment is what is given, and nothing of ours but PATH and HOME. */
export function openTmux({
  columns,
  rows,
  env,
  cwd,
}: {
  columns: number;
  rows: number;
  env: Readonly<Record<string, string>>;
  cwd: string;
}): Tmux {
  const socket = `synaudit-${randomBytes(4).toString('hex')}`;
  const tmux = (...args: readonly string[]) =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], { encoding: 'utf8', cwd });
  const all = { PATH: process.env['PATH'] ?? '', HOME: cwd, LANG: 'C.UTF-8', PS1: '$ ', ...env };
  const words = Object.entries(all).map(([key, value]) => `${key}='${value}'`);
  tmux(
    'new-session',
    '-d',
    '-s',
    't',
    '-x',
    String(columns),
    '-y',
    String(rows),
    `env -i TERM=$TERM ${words.join(' ')} sh`,
  );
  const screen: Tmux['screen'] = ({ codes = false } = {}) =>
    tmux('capture-pane', '-t', 't', '-p', ...(codes ? ['-e'] : []));
  return {
    keys: (...keys) => void tmux('send-keys', '-t', 't', ...keys),
    screen,
    async until(wanted, seconds = 30) {
      const deadline = performance.now() + seconds * 1_000;
      for (;;) {
        const text = screen();
        if (wanted.test(text)) return text;
        if (performance.now() > deadline) throw new Error(`not seen in ${seconds} s: ${wanted}\n${text}`);
        await pause(100);
      }
    },
    resize: (width, height) => void tmux('resize-window', '-t', 't', '-x', String(width), '-y', String(height)),
    child() {
      const shell = tmux('list-panes', '-t', 't', '-F', '#{pane_pid}').trim();
      return Number(execFileSync('ps', ['-o', 'pid=', '--ppid', shell], { encoding: 'utf8' }).trim().split('\n')[0]);
    },
    end: () => void tmux('kill-server'),
  };
}
