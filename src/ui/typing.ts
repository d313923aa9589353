import { parseFilter } from './filter.ts';
import { placeAtTop, type State } from './state.ts';

/**
 * A key while the filter is typed. What is typed holds at once if it can be read, and as long as it cannot, the last that could
 * holds. Esc gives up the filter, Enter keeps it.
 */
export function typed(state: State, { text }: NonNullable<State['typing']>, key: string): State {
  if (key === 'enter') return { ...state, typing: null };
  if (key === 'escape') return withText({ ...state, typing: null }, '');
  const next = edited(text, key);
  return next === text ? state : withText(state, next);
}

/** Longer than any filter or path that is typed. Unit: UTF-16 code units. */
const longestText = 600;

/** A text after a key of its line. */
export function edited(text: string, key: string): string {
  if (key === 'backspace') return [...text].slice(0, -1).join('');
  if (key === 'ctrl-u') return '';
  return isText(key) ? (text + key).slice(0, longestText) : text;
}

/** Characters come one by one; a name of a key is longer. */
const isText = (key: string): boolean => [...key].length === 1;

function withText(state: State, text: string): State {
  const filter = parseFilter(text);
  const typing = state.typing === null ? null : { text, problem: 'problem' in filter ? filter.problem : null };
  if ('problem' in filter) return { ...state, typing };
  return { ...state, typing, filter, places: { ...state.places, hosts: placeAtTop } };
}
