import type { RunEvent } from '../model/run.ts';
import { type Action, type Effect, reduce } from './reduce.ts';
import type { Told } from './run-data.ts';
import type { State } from './state.ts';

/** Holds the state, and gathers events so that thousands of hosts a second are a few frames a second. */
export interface Store {
  readonly state: () => State;
  readonly dispatch: (action: Action) => void;
  /** Takes an event of the run; shown with the next batch. */
  readonly accept: (event: RunEvent) => void;
  /** Shows what is gathered now. */
  readonly flush: () => void;
  /** Calls back after each change; the result ends that. */
  readonly subscribe: (onChange: () => void) => () => void;
  readonly stop: () => void;
}

/** A batch: often enough to look alive. Unit: ms. */
const batchMs = 120;
/** Clocks on the screen move this often while something goes on. Unit: ms. */
const tickMs = 500;

export function createStore(
  initial: State,
  { now, onEffect }: { now: () => number; onEffect: (effect: Effect) => void },
): Store {
  let state = initial;
  let told: Told[] = [];
  let timer: NodeJS.Timeout | undefined;
  const listeners = new Set<() => void>();
  const dispatch = (action: Action) => {
    const step = reduce(state, action);
    if (step.state !== state) {
      state = step.state;
      for (const listener of listeners) listener();
    }
    if (step.effect !== null) onEffect(step.effect);
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (told.length === 0) return;
    const batch = told;
    told = [];
    dispatch({ type: 'events', told: batch, now: now() });
  };
  const isMoving = () =>
    state.data.run !== null && (state.data.finishedAt === null || state.setup.watchSeconds !== null);
  const ticking = setInterval(() => {
    if (isMoving() && told.length === 0) dispatch({ type: 'tick', now: now() });
  }, tickMs);
  return {
    state: () => state,
    dispatch,
    accept(event) {
      told.push({ event, at: now() });
      timer ??= setTimeout(flush, batchMs);
    },
    flush,
    subscribe(onChange) {
      listeners.add(onChange);
      return () => void listeners.delete(onChange);
    },
    stop() {
      clearTimeout(timer);
      clearInterval(ticking);
    },
  };
}
