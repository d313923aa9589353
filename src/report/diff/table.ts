import type { RunDiff } from '../../model/diff.ts';
import { painter, type Style } from '../../text/ansi.ts';
import { formatDuration } from '../../text/duration.ts';
import { grouped } from '../../text/share.ts';
import { alignRows } from '../../text/table.ts';
import { type Block, blockLines, counted, type Paper, textLines } from '../page.ts';
import { tints } from '../sentences.ts';
import { type ChangeBlock, changeBlocks, settingBlocks, type VisitBlock, visitBlocks } from './fold.ts';
import { changeSays, changeSubject, conclusion, settingSays, visitSays, visitWords } from './sentences.ts';
import type { DiffSink } from './sink.ts';
import { kindLabels, perSecond, shortField } from './words.ts';

/** For people: what is new first, then what was won, what is left, settings, rates and hosts; equal changes folded. */
export const table: DiffSink = (diff, { write, width, color, verbose, next }) => {
  const paper = { width, paint: painter(color), verbose };
  const { remarks, hosts } = diff;
  const remarkBlocks = remarks.flatMap(text => textLines(`Note: ${text}`, paper));
  const sections = [
    [...textLines(heading(diff), paper), ...remarkBlocks],
    blocksLines(changeBlocks(hosts).map(changeBlock), paper),
    titled('Settings that changed', settingBlocks(hosts).map(settingBlock), paper),
    rateLines(diff, paper),
    titled('Hosts', visitBlocks(hosts).map(visitBlock), paper),
    [...textLines(conclusion(diff), paper), ...textLines(`Next: ${next.join(' · ')}`, paper)],
  ];
  const lines = sections.filter(lines => lines.length > 0).flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
  write(`${lines.join('\n')}\n`);
};

/** Blocks of one section, unless all are asked for: hostile hosts may differ in everything. */
const blocksShown = 40;

function blocksLines(blocks: readonly Block[], paper: Paper): string[] {
  const shown = paper.verbose ? blocks : blocks.slice(0, blocksShown);
  const rest = blocks.length - shown.length;
  return [...shown.flatMap(block => blockLines(block, paper)), ...(rest > 0 ? [`… and ${rest} more: -v`] : [])];
}

const titled = (title: string, blocks: readonly Block[], paper: Paper): string[] =>
  blocks.length === 0 ? [] : [title, ...blocksLines(blocks, paper)];

function heading({ before, after }: RunDiff): string {
  const apart = Math.abs(Date.parse(after.startedAt) - Date.parse(before.startedAt));
  const subjects = [...new Set([before.subject, after.subject])].join(', then ');
  const parts = [
    'synaudit diff',
    `${before.id} → ${after.id}`,
    subjects,
    before.hosts === after.hosts
      ? counted(after.hosts, 'host')
      : `${grouped(before.hosts)} → ${counted(after.hosts, 'host')}`,
    ...(Number.isFinite(apart) ? [`${formatDuration(apart)} apart`] : []),
  ];
  return parts.join(' · ');
}

const labelTints: Readonly<Partial<Record<ChangeBlock['kind'], Style>>> = {
  fixed: 'green',
  better: 'green',
  unknown: 'yellow',
  waived: 'dim',
};

const changeBlock = (block: ChangeBlock): Block => ({
  label: kindLabels[block.kind],
  tint: labelTints[block.kind] ?? tints[(block.after ?? block.before)?.severity ?? 'info'],
  subject: changeSubject(block),
  hosts: block.hosts,
  says: changeSays(block),
});

const settingBlock = (block: Parameters<typeof settingSays>[0]): Block => ({
  label: 'setting',
  tint: 'cyan',
  subject: block.key,
  hosts: block.hosts,
  says: settingSays(block),
});

const visitTints: Readonly<Partial<Record<VisitBlock['kind'], Style>>> = {
  lost: 'red',
  'still-lost': 'yellow',
  regained: 'green',
};

const visitBlock = (block: VisitBlock): Block => ({
  label: `  ${visitWords[block.kind].toLowerCase()}`,
  tint: visitTints[block.kind] ?? 'dim',
  hosts: block.hosts,
  says: visitSays(block),
});

/** Counters shown; the rest is in JSON. */
const ratesShown = 12;

function rateLines({ rates }: RunDiff, paper: Paper): string[] {
  if (rates.length === 0) return [];
  const shown = paper.verbose ? rates : rates.slice(0, ratesShown);
  const rows = shown.map(({ field, before, after, hosts }) => [
    `  ${shortField(field)}`,
    perSecond(before),
    `→ ${perSecond(after)}`,
    `over ${counted(hosts, 'host')}`,
  ]);
  const rest = rates.length - shown.length;
  return [
    'Counters, per second, over the hosts that both runs measured',
    ...alignRows(rows).flatMap(line =>
      textLines(line, paper).map((part, i) => (i === 0 ? `  ${part.trimStart()}` : part)),
    ),
    ...(rest > 0 ? [`  … and ${rest} more: -v`] : []),
  ];
}
