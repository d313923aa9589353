/** What a rollout shows: a line for each thing that happened on stderr, and a table or a document on stdout. */
import type { PlannedBoot } from '../model/remediation.ts';
import type { BootWinners, RolloutDocument, RolloutEvent, RolloutHostResult, RolloutRecord } from '../model/rollout.ts';
import { counted } from '../remediate/cohort-words.ts';
import { stripControls } from '../text/ansi.ts';
import { groupBy } from '../text/group-by.ts';
import { foldHosts } from '../text/host-set.ts';
import { alignRows } from '../text/table.ts';

/** A line for people; undefined for what is not worth one. */
export function eventInWords(event: RolloutEvent): string | undefined {
  const text = wordsOf(event);
  return text === undefined ? undefined : stripControls(text);
}

function wordsOf(event: RolloutEvent): string | undefined {
  switch (event.type) {
    case 'rollout':
      return `${event.command} ${event.id} of plan ${event.plan}, ${event.digest}, by ${event.by.user} on ${event.by.host}: ${counted(event.hosts.length, 'host')}`;
    case 'resume':
      return `goes on, by ${event.by.user} on ${event.by.host}`;
    case 'batch':
      return `batch ${event.batch}${event.canary ? ' (canary)' : ''}: ${foldHosts(event.hosts)}`;
    case 'health':
      return event.health.problem === null ? undefined : `${event.host}: not audited: ${event.health.problem}`;
    case 'intent':
      return `${event.host}: ${event.step} is sent (${event.script.slice(0, 'sha256:'.length + 12)}…)`;
    case 'step':
      return `${event.host}: ${event.step}: ${event.end}${event.because === null ? '' : `: ${event.because}`}`;
    case 'unknown':
      return `${event.host}: unknown: ${event.because}`;
    case 'gate':
      return `gate of batch ${event.batch} ${event.passed ? 'passed' : 'FAILED'}: ${event.because.join(' ')}`;
    case 'end':
      return `${event.outcome}: ${event.because}`;
  }
}

/** The table, and below it why hosts stand where they should not: hosts that fared alike are one row, and one reason. */
export function rolloutTable(document: RolloutDocument): string {
  const headings = ['hosts', 'cohort', 'state', 'key', 'running', 'at boot', 'gate'];
  const rows = folded(document.hosts, cellsOf);
  const reasons = folded(document.hosts, reasonOf).map(([hosts = '', reason = '']) => `${hosts}: ${reason}\n`);
  const why = reasons.length === 0 ? '' : `\n${reasons.join('')}`;
  return `${alignRows([headings, ...rows]).join('\n')}\n${why}${closing(document)}`;
}

/** Rows of hosts, those with the same cells as one, behind their names. */
function folded(
  hosts: readonly RolloutHostResult[],
  rowsOf: (host: RolloutHostResult) => readonly (readonly string[])[],
): readonly (readonly string[])[] {
  const rows = hosts.flatMap(host => rowsOf(host).map(cells => ({ name: host.name, cells })));
  return Array.from(groupBy(rows, ({ cells }) => cells.join('\0')).values(), alike =>
    [foldHosts(alike.map(({ name }) => name)), ...(alike[0]?.cells ?? [])].map(stripControls),
  );
}

const reasonOf = ({ standing, because }: RolloutHostResult): readonly (readonly string[])[] =>
  isSettled(standing) || because === null ? [] : [[because]];

function cellsOf({ cohort, standing, settings, gate }: RolloutHostResult): readonly (readonly string[])[] {
  if (settings.length === 0) return [[cohort, standing, '–', '–', '–', gate ?? '–']];
  return settings.map(({ key, before, after, bootBefore, bootAfter }) => [
    cohort,
    standing,
    key,
    arrow(before ?? '–', after ?? '–'),
    arrow(bootInWords(bootBefore), bootInWords(bootAfter)),
    gate ?? '–',
  ]);
}

/** Standings that need no reason. */
const isSettled = (standing: RolloutHostResult['standing']): boolean =>
  ['verified', 'unchanged', 'rolled-back', 'waiting'].includes(standing);

const arrow = (before: string, after: string): string => (before === after ? before : `${before} → ${after}`);

/** Both engines, where they differ. */
function bootInWords({ procps, systemd }: BootWinners): string {
  const [one, other] = [winner(procps), winner(systemd)];
  return systemd === null || one === other ? one : `${one} | ${other}`;
}

const winner = (boot: PlannedBoot | null): string =>
  boot === null ? 'unset' : `${boot.value} (${boot.file}:${boot.line})`;

function closing({ rollout }: RolloutDocument): string {
  const { outcome, because, id } = rollout;
  const said = outcome === null ? 'It did not end.' : `${outcome}: ${because}`;
  return `\n${stripControls(said)}\n${rollout.command} ${id}\n`;
}

/** What to do next. */
export function nextSteps({ rollout: { command, outcome, directory } }: RolloutDocument): readonly string[] {
  if (command === 'rollback') return outcome === 'done' ? ['synaudit audit'] : ['the same command again'];
  switch (outcome) {
    case 'done':
      return ['synaudit audit, then synaudit diff: what the change did'];
    case 'incomplete':
      return [
        'synaudit audit, then synaudit diff: what the change did',
        'the same command with --resume: hosts that are left',
      ];
    case 'failed':
      return [
        `synaudit rollout ${directory} --log: what happened, step by step`,
        `synaudit rollback ${directory}: takes back also the batches that passed`,
        'the same command, when the cause is mended: goes on with the hosts that are left',
      ];
    default:
      return ['the same command with --resume', `synaudit rollback ${directory}: takes back what was changed`];
  }
}

/** The trail of a log as lines: `2026-11-22T20:07:01.123Z  web01: apply: done`, with what belongs to each below it. */
export const trailLines = (records: readonly RolloutRecord[]): string =>
  records
    .flatMap(record => [
      `${record.at}  ${trailWords(record)}`,
      ...belowIt(record).map(text => `${' '.repeat('2026-11-22T20:07:01.123Z  '.length)}${text}`),
    ])
    .map(line => `${stripControls(line).trimEnd()}\n`)
    .join('');

/** As told while it went on, but for what only a later reader needs. */
function trailWords(record: RolloutRecord): string {
  if (record.type === 'health' && record.health.problem === null)
    return `${record.host}: audited ${record.when} the change`;
  if (record.type === 'intent') return `${record.host}: ${record.step} is sent, ${record.script}`;
  return eventInWords(record) ?? record.type;
}

/** Before and after of each key behind the step that changed it; what a gate saw of each host. */
function belowIt(record: RolloutRecord): readonly string[] {
  if (record.type === 'gate' && record.passed)
    return record.hosts.flatMap(({ name, because }) => because.map(sentence => `${name}: ${sentence}`));
  if (record.type !== 'step' || record.report === null) return [];
  const { before, after, steps } = record.report;
  if (record.step !== 'apply' && record.step !== 'rollback') return [];
  const values = after.map(({ key, running, ...boot }) => {
    const old = before.find(setting => setting.key === key);
    const value = arrow(old?.running ?? '–', running ?? '–');
    return `${key}: ${value}; at boot ${old === undefined ? bootInWords(boot) : arrow(bootInWords(old), bootInWords(boot))}`;
  });
  return [...steps, ...values];
}
