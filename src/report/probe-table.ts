/** A probe for people. */
import type { ProbeComparison, ProbeDocument, ProbePair, ProbeTally } from '../model/probe.ts';
import { type Paint, stripControls } from '../text/ansi.ts';
import { formatDuration } from '../text/duration.ts';
import { foldHosts } from '../text/host-set.ts';
import { grouped, intervalText, percent, pText } from '../text/share.ts';
import { alignRight, alignRows, displayWidth, wrapColumns } from '../text/table.ts';
import { counted } from './page.ts';
import { latencyCell, nameCell, outcomesCell, tableBlocks } from './probe-cells.ts';
import { matrixLines } from './probe-matrix.ts';

export interface ProbePaper {
  readonly width: number;
  readonly paint: Paint;
  /** Every pair, however many. */
  readonly verbose: boolean;
  /** No sentences about what a probe cannot show. */
  readonly quiet: boolean;
}

/** Pairs that are listed, the worst first, unless all are asked for. */
const pairsShown = 20;

/** The whole text, with a line end. */
export function probeTable(probe: ProbeDocument, paper: ProbePaper): string {
  const { pairs, all, origins, comparison, limits, options, says } = probe;
  const { width, paint, quiet } = paper;
  const prose = (text: string): string[] => wrapColumns(stripControls(text), width);
  const matrix = matrixLines(pairs, width);
  const sections: string[][] = [
    prose(headline(probe)),
    origins.flatMap(({ name, error }) =>
      error === null ? [] : prose(`${name}: ${error.outcome}: ${error.message} (${error.hint})`),
    ),
    pairLines(probe, paper),
    matrix,
    histogram(all, options.timeoutMs),
    says.flatMap(prose),
    comparison === null ? [] : comparisonLines(comparison, paper),
    quiet || comparison === null ? [] : comparison.cautions.flatMap(prose),
    quiet ? [] : [paint('bold', 'What this cannot see'), ...limits.flatMap(text => hanging(text, width))],
  ];
  return `${sections
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headline({ pairs, options, startedAt, finishedAt, interrupted, all }: ProbeDocument): string {
  const took = formatDuration(Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)));
  const made = `${counted(pairs.length, 'pair')}, ${grouped(all.attempts)} attempts in ${took}`;
  const how = `at most ${options.perSecond} per second and target, unanswered after ${formatDuration(options.timeoutMs)}`;
  return `Connection attempts: ${made}, ${how}.${interrupted ? ' Stopped before all were made.' : ''}`;
}

const pairHeadings = ['FROM', 'TO', 'ATTEMPTS', 'FAILED', '95 %', 'SYN LOST', 'P50', 'P99', 'FAILURES'];

function pairLines({ pairs, all }: ProbeDocument, { verbose, width }: ProbePaper): string[] {
  const worst = [...pairs].sort((a, b) => (b.failures.share ?? 2) - (a.failures.share ?? 2));
  const shown = verbose || pairs.length <= pairsShown ? pairs : worst.slice(0, pairsShown);
  const rest = pairs.length <= shown.length ? [] : worst.slice(pairsShown);
  const rows = shown.map(pair => [nameCell(pair.from), nameCell(pair.to), ...tallyCells(pair)]);
  const total = pairs.length > 1 ? [['all', '', ...tallyCells(all)]] : [];
  const lines = tableBlocks([pairHeadings, ...rows, ...total], { names: 2, width });
  return rest.length === 0 ? lines : [...lines, restLine(rest)];
}

function restLine(rest: readonly ProbePair[]): string {
  const most = Math.max(...rest.map(({ failures }) => failures.share ?? 0));
  const tos = foldHosts([...new Set(rest.map(({ to }) => stripControls(to)))]);
  const names = displayWidth(tos) <= 60 ? ` to ${tos}` : '';
  return `… and ${counted(rest.length, 'pair')}${names} with at most ${percent(most)} failures: -v`;
}

const tallyCells = (tally: ProbeTally): string[] => [
  grouped(tally.attempts),
  tally.failures.share === null ? 'unknown' : percent(tally.failures.share),
  intervalText(tally.failures.interval),
  tally.firstSynLost.share === null ? 'unknown' : percent(tally.firstSynLost.share),
  latencyCell(tally.latency?.p50),
  latencyCell(tally.latency?.p99),
  outcomesCell(tally) || '–',
];

const barWidth = 40;

/** When connects came: the steps at which SYNs are sent again stand out, as nothing else takes whole seconds. */
function histogram({ steps, slow, outcomes, attempts }: ProbeTally, timeoutMs: number): string[] {
  const { timeout } = outcomes;
  if (attempts === 0 || (outcomes.connected === 0 && timeout === 0)) return [];
  const rows: [string, number][] = steps.map(({ afterSeconds, connects }) => [
    afterSeconds === 0 ? 'answer to the first SYN' : `after ${afterSeconds} s (SYN sent again)`,
    connects,
  ]);
  if (slow > 0) rows.push(['between: slow otherwise', slow]);
  if (timeout > 0) rows.push([`no answer in ${formatDuration(timeoutMs)}`, timeout]);
  const most = Math.max(...rows.map(([, n]) => n));
  const digits = grouped(most).length;
  const table = alignRows(
    rows.map(([label, n]) => [
      `  ${label}`,
      alignRight(grouped(n), digits),
      '█'.repeat(Math.ceil((n / most) * barWidth)),
    ]),
  );
  return ['When the answer came:', ...table];
}

function comparisonLines({ before, pairs, says, onlyBefore, onlyAfter }: ProbeComparison, paper: ProbePaper): string[] {
  const { width, paint, verbose } = paper;
  const changed = pairs.filter(({ failures }) => failures.verdict !== 'untold');
  const shown = verbose || pairs.length <= pairsShown ? pairs : changed.slice(0, pairsShown);
  const rows = shown.map(({ from, to, failures: { before: was, after: is, difference, interval, p, verdict } }) => [
    nameCell(from),
    nameCell(to),
    was.share === null ? 'unknown' : percent(was.share),
    is.share === null ? 'unknown' : percent(is.share),
    difference === null || interval === null ? '–' : `${signed(interval.low)} to ${signed(interval.high)}`,
    p === null ? '–' : pText(p),
    verdict === 'untold' ? 'no change told' : verdict,
  ]);
  const only = [
    ...(onlyBefore.length === 0
      ? []
      : [`${counted(onlyBefore.length, 'pair')} only in the earlier probe: not compared.`]),
    ...(onlyAfter.length === 0 ? [] : [`${counted(onlyAfter.length, 'pair')} only in this probe: not compared.`]),
  ];
  return [
    paint('bold', `Against probe ${stripControls(before)}`),
    ...wrapColumns(stripControls(says), width),
    ...(rows.length < 2
      ? []
      : tableBlocks([['FROM', 'TO', 'BEFORE', 'NOW', 'DIFFERENCE IN POINTS, 95 %', 'FISHER', 'VERDICT'], ...rows], {
          names: 2,
          width,
        })),
    ...only,
  ];
}

/** `-24.1`, `+3`: percentage points. */
const signed = (share: number): string =>
  `${share > 0 ? '+' : share < 0 ? '-' : ''}${percent(Math.abs(share)).replace(' %', '')}`;

const hanging = (text: string, width: number): string[] =>
  wrapColumns(stripControls(text), width - 2).map((line, i) => (i === 0 ? `- ${line}` : `  ${line}`));
