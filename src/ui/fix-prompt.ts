import { fleetTree } from './fleet-tree.ts';
import { hostList } from './host-list.ts';
import { windowIn } from './lists.ts';
import { problemList } from './problem-list.ts';
import type { Step } from './reduce.ts';
import { hostsOf, ruleList } from './rule-list.ts';
import { isRunning } from './running.ts';
import type { FixPrompt, State } from './state.ts';
import { edited } from './typing.ts';

/** `x`: asks where to write the fix for the marked hosts; without marks, for those that are shown. */
export function fixWanted(state: State): State {
  const { run } = state.data;
  if (run === null || isRunning(state)) return { ...state, note: 'the run is not over yet: write the fix when it is' };
  const hosts = state.marked.size > 0 ? [...state.marked] : shownHosts(state);
  if (hosts.length === 0) return { ...state, note: 'no host is shown here: mark some with space in 2 Hosts' };
  return { ...state, fixing: { hosts, directory: `synaudit-fix-${run.id}` } };
}

/** Hosts of what one looks at: of the row of the fleet, the rule or the problem, the one host, or all of the table. */
function shownHosts(state: State): readonly string[] {
  const { rows, end } = state.data;
  switch (state.view) {
    case 'fleet':
      return fleetTree(state)[windowIn(state, 'fleet').index]?.hosts.map(({ name }) => name) ?? [];
    case 'host':
      return state.host === null ? [] : [state.host];
    case 'rules': {
      const rule = state.rule ?? ruleList(state)[windowIn(state, 'rules').index]?.rule.id;
      return rule === undefined ? [] : hostsOf(rule, rows, end).filter(name => rows.has(name));
    }
    case 'problems':
      return problemList(state)[windowIn(state, 'problems').index]?.hosts ?? [];
    case 'hosts':
      return hostList(state).map(({ name }) => name);
  }
}

/** A key while the directory is typed: Enter writes, Esc leaves it. */
export function fixTyped(state: State, prompt: FixPrompt, key: string): Step {
  if (key === 'escape') return { state: { ...state, fixing: null }, effect: null };
  if (key !== 'enter')
    return { state: { ...state, fixing: { ...prompt, directory: edited(prompt.directory, key) } }, effect: null };
  const directory = prompt.directory.trim();
  if (directory === '') return { state, effect: null };
  const note = `writing the fix for ${prompt.hosts.length} hosts`;
  return { state: { ...state, fixing: null, note }, effect: { type: 'fix', hosts: prompt.hosts, directory } };
}
