import { formatDuration } from '../../text/duration.ts';
import { displayWidth, truncateColumns } from '../../text/table.ts';
import { hostList } from '../host-list.ts';
import { bar, type Line, type Span, safe } from '../line.ts';
import { type Standing, standingLooks, standings, toned } from '../standing.ts';
import type { State, View } from '../state.ts';

/** Three lines: what is audited and how far it is; what was found; where one is. */
export const headerLines = (state: State): readonly Line[] => [titleLine(state), countsLine(state), tabsLine(state)];

const widthOf = (spans: Line): number => spans.reduce((sum, { text }) => sum + displayWidth(safe(text)), 0);

/** Left and right parts with a gap between, as far as there is room: the right part goes first. */
function apart(left: Line, right: Line, columns: number, filler: Span = { text: ' ' }): Line {
  const gap = columns - widthOf(left) - widthOf(right);
  if (gap < 1) return left;
  return [...left, { ...filler, text: filler.text.repeat(gap) }, ...right];
}

function titleLine(state: State): Line {
  const { data, setup, columns } = state;
  const subject = data.run?.subject ?? '';
  const profile = data.run !== null && data.run.profile !== 'audit' ? ` · ${data.run.profile}` : '';
  const name: Span = { text: ' synaudit ', tone: 'bold' };
  const right: Line = [...progress(state), { text: ' ' }];
  // a long path is cut, not how far the run is
  const room = Math.max(setup.command.length, columns - widthOf([name, ...right]) - 2);
  const what = `${setup.command}${subject === '' || subject === setup.command ? '' : ` ${subject}`}${profile}`;
  return apart([name, { text: truncateColumns(safe(what), room) }], right, columns);
}

/** What is left when the rate says less are hosts that hang: their deadlines decide, not the rate. Unit: ms. */
const leastEtaMs = 1_000;
/** The rate of fewer hosts tells nothing of the rest. */
const fewestForEta = 10;

function progress(state: State): Line {
  const { data, now, columns, setup } = state;
  if (data.run === null) return [{ text: setup.starting ?? 'starting', tone: 'dim' }];
  const total = data.run.hostCount;
  const elapsed = Math.max(1, (data.finishedAt ?? now) - data.beganAt);
  const round = setup.watchSeconds === null ? '' : `round ${data.round} · `;
  if (data.finishedAt !== null) return [{ text: `${round}${finished(state, elapsed)}` }];
  const perSecond = (data.done * 1_000) / elapsed;
  const leftMs = data.done < fewestForEta ? 0 : ((total - data.done) / perSecond) * 1_000;
  const eta = leftMs < leastEtaMs ? '' : `  ETA ${formatDuration(leftMs)}`;
  const width = columns >= 110 ? 24 : columns >= 90 ? 14 : 8;
  return [
    { text: round },
    { text: `▕${bar(data.done / Math.max(1, total), width)}▏`, tone: 'cyan' },
    { text: ` ${data.done}/${total}  ${perSecond.toFixed(1)}/s${eta}` },
  ];
}

function finished({ data, setup, now }: State, elapsed: number): string {
  const { run, end, rows, finishedAt } = data;
  if (run === null || end === null) return '';
  const hosts = `${rows.size}/${run.hostCount} hosts`;
  if (setup.watchSeconds !== null && finishedAt !== null) {
    const next = setup.watchSeconds * 1_000 - (now - data.beganAt);
    return `${hosts} · next in ${formatDuration(Math.max(0, next))}`;
  }
  const isStored = setup.command === 'report' || setup.command === 'diff';
  const took = isStored ? Date.parse(end.finishedAt) - Date.parse(run.startedAt) : elapsed;
  const when = isStored ? ` · ${run.startedAt.slice(0, 16).replace('T', ' ')}Z` : '';
  return `${hosts}${when} · took ${formatDuration(Math.max(0, took))}${end.interrupted ? ' · interrupted' : ''}`;
}

const words: Readonly<Partial<Record<Standing, string>>> = { lost: 'not audited' };

/** Signs, numbers and words; without the words where there is no room for all, as a number must not be cut. */
function countsLine({ data, columns }: State): Line {
  const counted = (withWords: boolean): Line =>
    standings.flatMap((standing): Span[] => {
      const n = data.standing[standing];
      if (n === 0) return [];
      const { sign, word, tone } = standingLooks[standing];
      const text = withWords ? `${n} ${words[standing] ?? word} ` : `${n} `;
      return [{ text: ` ${sign} `, tone }, toned(text, tone)];
    });
  const worded = counted(true);
  const spans = widthOf(worded) > columns + 1 ? counted(false) : worded; // the last space may go
  const none = data.run === null ? '' : data.end === null ? ' no host has answered yet' : ' no host is in this run';
  return spans.length === 0 ? [{ text: none, tone: 'dim' }] : spans;
}

const titles: Readonly<Record<View, string>> = {
  fleet: 'Fleet',
  hosts: 'Hosts',
  host: 'Host',
  rules: 'Rules',
  problems: 'Problems',
};

function tabsLine(state: State): Line {
  const left = Object.entries(titles).flatMap(([view, title], i): Span[] => [
    { text: '─', tone: 'dim' },
    view === state.view ? { text: `[${i + 1} ${title}]`, tone: 'bold' } : { text: ` ${i + 1} ${title} `, tone: 'dim' },
  ]);
  const rule: Span = { text: '─', tone: 'dim' };
  return apart(left, [...selection(state, state.columns - widthOf(left) - 2), rule], state.columns, rule);
}

/** How many hosts the table is cut down to, and by what; that is cut where there are fewer columns. */
function selection(state: State, columns: number): Line {
  const parts: string[] = [];
  if (state.marked.size > 0) parts.push(`${state.marked.size} marked`);
  if (state.view === 'hosts') {
    parts.push(`${hostList(state).length} of ${state.data.rows.size}`);
    if (state.faultsOnly) parts.push('faults only');
    if (state.scope !== null) parts.push(`in "${state.scope.label}"`);
    if (state.filter.text !== '') parts.push(state.filter.text);
  }
  return parts.length === 0
    ? []
    : [{ text: ` ${truncateColumns(safe(parts.join(' · ')), columns - 2)} `, tone: 'bold' }];
}
