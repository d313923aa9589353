import type { RunEvent, RunInfo } from '../model/run.ts';
import { outcomes } from '../model/visit.ts';
import { painter } from '../text/ansi.ts';
import { formatDuration } from '../text/duration.ts';
import { addResult, type Blocks, emptyBlocks, headlineRule, worstFirst } from './blocks.ts';
import { type Page, createPage } from './page.ts';
import type { SinkFactory } from './sink.ts';

type End = Extract<RunEvent, { type: 'end' }>;

/** For people: equal hosts folded into one block, the worst first, the reason before the remedy, at the end what to type next. */
export const table: SinkFactory = ({ write, width, color, verbose }) => {
  const blocks = emptyBlocks();
  let run: RunInfo | undefined;
  return event => {
    if (event.type === 'run') run = event.run;
    else if (event.type === 'host') addResult(blocks, event.result);
    else if (event.type === 'end' && run !== undefined) {
      const page = createPage({ width, paint: painter(color), verbose });
      showRun(page, { run, blocks, end: event });
      write(page.text());
    }
  };
};

interface Told {
  readonly run: RunInfo;
  readonly blocks: Blocks;
  readonly end: End;
}

function showRun(page: Page, told: Told): void {
  const { blocks } = told;
  page.line(heading(told));
  page.gap();
  for (const block of worstFirst(blocks.findings.values())) page.finding(block);
  for (const block of worstFirst(blocks.waived.values())) page.finding(block);
  for (const [reason, hosts] of blocks.notChecked) page.block({ label: 'not checked', tint: 'yellow', hosts, says: [reason] });
  for (const [reason, hosts] of blocks.unread) page.block({ label: 'unread', tint: 'yellow', hosts, says: [reason] });
  showClean(page, blocks);
  showFailures(page, told);
  for (const [note, hosts] of blocks.notes) page.block({ label: 'note', tint: 'yellow', hosts, says: [note] });
  page.gap();
  page.line(conclusion(told));
  page.line(`Next: ${nextSteps(told).join(' · ')}`);
}

function heading({ run, end }: Told): string {
  const ms = Date.parse(end.finishedAt) - Date.parse(run.startedAt);
  const parts = ['synaudit', `${count(run.hostCount, 'host')} (${run.subject})`, formatDuration(Math.max(0, ms))];
  if (run.profile !== 'audit') parts.push(`profile ${run.profile}`);
  if (run.intervalMs > 0) parts.push(`two samples ${formatDuration(run.intervalMs)} apart`);
  if (end.interrupted) parts.push('interrupted');
  return parts.join(' · ');
}

/** How a verdict of the headline rule reads where nothing is wrong. */
const cleanWords: Readonly<Record<string, string>> = {
  pass: `${headlineRule}: off`,
  notapplicable: `${headlineRule}: not applicable (this kernel has no such key)`,
  fail: `${headlineRule}: waived`,
};

function showClean(page: Page, { clean }: Blocks): void {
  const total = [...clean.values()].reduce((sum, n) => sum + n, 0);
  if (total === 0) return;
  const parts = [...clean].map(([verdict, n]) => `${n} ${cleanWords[verdict] ?? verdict}`);
  page.row({ label: 'ok', tint: 'green', count: count(total, 'host'), rest: parts.join(' · ') });
}

function showFailures(page: Page, { blocks, end }: Told): void {
  if (blocks.failures.size === 0) return;
  const hosts = [...blocks.failures.values()].reduce((sum, block) => sum + block.hosts.length, 0);
  page.gap();
  page.line(`Not audited: ${hosts} of ${end.summary.hosts['total'] ?? hosts}`);
  const order = (outcome: string) => outcomes.findIndex(known => known === outcome);
  const sorted = [...blocks.failures.values()].sort((a, b) => order(a.outcome) - order(b.outcome));
  for (const block of sorted) page.failure(block);
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
    return `${count(hit.size, 'host')} ${verb} connections of clients: tcp_tw_recycle drops their SYNs without an answer.`;
  }
  if (seen === 0) return 'No host was audited: nothing is known of their SYNs.';
  const found = blocks.findings.size === 0 ? 'Nothing found' : 'No host is known to drop SYNs';
  const rest = seen < total ? `; nothing is known of the other ${total - seen}` : '';
  return `${found} on ${count(seen, 'audited host')}${rest}.`;
}

function nextSteps({ blocks, end }: Told): string[] {
  const steps: string[] = [];
  if (end.interrupted) steps.push('synaudit audit --resume latest');
  else if (blocks.failures.size > 0) steps.push('synaudit audit --retry latest');
  steps.push('synaudit report -f json (every host, with its evidence)');
  return steps;
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
