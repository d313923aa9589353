import { wrapColumns } from '../../text/table.ts';
import { layoutOf } from '../layout.ts';
import { blank, type Line, line, safe } from '../line.ts';
import { standingLooks, standings, toned } from '../standing.ts';
import type { State } from '../state.ts';

/** What covers the body while it is asked for; null: nothing. */
export function overlayLines(state: State): readonly Line[] | null {
  if (state.overlay === 'help') return helpLines(state);
  if (state.overlay === 'command') return commandLines(state);
  if (state.overlay === 'told') return toldLines(state);
  return null;
}

const keys: readonly (readonly [string, string])[] = [
  ['1–5, Tab', 'Fleet, Hosts, Host, Rules, Problems'],
  ['↑ ↓ j k', 'move; PgUp PgDn, g G: by page, first, last'],
  ['Enter → l', 'open: hosts of a service, one host, a rule'],
  ['Esc ← h', 'back; takes a filter away first'],
  ['/', 'filter hosts; all terms must hold, ! before one inverts it:'],
  ['', 'text  sev>=high  group:web  kernel<4.12  rule:ID  state:firing'],
  ['', 'outcome:timed-out  nat>50  drops>0  clients>100  os:7  is:changed'],
  ['f', 'faults only: hosts with a finding, or not audited'],
  ['s S', 'sort hosts by the next column; the other way round'],
  ['space', 'mark a host'],
];

function helpLines({ setup }: State): readonly Line[] {
  const more: readonly (readonly [string, string])[] = [
    ...(setup.canRetry ? [['r', 'visit the marked hosts, or the selected one, again'] as const] : []),
    ...(setup.canFix ? [['x', 'write the fix for the marked hosts, or for those shown, for review'] as const] : []),
    ...(setup.canExport ? [['e', 'write the run as JSON into this directory'] as const] : []),
    ['y', 'the command that does the same without the dashboard'],
    ['Enter', 'in 3: explain the findings of a host at length; ← → other hosts'],
    ['q Ctrl-C', 'quit; while hosts are visited: finish what is open; again: stop now'],
  ];
  const signs = standings.flatMap(standing => {
    const { sign, word, tone } = standingLooks[standing];
    return [{ text: ` ${sign} `, tone }, toned(standing === 'lost' ? 'not audited' : word, tone)];
  });
  return [
    blank,
    ...[...keys, ...more].map(([key, does]): Line => [{ text: `  ${key.padEnd(11)}`, tone: 'bold' }, { text: does }]),
    [{ text: ' ' }, ...signs],
    line('  any key closes this', 'dim'),
  ];
}

/** Lines at the end of what is told that stay where not all of it fits: they say what comes next. */
const lastTold = 5;

function toldLines(state: State): readonly Line[] {
  const { told, columns } = state;
  const all = told.flatMap(text => (text === '' ? [''] : wrapColumns(safe(text), columns - 4)));
  const room = layoutOf(state).body - 3;
  const first = Math.max(0, room - lastTold - 1);
  const shown = all.length <= room ? all : [...all.slice(0, first), '…', ...all.slice(-lastTold)];
  return [blank, ...shown.map(text => line(`  ${text}`)), blank, line('  any key closes this', 'dim')];
}

function commandLines({ setup, marked, columns }: State): readonly Line[] {
  const commands = setup.commands([...marked]);
  return [
    blank,
    line('  The same without the dashboard:', 'bold'),
    ...commands.flatMap(command => [
      blank,
      ...wrapColumns(safe(command), columns - 6).map(text => line(`    ${text}`)),
    ]),
    blank,
    line('  any key closes this', 'dim'),
  ];
}
