import type { RunDiff } from '../../model/diff.ts';
import { severities } from '../../model/rule.ts';
import { grouped } from '../../text/share.ts';
import { counted } from '../page.ts';
import { places } from '../sentences.ts';
import { blockRate, type ChangeBlock, type SettingBlock, type VisitBlock } from './fold.ts';
import { type BlockRate, blockRateWords, notLookedWords, rateWords, shortField } from './words.ts';

/** `critical tw-recycle · firing → fired`; a severity or state that did not change is told once. */
export const changeSubject = (block: ChangeBlock): string => `${changeSeverity(block)} ${changedRule(block)}`;

/** `critical`, `medium → critical`. */
export const changeSeverity = ({ before, after }: ChangeBlock): string => between(before?.severity, after?.severity);

/** `tw-recycle · firing → fired in nginx`. */
export function changedRule({ rule, owner, before, after }: ChangeBlock): string {
  const state = between(before?.state ?? undefined, after?.state ?? undefined);
  return `${rule}${state === '' ? '' : ` · ${state}`}${owner === null ? '' : ` in ${owner}`}`;
}

function between(before: string | undefined, after: string | undefined): string {
  const [was, is] = [before ?? '', after ?? ''];
  return was === is || was === '' ? is : is === '' ? was : `${was} → ${is}`;
}

/** Told at length: there somebody has to act. */
const explained = ['new', 'worse', 'unwaived', 'first-seen'];

/** What is said of equal changes: why, where it is new; what its counter did; what to keep in mind. */
export function changeSays(block: ChangeBlock): string[] {
  const { kind, hosts, findings, worst, varies, notLooked, rebooted, before } = block;
  const says: string[] = [];
  if (explained.includes(kind) && worst.because !== '')
    says.push(varies ? `${worst.host}, the worst: ${worst.because}` : worst.because);
  if (notLooked !== null) says.push(notLookedWords(notLooked, kind));
  const rate = blockRate(block);
  if (rate !== null && isTelling(block, rate)) {
    const noun = findings === hosts.length ? 'hosts' : 'network namespaces';
    says.push(blockRateWords(rate, findings, noun));
  }
  const isTotal = before?.state === 'fired' || before?.state === 'past';
  if (rebooted > 0 && isTotal && (kind === 'fixed' || kind === 'better'))
    says.push(
      `${rebooted === hosts.length ? (rebooted === 1 ? 'It' : 'All') : `${grouped(rebooted)} of them`} rebooted, which sets totals back to 0: that alone ends a finding since boot.`,
    );
  return says;
}

/** A counter that stood still in both runs proves something only of what is fixed; a `first-seen` finding has told its own. */
const isTelling = ({ kind }: ChangeBlock, { hosts, before, after, once }: BlockRate): boolean =>
  kind === 'fixed' || (kind === 'first-seen' ? hosts > 0 : before > 0 || after > 0 || (once?.perSecond ?? 0) > 0);

/** `Running 1 → 0. At boot 1 by /etc/sysctl.conf:17 → 0 by /etc/sysctl.d/99-fix.conf:1.` */
export function settingSays({ running, boot, places: lines, hosts }: SettingBlock): string[] {
  const value = (text: string | null) => text ?? 'not in this kernel';
  const set = (text: string | null, at: ReadonlyMap<string, number>) =>
    text === null ? 'set by no file' : `${text} by ${places(at, hosts.length)}`;
  return [
    ...(running === undefined ? [] : [`Running: ${value(running.before)} → ${value(running.after)}.`]),
    ...(boot === undefined ? [] : [`At boot: ${set(boot.before, lines.before)} → ${set(boot.after, lines.after)}.`]),
  ];
}

export const visitWords: Readonly<Record<VisitBlock['kind'], string>> = {
  lost: 'No longer reachable',
  'still-lost': 'Still not audited',
  gone: 'Not in the later run',
  regained: 'Reachable again',
  added: 'Not in the earlier run',
  rebooted: 'Rebooted',
  kernel: 'Another kernel',
};

/** Why hosts were not audited, what to do about it, or what a reboot means. */
export function visitSays({ kind, error, what, hosts, varies }: VisitBlock): string[] {
  if (kind === 'rebooted') return ['Totals since boot began anew and are not compared; rates are.'];
  if (kind === 'kernel') return [`${what ?? ''}.`];
  if (error === null) return [];
  return [`${what ?? ''}: ${varies ? `${hosts[0]}: ` : ''}${error.message}`, `hint: ${error.hint}`];
}

/** The comparison in one or two sentences, the numbers first. */
export function conclusion(diff: RunDiff): string {
  const { summary, rates } = diff;
  const total = (...kinds: readonly (keyof typeof summary.findings)[]) =>
    kinds.reduce((sum, kind) => sum + severities.reduce((n, severity) => n + summary.findings[kind][severity], 0), 0);
  const [fixed, fresh, open] = [total('fixed'), total('new'), total('worse', 'better', 'changed', 'same')];
  const parts = [
    `${counted(fixed, 'finding')} fixed`,
    `${grouped(fresh)} new`,
    ...(total('first-seen') > 0 ? [`${grouped(total('first-seen'))} seen for the first time`] : []),
    `${grouped(open)} still open${detailOf(total('worse'), total('better'))}`,
    ...(total('unknown') > 0 ? [`${grouped(total('unknown'))} not known any more`] : []),
  ];
  const isSame = [fixed, fresh, total('first-seen', 'unknown', 'worse', 'better', 'changed')].every(n => n === 0);
  const said = isSame
    ? open === 0
      ? nothingOpen(diff)
      : `No finding changed: ${grouped(open)} still open.`
    : `${parts.join(', ')}.`;
  const paws = rates.find(({ field }) => field === 'TcpExt.PAWSPassive');
  return paws === undefined
    ? said
    : `${said} ${shortField(paws.field)}, SYNs that recycle drops: ${rateWords(paws)} over ${counted(paws.hosts, 'host')}.`;
}

/** No finding in either run says something only of hosts that were audited. */
export function nothingOpen({ before, after }: RunDiff): string {
  if (before.audited > 0 && after.audited > 0) return 'Neither run found anything that is not waived.';
  return `The ${before.audited > 0 ? 'later' : 'earlier'} run audited no host: nothing can be compared.`;
}

const detailOf = (worse: number, better: number): string => {
  const words = [
    ...(worse > 0 ? [`${grouped(worse)} worse`] : []),
    ...(better > 0 ? [`${grouped(better)} better`] : []),
  ];
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
};
