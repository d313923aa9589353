import { foldHosts } from '../../text/host-set.ts';
import { wrapColumns } from '../../text/table.ts';
import { blank, type Line, line } from '../line.ts';
import { lastAnswer } from '../memo.ts';
import { hostsOf, ruleList } from '../rule-list.ts';
import type { State } from '../state.ts';
import { helpLines, hostPage } from './host-page.ts';

/** The text of the page that is open: of a rule, or of a host. All of it; the screen shows a part. */
export const pageLines = (state: State): readonly Line[] =>
  state.rule === null
    ? hostLines(state.host === null ? undefined : state.data.rows.get(state.host), state.columns, state.explains, state)
    : ruleLines(state);

/** Computed again only if the host, or how it is shown, is another. */
const hostLines = lastAnswer(
  (
    row: ReturnType<State['data']['rows']['get']>,
    _columns: number,
    _explains: boolean,
    state: State,
  ): readonly Line[] =>
    row === undefined
      ? [blank, line('   choose a host in 2 Hosts first, or wait until it has answered', 'dim')]
      : hostPage(row, state),
);

function ruleLines(state: State): readonly Line[] {
  const row = ruleList(state).find(({ rule }) => rule.id === state.rule);
  if (row === undefined) return [];
  const { rule } = row;
  const hosts = hostsOf(rule.id, state.data.rows, state.data.end);
  const names = hosts.length === 0 ? ['no host'] : wrapColumns(foldHosts(hosts.slice(0, 2_000)), state.columns - 7);
  return [
    [{ text: ` ${rule.id}`, tone: 'bold' }, { text: `  wanted: ${rule.title}` }],
    blank,
    ...helpLines(rule, state.columns),
    line(`   Found on ${hosts.length} hosts`, 'bold'),
    ...names.map(text => line(`     ${text}`)),
  ];
}
