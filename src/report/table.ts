import type { RunEvent, RunInfo } from '../model/run.ts';
import { outcomes } from '../model/visit.ts';
import { painter } from '../text/ansi.ts';
import { formatDuration } from '../text/duration.ts';
import { addResult, type Blocks, emptyBlocks, headlineRule, worstFirst } from './blocks.ts';
import { type Block, blockLines, counted, type Paper, textLines } from './page.ts';
import { failureBlock, findingBlocks } from './sentences.ts';
import type { NextSteps, SinkFactory } from './sink.ts';

type End = Extract<RunEvent, { type: 'end' }>;

/** For people: equal hosts folded into one block, the worst first, the reason before the remedy, at the end what to type next. */
export const table: SinkFactory = ({ write, width, color, verbose, next }) => {
  const blocks = emptyBlocks();
  const paper = { width, paint: painter(color), verbose };
  let run: RunInfo | undefined;
  return event => {
    if (event.type === 'run') run = event.run;
    else if (event.type === 'host') addResult(blocks, event.result);
    else if (event.type === 'end' && run !== undefined)
      write(`${page({ run, blocks, end: event, next }, paper).join('\n')}\n`);
  };
};

interface Told {
  readonly run: RunInfo;
  readonly blocks: Blocks;
  readonly end: End;
  readonly next: NextSteps;
}

function page(told: Told, paper: Paper): string[] {
  const { blocks } = told;
  const found = findingBlocks([...worstFirst(blocks.findings.values()), ...worstFirst(blocks.waived.values())]);
  const judged = [...found, ...remarks(blocks)].flatMap(block => blockLines(block, paper));
  const sections = [
    textLines(heading(told), paper),
    [...judged, ...cleanLines(blocks, paper)],
    failureLines(told, paper),
    [...textLines(conclusion(told), paper), ...textLines(`Next: ${nextSteps(told).join(' · ')}`, paper)],
  ];
  return sections.filter(lines => lines.length > 0).flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
}

function heading({ run, end }: Told): string {
  const ms = Date.parse(end.finishedAt) - Date.parse(run.startedAt);
  const parts = ['synaudit', `${counted(run.hostCount, 'host')} (${run.subject})`, formatDuration(Math.max(0, ms))];
  if (run.profile !== 'audit') parts.push(`profile ${run.profile}`);
  if (run.intervalMs > 0) parts.push(`two samples ${formatDuration(run.intervalMs)} apart`);
  if (end.interrupted) parts.push('interrupted');
  return parts.join(' · ');
}

function remarks({ notChecked, unread, notes }: Blocks): Block[] {
  const blocksOf = (label: string, map: ReadonlyMap<string, readonly string[]>): Block[] =>
    [...map].map(([text, hosts]) => ({ label, tint: 'yellow', hosts, says: [text] }));
  return [...blocksOf('not checked', notChecked), ...blocksOf('unread', unread), ...blocksOf('note', notes)];
}

/** How a verdict of the headline rule reads where nothing is wrong. */
const cleanWords: Readonly<Record<string, string>> = {
  pass: 'off',
  notapplicable: 'not applicable (their kernels have no such key)',
};

function cleanLines({ clean }: Blocks, paper: Paper): string[] {
  const total = [...clean.values()].reduce((sum, n) => sum + n, 0);
  if (total === 0) return [];
  const parts = [...clean].map(([verdict, n]) => `${clean.size === 1 ? '' : `${n} `}${cleanWords[verdict] ?? verdict}`);
  const says = [`${headlineRule}: ${parts.join(', ')}`];
  return blockLines({ label: 'ok', tint: 'green', hosts: total, says }, paper);
}

function failureLines({ blocks, end }: Told, paper: Paper): string[] {
  if (blocks.failures.size === 0) return [];
  const hosts = [...blocks.failures.values()].reduce((sum, block) => sum + block.hosts.length, 0);
  const sorted = [...blocks.failures.values()].sort(
    (a, b) => outcomes.indexOf(a.outcome) - outcomes.indexOf(b.outcome),
  );
  return [
    `Not audited: ${hosts} of ${end.summary.hosts['total'] ?? hosts}`,
    ...sorted.flatMap(block => blockLines(failureBlock(block), paper)),
  ];
}

function conclusion({ blocks, end }: Told): string {
  const { total = 0, audited = 0, partial = 0 } = end.summary.hosts;
  const seen = audited + partial;
  const hit = new Set<string>();
  for (const { finding, hosts } of blocks.findings.values()) {
    if (finding.rule === headlineRule && finding.severity === 'critical') for (const host of hosts) hit.add(host);
  }
  if (hit.size > 0) {
    const verb = hit.size === 1 ? 'loses or will lose' : 'lose or will lose';
    return `${counted(hit.size, 'host')} ${verb} connections: tcp_tw_recycle drops SYNs of clients without an answer.`;
  }
  if (seen === 0) return 'No host was audited: nothing is known of their SYNs.';
  const nothing = blocks.waived.size === 0 ? 'Nothing found' : 'Nothing found that is not waived';
  const found = blocks.findings.size === 0 ? nothing : 'No host is known to drop SYNs';
  const rest = seen < total ? `; nothing is known of the other ${total - seen}` : '';
  return `${found} on ${counted(seen, 'audited host')}${rest}.`;
}

function nextSteps({ blocks, end, next }: Told): string[] {
  const { always, ifIncomplete, ifInterrupted } = next;
  const first = end.interrupted ? ifInterrupted : blocks.failures.size > 0 ? ifIncomplete : undefined;
  return first === undefined ? [...always] : [first, ...always];
}
