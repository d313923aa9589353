import type { RunEvent, RunInfo } from '../model/run.ts';
import { outcomes } from '../model/visit.ts';
import { painter } from '../text/ansi.ts';
import { formatDuration } from '../text/duration.ts';
import { grouped } from '../text/share.ts';
import { addResult, type Blocks, emptyBlocks, headlineRule, worstFirst } from './blocks.ts';
import { conclusion, cutShort } from './conclusion.ts';
import {
  addAnswer,
  answerBlocks,
  type ClientAnswers,
  cohortBlocks,
  fleetFindingBlocks,
  gatewayBlocks,
  serviceBlocks,
} from './fleet-blocks.ts';
import { type Block, blockLines, counted, type Paper, textLines } from './page.ts';
import { failureBlock, findingBlocks } from './sentences.ts';
import type { NextSteps, SinkFactory } from './sink.ts';

type End = Extract<RunEvent, { type: 'end' }>;

/** For people: equal hosts folded into one block, the worst first, the reason before the remedy, at the end what to type next. */
export const table: SinkFactory = ({ write, width, color, verbose, next }) => {
  const blocks = emptyBlocks();
  const answers: ClientAnswers = new Map();
  const paper = { width, paint: painter(color), verbose };
  let run: RunInfo | undefined;
  return event => {
    if (event.type === 'run') run = event.run;
    else if (event.type === 'host') {
      addResult(blocks, event.result);
      if (run?.client !== undefined) addAnswer(answers, event.result);
    } else if (event.type === 'end' && run !== undefined)
      write(`${page({ run, blocks, answers, end: event, next }, paper).join('\n')}\n`);
  };
};

interface Told {
  readonly run: RunInfo;
  readonly blocks: Blocks;
  readonly answers: ClientAnswers;
  readonly end: End;
  readonly next: NextSteps;
}

function page(told: Told, paper: Paper): string[] {
  const { run, blocks, answers, end } = told;
  const { fleet } = end;
  const lines = (list: readonly Block[]): string[] => list.flatMap(block => blockLines(block, paper));
  const titled = (title: string, list: readonly Block[]): string[] =>
    list.length === 0 ? [] : [...textLines(title, paper), ...lines(list)];
  const found = findingBlocks([...worstFirst(blocks.findings.values()), ...worstFirst(blocks.waived.values())]);
  const judged = lines([...found, ...fleetFindingBlocks(fleet), ...remarks(blocks, paper.verbose)]);
  const sections = [
    textLines(heading(told), paper),
    titled(`Client ${run.client ?? ''}`, answerBlocks(answers)),
    [...judged, ...cleanLines(blocks, paper)],
    titled('Services', serviceBlocks(fleet)),
    titled('Behind a NAT gateway, as clients', gatewayBlocks(fleet)),
    titled('Hosts of equal settings', cohortBlocks(fleet, paper.verbose)),
    failureLines(told, paper),
    [...textLines(conclusion(told), paper), ...textLines(`Next: ${nextSteps(told).join(' · ')}`, paper)],
  ];
  return sections.filter(lines => lines.length > 0).flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
}

function heading({ run, end }: Told): string {
  const ms = Date.parse(end.finishedAt) - Date.parse(run.startedAt);
  const parts = ['synaudit', `${counted(run.hostCount, 'host')} (${run.subject})`];
  if (ms > 0) parts.push(formatDuration(ms));
  if (run.profile !== 'audit') parts.push(`profile ${run.profile}`);
  if (run.intervalMs > 0) parts.push(`two samples ${formatDuration(run.intervalMs)} apart`);
  if (end.interrupted) parts.push('interrupted');
  return parts.join(' · ');
}

function remarks({ notChecked, unread, notes }: Blocks, verbose: boolean): Block[] {
  const blocksOf = (label: string, map: ReadonlyMap<string, readonly string[]>): Block[] =>
    [...map].map(([text, hosts]) => ({ label, tint: 'yellow', hosts, says: [text] }));
  return [...notCheckedBlocks(notChecked, verbose), ...blocksOf('unread', unread), ...blocksOf('note', notes)];
}

/** Rules told with their reason for one set of hosts, unless all are asked for: a pasted text leaves twenty without facts. */
const reasonsShown = 3;

/** What could not be checked on the same hosts is one block. */
function notCheckedBlocks(notChecked: Blocks['notChecked'], verbose: boolean): Block[] {
  const bySet = new Map<string, { hosts: readonly string[]; reasons: string[] }>();
  for (const [reason, hosts] of notChecked) {
    const key = hosts.join('\n');
    const set = bySet.get(key) ?? { hosts, reasons: [] };
    bySet.set(key, set);
    set.reasons.push(reason);
  }
  return [...bySet.values()].map(({ hosts, reasons }) => {
    const shown = verbose ? reasons : reasons.slice(0, reasonsShown);
    const rest = reasons.slice(shown.length).map(reason => reason.slice(0, reason.indexOf(':')));
    const more = rest.length === 0 ? [] : [`… and, with their reasons by -v: ${rest.join(', ')}.`];
    return { label: 'not checked', tint: 'yellow', hosts, says: [...shown, ...more] };
  });
}

/** How a verdict of the headline rule reads where nothing is wrong. */
const cleanWords: Readonly<Record<string, string>> = {
  pass: 'off',
  notapplicable: 'not applicable (their kernels have no such key)',
};

function cleanLines({ clean, quiet }: Blocks, paper: Paper): string[] {
  const total = [...clean.values()].reduce((sum, n) => sum + n, 0);
  if (total === 0) return [];
  const parts = [...clean].map(([verdict, n]) => `${clean.size === 1 ? '' : `${n} `}${cleanWords[verdict] ?? verdict}`);
  const says = [`${headlineRule}: ${parts.join(', ')}`, ...(quiet === null ? [] : [quiet.excludes, quiet.next])];
  return blockLines({ label: 'ok', tint: 'green', hosts: total, says }, paper);
}

function failureLines({ run, blocks, end }: Told, paper: Paper): string[] {
  const without = run.hostCount - (end.summary.hosts['total'] ?? 0);
  const hosts = [...blocks.failures.values()].reduce((sum, block) => sum + block.hosts.length, without);
  if (hosts === 0) return [];
  const sorted = [...blocks.failures.values()].sort(
    (a, b) => outcomes.indexOf(a.outcome) - outcomes.indexOf(b.outcome),
  );
  return [
    `Not audited: ${grouped(hosts)} of ${grouped(run.hostCount)}`,
    ...(without > 0 ? textLines(cutShort(without, run.hostCount), paper) : []),
    ...sorted.flatMap(block => blockLines(failureBlock(block), paper)),
  ];
}

function nextSteps({ blocks, end, next }: Told): string[] {
  const { always, ifIncomplete, ifInterrupted, ifFixable } = next;
  const first = end.interrupted ? ifInterrupted : blocks.failures.size > 0 ? ifIncomplete : undefined;
  const isFixable = [...blocks.findings.values()].some(
    ({ finding }) => Object.keys(finding.remedy?.set ?? {}).length > 0,
  );
  return [first, isFixable ? ifFixable : undefined, ...always].filter(step => step !== undefined);
}
