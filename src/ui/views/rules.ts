import { foldHosts } from '../../text/host-set.ts';
import type { Line } from '../line.ts';
import { windowIn } from '../lists.ts';
import { hostsOf, type RuleRow, ruleList } from '../rule-list.ts';
import type { State } from '../state.ts';
import { type Column, fitted, headText, rowText } from './columns.ts';
import { labelled } from './panel.ts';
import { tableLines } from './table.ts';

const count = (n: number): string => (n === 0 ? '–' : String(n));

const columnsOf: readonly Column<RuleRow>[] = [
  { title: 'RULE', width: 24, text: ({ rule }) => rule.id },
  { title: 'FAIL', width: 6, align: 'right', text: ({ verdicts }) => count(verdicts.fail + verdicts.informational) },
  { title: 'PASS', width: 6, align: 'right', text: ({ verdicts }) => count(verdicts.pass) },
  { title: 'N/A', width: 6, align: 'right', text: ({ verdicts }) => count(verdicts.notapplicable) },
  { title: 'UNKNOWN', width: 7, align: 'right', text: ({ verdicts }) => count(verdicts.notchecked) },
  { title: 'WANTED', text: ({ rule }) => rule.title },
];

/** Every rule, and what it said over the fleet. */
export function rulesLines(state: State): readonly Line[] {
  const columns = fitted(columnsOf, state.columns - 4);
  return tableLines(
    {
      headings: headText(columns),
      rows: ruleList(state),
      window: windowIn(state, 'rules'),
      text: row => rowText(columns, row),
      standing: ({ worst }) => worst,
      empty: 'no rule',
    },
    state.columns,
  );
}

/** What goes wrong by the selected rule, and where. */
export function rulesPanel(state: State): readonly Line[] {
  const row = ruleList(state)[windowIn(state, 'rules').index];
  if (row === undefined) return [];
  const [first] = row.rule.sections;
  const names = hostsOf(row.rule.id, state.data.rows, state.data.end);
  const hosts = names.length === 0 ? 'no host' : foldHosts(names.slice(0, 500));
  return [
    ...labelled('what', first?.text ?? row.rule.title, state.columns, 3),
    ...labelled('hosts', hosts, state.columns, 2),
  ];
}
