import { EventEmitter } from 'node:events';
import { render } from 'ink';
import type { RunEvent } from '../model/run.ts';
import { Dashboard } from './dashboard.tsx';
import type { Theme } from './line.ts';
import { isRunning } from './running.ts';
import { Screen, type TerminalOutput } from './screen.ts';
import { initialState, type RunData, type Setup } from './state.ts';
import { createStore } from './store.ts';

/** What the dashboard asks of whoever opened it. */
export interface Requests {
  /** Ctrl-C, or `q`, while hosts are visited. */
  readonly interrupt: () => void;
  readonly retry: (hosts: readonly string[]) => void;
  /** Resolves to what was written, for people. */
  readonly export: () => string;
  /** Writes the fix for some hosts. Resolves to what came of it, in lines for people; never rejects. */
  readonly fix: (hosts: readonly string[], directory: string) => Promise<readonly string[]>;
}

export interface OpenOptions {
  readonly setup: Setup;
  readonly theme: Theme;
  readonly input: NodeJS.ReadStream;
  readonly output: TerminalOutput;
  readonly requests: Requests;
}

/** How the dashboard was left. */
export type Left = { readonly by: 'quit' | 'interrupt' } | { readonly by: 'crash'; readonly error: unknown };

/** An open dashboard. */
export interface OpenDashboard {
  readonly accept: (event: RunEvent) => void;
  readonly note: (text: string) => void;
  /** What it has been told so far. */
  readonly data: () => RunData;
  /** Shows that the run is winding up. */
  readonly stopping: () => void;
  /** Settles when the user leaves; never rejects. */
  readonly left: Promise<Left>;
  /** Leaves the terminal to somebody who asks a question there; what happens meanwhile is kept. */
  readonly suspend: () => void;
  readonly resume: () => void;
  /** Gives the terminal back. May be called at any time, also twice, also while the process ends. */
  readonly close: () => void;
}

/** What ink draws on: nothing, as the screen gets the rows. `debug` keeps ink from moving the cursor. */
const nowhere = () =>
  Object.assign(new EventEmitter(), { columns: 1, rows: 1, write: () => true }) as unknown as NodeJS.WriteStream;

/** Opens the dashboard on a terminal. */
export function openDashboard({ setup, theme, input, output, requests }: OpenOptions): OpenDashboard {
  const now = () => performance.now();
  const screen = new Screen(output, () => store.dispatch({ type: 'size', columns: screen.columns, rows: screen.rows }));
  let leave: (left: Left) => void = () => {};
  const left = new Promise<Left>(resolve => {
    leave = resolve;
  });
  const store = createStore(initialState(setup, { columns: screen.columns, rows: screen.rows }), {
    now,
    onEffect(effect) {
      if (effect.type === 'quit') leave({ by: 'quit' });
      else if (effect.type === 'retry') requests.retry(effect.hosts);
      else if (effect.type === 'export') store.dispatch({ type: 'note', text: requests.export() });
      else if (effect.type === 'fix') void fix(effect.hosts, effect.directory);
      else if (isRunning(store.state()) || store.state().data.run === null) requests.interrupt();
      else leave({ by: 'interrupt' });
    },
  });
  const fix = async (hosts: readonly string[], directory: string) => {
    store.dispatch({ type: 'tell', lines: await requests.fix(hosts, directory) });
  };
  const draw = () => {
    screen.open();
    const paint = (rows: readonly string[]) => screen.show(rows);
    const app = render(<Dashboard store={store} theme={theme} now={now} paint={paint} />, {
      stdout: nowhere(),
      stdin: input,
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    });
    app.waitUntilExit().catch((error: unknown) => leave({ by: 'crash', error }));
    return app;
  };
  let app: ReturnType<typeof draw> | undefined = draw();
  const withdraw = () => {
    app?.unmount();
    app = undefined;
    screen.close();
    // Otherwise Node goes on reading what is typed into the question.
    input.resume();
    input.pause();
  };
  return {
    accept: store.accept,
    note: text => store.dispatch({ type: 'note', text }),
    data() {
      store.flush();
      return store.state().data;
    },
    stopping: () => store.dispatch({ type: 'stopping' }),
    left,
    suspend: withdraw,
    resume() {
      store.dispatch({ type: 'size', columns: screen.columns, rows: screen.rows });
      app ??= draw();
    },
    close() {
      store.stop();
      withdraw();
    },
  };
}
