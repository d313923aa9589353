import type { FindingChange, FindingChangeKind, NotLooked, RateChange, RateTotal } from '../../model/diff.ts';
import { grouped } from '../../text/share.ts';

/** Blocks of findings in the order in which they are told: what calls for somebody first, then what was won, then what is left. */
export const toldKinds = [
  'new',
  'worse',
  'unwaived',
  'first-seen',
  'fixed',
  'better',
  'changed',
  'same',
  'unknown',
  'waived',
] as const;

/** What a finding is told as: a waiver that was given or ran out counts for more than how the finding stands. */
export type ToldKind = FindingChangeKind | 'waived' | 'unwaived';

export const toldKindOf = ({ change, waiver }: Pick<FindingChange, 'change' | 'waiver'>): ToldKind =>
  waiver === null ? change : waiver === 'given' ? 'waived' : 'unwaived';

/** Short enough to stand in the margin of a table. */
export const kindLabels: Readonly<Record<ToldKind, string>> = {
  new: 'NEW',
  worse: 'WORSE',
  unwaived: 'UNWAIVED',
  'first-seen': 'FIRST SEEN',
  fixed: 'fixed',
  better: 'better',
  changed: 'changed',
  same: 'still open',
  unknown: 'not known',
  waived: 'waived',
};

/** Headings of the page. */
export const kindTitles: Readonly<Record<ToldKind, string>> = {
  new: 'New',
  worse: 'Worse',
  unwaived: 'No longer waived',
  'first-seen': 'Seen for the first time: the earlier run did not look',
  fixed: 'Fixed',
  better: 'Better, and still open',
  changed: 'Otherwise, and still open',
  same: 'Still open',
  unknown: 'Not known any more: the later run did not look',
  waived: 'Waived since',
};

/** Why nothing can be said of the other run. */
export function notLookedWords(why: NotLooked, kind: ToldKind): string {
  const which = kind === 'unknown' ? 'later' : 'earlier';
  const words: Readonly<Record<NotLooked, string>> = {
    'host-missing': `Not in the ${which} run.`,
    'host-not-audited': `Not audited in the ${which} run.`,
    'not-checked': `The ${which} run could not check this rule there.`,
    'namespace-not-seen': `The ${which} run saw no such network namespace.`,
    'run-not-ended': `The ${which} run did not end, and says nothing of the fleet.`,
  };
  return words[why];
}

/** `TcpExt.PAWSPassive` to `PAWSPassive`; other tables keep their name: `nf_conntrack.drop`. */
export const shortField = (field: string): string => field.replace(/^(?:TcpExt|IpExt|Tcp|Ip)\./, '');

/** Three significant digits at most: `59.5/s`, `0.02/s`, `1,214/s`. */
export const perSecond = (rate: number): string =>
  `${rate >= 100 ? Math.round(rate).toLocaleString('en-US') : Number(rate.toPrecision(3))}/s`;

/** `712/s → 0/s`; what is not known is said. */
export const rateWords = ({ before, after }: Pick<RateChange, 'before' | 'after'>): string =>
  `${before === null ? 'not known' : perSecond(before)} → ${after === null ? 'not known' : perSecond(after)}`;

/** Rates of one counter over the hosts of a block, or over its network namespaces. */
export interface BlockRate extends RateTotal {
  /** Measured in one of the runs only: sums over those. */
  readonly once: { readonly hosts: number; readonly perSecond: number; readonly run: 'earlier' | 'later' } | null;
}

/** What the counter that proves a finding did, where a block has it so many times, counted as `hosts` or `namespaces`. */
export function blockRateWords({ field, hosts, before, after, once }: BlockRate, all: number, noun: string): string {
  const name = shortField(field);
  if (hosts > 0 || once === null) {
    const over = all === 1 ? '' : ` over ${hosts === all ? '' : `${grouped(hosts)} of `}${grouped(all)} ${noun}`;
    return `${name} ${rateWords({ before, after })}${over}.`;
  }
  const [verb, other] = once.run === 'earlier' ? ['was', 'later'] : ['is', 'earlier'];
  const over = once.hosts === 1 ? '' : ` over ${grouped(once.hosts)} ${noun}`;
  return `${name} ${verb} ${perSecond(once.perSecond)}${over}; the ${other} run kept no rate of it.`;
}
