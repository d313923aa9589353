import { pressed } from './keys.ts';
import { type Told, withEvents } from './run-data.ts';
import type { State } from './state.ts';

/** All that can happen to the dashboard. */
export type Action =
  | { readonly type: 'events'; readonly told: readonly Told[]; readonly now: number }
  | { readonly type: 'key'; readonly key: string; readonly now: number }
  | { readonly type: 'size'; readonly columns: number; readonly rows: number }
  | { readonly type: 'tick'; readonly now: number }
  | { readonly type: 'note'; readonly text: string }
  /** What more is to be said than a note holds. */
  | { readonly type: 'tell'; readonly lines: readonly string[] }
  | { readonly type: 'stopping' };

/** What a key asks of the world outside; the reducer itself does nothing. */
export type Effect =
  | { readonly type: 'quit' }
  | { readonly type: 'interrupt' }
  | { readonly type: 'retry'; readonly hosts: readonly string[] }
  | { readonly type: 'export' }
  | { readonly type: 'fix'; readonly hosts: readonly string[]; readonly directory: string };

/** The state after something happened, and what is to be done about it. Pure. */
export interface Step {
  readonly state: State;
  readonly effect: Effect | null;
}

export function reduce(state: State, action: Action): Step {
  switch (action.type) {
    case 'events':
      return just({ ...state, now: action.now, data: withEvents(state.data, action.told) });
    case 'key':
      return pressed({ ...state, now: action.now }, action.key);
    case 'size':
      return just({ ...state, columns: action.columns, rows: action.rows });
    case 'tick':
      return just({ ...state, now: action.now });
    case 'note':
      return just({ ...state, note: action.text });
    case 'tell':
      return just({ ...state, note: null, told: action.lines, overlay: 'told' });
    case 'stopping':
      return just({ ...state, stopping: true, overlay: null });
  }
}

const just = (state: State): Step => ({ state, effect: null });
