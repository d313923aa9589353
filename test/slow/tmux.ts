import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';

/** A terminal that a test types on and looks at: a tmux server of its own. */
export interface Tmux {
  readonly keys: (...keys: readonly string[]) => void;
  /** What is on the screen; with `codes`, the colours as SGR codes, too. */
  readonly screen: (options?: { readonly codes?: boolean }) => string;
  /** Resolves to the screen once it shows what is wanted; rejects with the screen after so many seconds. */
  readonly until: (wanted: RegExp, seconds?: number) => Promise<string>;
  /**
   * Time from a key until the program ends the frame that shows what the key leads to: the next key is typed on a finished
   * screen. The test's own thread must be free. Unit: ms.
   */
  readonly answerTime: (key: string, wanted: string) => Promise<number>;
  /** Whether the alternate screen is on, and the cursor: `0` or `1`. */
  readonly modes: () => { readonly alternate: string; readonly cursor: string };
  readonly resize: (columns: number, rows: number) => void;
  /** Process id of the program that runs in the shell. */
  readonly child: () => number;
  readonly end: () => void;
}

/** The end of a synchronised update, in the octal way of control mode. */
const endOfFrame = '\\033[?2026l';

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
  /** A client in control mode tells what the program writes when it writes it: tmux(1), "CONTROL MODE". */
  const watcher = spawn('tmux', ['-L', socket, '-C', 'attach', '-f', 'ignore-size', '-t', 't']);
  const listeners = new Set<(text: string) => void>();
  watcher.stdout.on('data', (chunk: Buffer) => {
    const text = chunk.toString('latin1').replace(/%output %\d+ |\r?\n/g, '');
    for (const listener of listeners) listener(text);
  });
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
    answerTime: (key, wanted) =>
      new Promise((resolve, reject) => {
        const began = performance.now();
        let seen = '';
        const done = (text: string) => {
          seen += text;
          const shown = seen.indexOf(wanted);
          if (shown < 0 || !seen.includes(endOfFrame, shown)) return;
          clearTimeout(timer);
          listeners.delete(done);
          resolve(performance.now() - began);
        };
        const timer = setTimeout(() => {
          listeners.delete(done);
          reject(new Error(`${key} led to no "${wanted}" within 10 s:\n${screen()}`));
        }, 10_000);
        listeners.add(done);
        watcher.stdin.write(`send-keys -t t ${key}\n`);
      }),
    modes() {
      const [alternate = '', cursor = ''] = tmux('display-message', '-t', 't', '-p', '#{alternate_on} #{cursor_flag}')
        .trim()
        .split(' ');
      return { alternate, cursor };
    },
    resize: (width, height) => void tmux('resize-window', '-t', 't', '-x', String(width), '-y', String(height)),
    child() {
      const shell = tmux('list-panes', '-t', 't', '-F', '#{pane_pid}').trim();
      return Number(execFileSync('ps', ['-o', 'pid=', '--ppid', shell], { encoding: 'utf8' }).trim().split('\n')[0]);
    },
    end() {
      tmux('kill-server');
      watcher.kill();
    },
  };
}
