import { noFilter } from './filter.ts';
import { fixTyped, fixWanted } from './fix-prompt.ts';
import { fleetTree } from './fleet-tree.ts';
import { hostList } from './host-list.ts';
import { layoutOf } from './layout.ts';
import { moved, windowIn } from './lists.ts';
import { problemList } from './problem-list.ts';
import type { Step } from './reduce.ts';
import { ruleList } from './rule-list.ts';
import { isRunning } from './running.ts';
import { type ListName, placeAtTop, type State, type View, views } from './state.ts';
import { typed } from './typing.ts';
import { sortColumns } from './views/hosts.ts';
import { pageLines } from './views/page.ts';

/** What a key does. Keys are characters, or names: `up`, `pagedown`, `enter`, `ctrl-c` (input.ts). */
export function pressed(state: State, key: string): Step {
  if (key === 'ctrl-c') return { state: { ...state, stopping: isRunning(state) }, effect: { type: 'interrupt' } };
  if (state.overlay === 'quit') return quitAnswered(state, key);
  if (state.overlay !== null) return just({ ...state, overlay: null });
  if (state.typing !== null) return just(typed(state, state.typing, key));
  if (state.fixing !== null) return fixTyped(state, state.fixing, key);
  const clean = state.note === null ? state : { ...state, note: null };
  return global(clean, key) ?? just(inView(clean, key));
}

const just = (state: State): Step => ({ state, effect: null });

function quitAnswered(state: State, key: string): Step {
  if (key === 'q' || key === 'y' || key === 'enter')
    return { state: { ...state, overlay: null, stopping: true }, effect: { type: 'interrupt' } };
  return just({ ...state, overlay: null });
}

/** Keys that do the same everywhere; null: not one of them. */
function global(state: State, key: string): Step | null {
  const number = /^[1-5]$/.test(key) ? views[Number(key) - 1] : undefined;
  if (number !== undefined) return just(open(state, number));
  switch (key) {
    case 'tab':
      return just(open(state, beside(state.view, 1)));
    case 'backtab':
      return just(open(state, beside(state.view, -1)));
    case '?':
      return just({ ...state, overlay: 'help' });
    case 'y':
      return just({ ...state, overlay: 'command' });
    case 'q':
      return isRunning(state) && !state.stopping
        ? just({ ...state, overlay: 'quit' })
        : { state, effect: { type: isRunning(state) ? 'interrupt' : 'quit' } };
    case 'e':
      return state.setup.canExport ? { state, effect: { type: 'export' } } : null;
    case 'r':
      return state.setup.canRetry ? retry(state) : null;
    case 'x':
      return state.setup.canFix ? just(fixWanted(state)) : null;
    case '/':
      return just({ ...open(state, 'hosts'), typing: { text: withGap(state.filter.text), problem: null } });
    case 'f':
      return just({ ...open(state, 'hosts'), faultsOnly: !state.faultsOnly });
    default:
      return null;
  }
}

const withGap = (text: string): string => (text === '' ? '' : `${text} `);

const beside = (view: View, step: number): View =>
  views[(views.indexOf(view) + step + views.length) % views.length] ?? view;

function open(state: State, view: View): State {
  if (view === state.view && state.rule === null) return state;
  const host = view === 'host' ? (selectedHost(state) ?? state.host) : state.host;
  return { ...state, view, back: [...state.back, state.view].slice(-16), rule: null, scroll: 0, host };
}

const selectedHost = (state: State): string | null => {
  const list = hostList(state);
  return list[windowIn(state, 'hosts').index]?.name ?? null;
};

/** The marked hosts, or, in the table of hosts and on the page of one, that one. */
function retry(state: State): Step {
  if (isRunning(state)) return just({ ...state, note: 'the run is not over yet: retry when it is' });
  const here = state.view === 'host' ? state.host : state.view === 'hosts' ? selectedHost(state) : null;
  const problem = state.view === 'problems' ? problemList(state)[windowIn(state, 'problems').index]?.hosts : undefined;
  const hosts = state.marked.size > 0 ? [...state.marked] : (problem ?? (here === null ? [] : [here]));
  if (hosts.length === 0) return just({ ...state, note: 'mark hosts with space first' });
  return { state: { ...state, marked: new Set() }, effect: { type: 'retry', hosts } };
}

function inView(state: State, key: string): State {
  if (state.rule !== null || state.view === 'host') return onPage(state, key);
  return inList(state, state.view, key);
}

