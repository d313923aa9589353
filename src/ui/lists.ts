import { fleetTree } from './fleet-tree.ts';
import { hostList } from './host-list.ts';
import { layoutOf } from './layout.ts';
import { lastAnswer } from './memo.ts';
import { problemList } from './problem-list.ts';
import { ruleList } from './rule-list.ts';
import type { ListName, Place, State } from './state.ts';

/** The names by which rows of a list are told apart, in order. */
export function idsOf(state: State, list: ListName): readonly string[] {
  switch (list) {
    case 'fleet':
      return fleetIds(fleetTree(state));
    case 'hosts':
      return hostNames(hostList(state));
    case 'rules':
      return ruleIds(ruleList(state));
    case 'problems':
      return problemIds(problemList(state));
  }
}

const fleetIds = lastAnswer((rows: ReturnType<typeof fleetTree>) => rows.map(({ id }) => id));
const hostNames = lastAnswer((rows: ReturnType<typeof hostList>) => rows.map(({ name }) => name));
const ruleIds = lastAnswer((rows: ReturnType<typeof ruleList>) => rows.map(({ rule }) => rule.id));
const problemIds = lastAnswer((rows: ReturnType<typeof problemList>) => rows.map(({ id }) => id));

/** The part of a list that is on the screen. */
export interface Window {
  /** Position of the selected row in the list; -1: the list is empty. */
  readonly index: number;
  /** Position of the first row on the screen. */
  readonly top: number;
  readonly height: number;
}

/** Where a list stands now: the selected row keeps selected while rows come and go around it. */
export function windowOf(ids: readonly string[], place: Place, height: number): Window {
  if (ids.length === 0) return { index: -1, top: 0, height };
  const found = place.selected === null ? 0 : ids.indexOf(place.selected);
  const index = found >= 0 ? found : Math.min(place.index, ids.length - 1);
  const lastTop = Math.max(0, ids.length - height);
  const top = Math.min(
    Math.max(Math.min(place.top, index), index - height + 1, 0),
    Math.max(lastTop, index - height + 1),
  );
  return { index, top, height };
}

/** The rows that are on the screen, and no others. */
export function visibleRows<T>(rows: readonly T[], { top, height }: Window): readonly T[] {
  return rows.slice(top, top + height);
}

export const windowIn = (state: State, list: ListName): Window =>
  windowOf(idsOf(state, list), state.places[list], layoutOf(state).list);

/** A list after a move: `to` gives the wanted position; what is out of bounds ends at the bound. */
export function moved(state: State, list: ListName, to: (window: Window, count: number) => number): State {
  const ids = idsOf(state, list);
  if (ids.length === 0) return state;
  const window = windowIn(state, list);
  const index = Math.min(ids.length - 1, Math.max(0, to(window, ids.length)));
  // the first row is "whichever is first": while hosts come in, the worst stays selected
  const selected = index === 0 ? null : (ids[index] ?? null);
  const next = windowOf(ids, { selected, index, top: window.top }, window.height);
  return { ...state, places: { ...state.places, [list]: { selected, index, top: next.top } } };
}
