import { type Line, line, type Span, typedEnd } from '../line.ts';
import { isRunning } from '../running.ts';
import type { State, View } from '../state.ts';

/** A rule, and below it what is typed, what happened, or which keys there are. */
export const footerLines = (state: State): readonly Line[] => [line('─'.repeat(state.columns), 'dim'), lastLine(state)];

function lastLine(state: State): Line {
  const { typing, fixing, note, stopping } = state;
  if (state.overlay === 'quit')
    return [
      { text: ' The audit still runs. ', tone: 'bold' },
      { text: 'q: finish what is open, store and quit   Esc: go on' },
    ];
  if (typing !== null) {
    const problem: Line = typing.problem === null ? [] : [{ text: `  ${typing.problem}`, tone: 'red' }];
    const room = typing.problem === null ? state.columns - 3 : Math.floor(state.columns / 2);
    const hint: Line =
      typing.text === ''
        ? [{ text: '  text  sev>=high  group:web  kernel<4.12  drops>0  rule:ID  !not', tone: 'dim' }]
        : [];
    return [
      { text: ' /', tone: 'bold' },
      { text: typedEnd(typing.text, room) },
      { text: ' ', tone: 'inverse' },
      ...problem,
      ...hint,
    ];
  }
  if (fixing !== null) {
    const what = ` Write the fix for ${fixing.hosts.length} ${fixing.hosts.length === 1 ? 'host' : 'hosts'} into `;
    return [
      { text: what, tone: 'bold' },
      { text: typedEnd(fixing.directory, state.columns - what.length - 1) },
      { text: ' ', tone: 'inverse' },
      { text: '  Esc: no', tone: 'dim' },
    ];
  }
  if (stopping && isRunning(state))
    return line(' Finishing what is open, beginning nothing more. Ctrl-C again stops at once.', 'bold');
  if (note !== null) return line(` ${note}`, 'bold');
  return keyLine(state);
}

type Key = readonly [key: string, does: string];

const move: Key = ['↑↓', 'move'];
const openRow: Key = ['enter', 'open'];
const scroll: Key = ['↑↓', 'scroll'];
const back: Key = ['esc', 'back'];
const filter: Key = ['/', 'filter'];
const faults: Key = ['f', 'faults'];

const keysOf: Readonly<Record<View, readonly Key[]>> = {
  fleet: [move, openRow, filter, faults],
  hosts: [move, openRow, filter, ['s', 'sort'], faults, ['space', 'mark']],
  host: [scroll, ['←→', 'host'], ['enter', 'explain'], back],
  rules: [move, openRow],
  problems: [move, openRow],
};

/** Left out first where the line is too short: help tells of them. */
const dispensable = ['e', 'y', 'space', 'f', 's', 'x'];

function keyLine(state: State): Line {
  const { canRetry, canExport, canFix } = state.setup;
  const all: readonly Key[] = [
    ...(state.rule === null ? keysOf[state.view] : [scroll, back]),
    ...(canRetry ? [['r', 'retry'] as const] : []),
    ...(canFix ? [['x', 'fix'] as const] : []),
    ...(canExport ? [['e', 'export'] as const] : []),
    ['y', 'command'],
    ['?', 'help'],
    ['q', 'quit'],
  ];
  let shown = all;
  for (const key of dispensable) if (widthOf(shown) > state.columns) shown = shown.filter(([name]) => name !== key);
  return shown.flatMap(([key, does]): Span[] => [
    { text: ` ${key}`, tone: 'bold' },
    { text: ` ${does} `, tone: 'dim' },
  ]);
}

const widthOf = (keys: readonly Key[]): number =>
  keys.reduce((sum, [key, does]) => sum + key.length + does.length + 3, 0);