function inList(state: State, list: ListName, key: string): State {
  const { list: height } = layoutOf(state);
  switch (key) {
    case 'up':
    case 'k':
      return moved(state, list, ({ index }) => index - 1);
    case 'down':
    case 'j':
      return moved(state, list, ({ index }) => index + 1);
    case 'pageup':
    case 'ctrl-b':
      return moved(state, list, ({ index }) => index - height);
    case 'pagedown':
    case 'ctrl-f':
      return moved(state, list, ({ index }) => index + height);
    case 'g':
    case 'home':
      return moved(state, list, () => 0);
    case 'G':
    case 'end':
      return moved(state, list, (_, count) => count - 1);
    case 'enter':
    case 'right':
    case 'l':
      return entered(state, list);
    case 'escape':
    case 'left':
    case 'h':
      return left(state);
    case ' ':
      return list === 'hosts' ? marked(state) : state;
    case 's':
    case 'S':
      return list === 'hosts' ? sorted(state, key === 'S') : state;
    default:
      return state;
  }
}

/** Enter: a service's hosts, a host's page, a rule's page, the hosts of a problem. */
function entered(state: State, list: ListName): State {
  const { index } = windowIn(state, list);
  if (index < 0) return state;
  switch (list) {
    case 'fleet': {
      const node = fleetTree(state)[index];
      if (node === undefined) return state;
      return withHosts(state, node.label, new Set(node.hosts.map(({ name }) => name)));
    }
    case 'hosts':
      return open(state, 'host');
    case 'rules':
      return { ...state, rule: ruleList(state)[index]?.rule.id ?? null, scroll: 0 };
    case 'problems': {
      const problem = problemList(state)[index];
      return problem === undefined ? state : withHosts(state, problem.id, new Set(problem.hosts));
    }
  }
}

/** The table of hosts, with just these, which can be filtered further. */
const withHosts = (state: State, label: string, names: ReadonlySet<string>): State => ({
  ...open(state, 'hosts'),
  scope: { label, names },
  filter: noFilter,
  faultsOnly: false,
  places: { ...state.places, hosts: placeAtTop },
});

/** Esc: in the table of hosts first the filter goes, then the scope, with it back to where that was chosen; else one view back. */
function left(state: State): State {
  if (state.view !== 'hosts') return back(state);
  if (state.filter.text !== '') return { ...state, filter: noFilter };
  const from = state.back.at(-1);
  if (state.scope === null || from === 'fleet' || from === 'problems') return back({ ...state, scope: null });
  return { ...state, scope: null };
}

function back(state: State): State {
  const view = state.back.at(-1);
  return view === undefined ? state : { ...state, view, back: state.back.slice(0, -1), scroll: 0 };
}

function marked(state: State): State {
  const name = selectedHost(state);
  if (name === null) return state;
  const next = new Set(state.marked);
  if (!next.delete(name)) next.add(name);
  return moved({ ...state, marked: next }, 'hosts', ({ index }) => index + 1);
}

function sorted(state: State, reverses: boolean): State {
  const { column, reversed } = state.sort;
  if (reverses) return { ...state, sort: { column, reversed: !reversed } };
  const offered = sortColumns(state);
  const next = offered[(offered.indexOf(column) + 1) % offered.length] ?? 'severity';
  return { ...state, sort: { column: next, reversed: false }, places: { ...state.places, hosts: placeAtTop } };
}

/** A page of text: keys scroll it, from its first line to its last. */
function onPage(state: State, key: string): State {
  const { body } = layoutOf(state);
  const last = Math.max(0, pageLines(state).length - body);
  const to = (scroll: number): State => ({ ...state, scroll: Math.min(last, Math.max(0, scroll)) });
  switch (key) {
    case 'up':
    case 'k':
      return to(state.scroll - 1);
    case 'down':
    case 'j':
      return to(state.scroll + 1);
    case 'pageup':
    case 'ctrl-b':
      return to(state.scroll - body);
    case 'pagedown':
    case 'ctrl-f':
    case ' ':
      return to(state.scroll + body);
    case 'g':
    case 'home':
      return to(0);
    case 'G':
    case 'end':
      return to(last);
    case 'enter':
      return state.rule === null ? { ...state, explains: !state.explains } : state;
    case 'right':
    case 'l':
    case 'left':
    case 'h':
      return state.rule === null ? neighbour(state, key === 'right' || key === 'l' ? 1 : -1) : state;
    case 'escape':
      return state.rule === null ? back(state) : { ...state, rule: null, scroll: 0 };
    default:
      return state;
  }
}

/** The next or previous host of the table, without leaving the page. */
function neighbour(state: State, step: number): State {
  const next = moved(state, 'hosts', ({ index }) => index + step);
  return { ...next, host: selectedHost(next), scroll: 0 };
}
