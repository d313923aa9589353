import { type Severity, severities } from '../../../model/rule.ts';
import { element, isolated } from './element.ts';
import { milliseconds, type Row, rate } from './fleet.ts';

/** One column of the host table. */
export interface Column {
  readonly id: string;
  readonly title: string;
  /** From the least to the most. */
  readonly compare: (a: Row, b: Row) => number;
  /** The first click sorts from the most to the least. */
  readonly isMostFirst?: true;
  readonly cell: (row: Row) => Node;
}

const signs: Readonly<Record<Severity, string>> = { critical: '●', high: '▲', medium: '◆', low: '■', info: 'i' };

/** The order of a table: what `aria-sort` calls it. */
export type Order = 'ascending' | 'descending';

/** The worst finding of a host by sign, colour and word. */
export function badge(severity: Severity | null, notAudited = false): HTMLElement {
  const tone = severity ?? (notAudited ? 'not-audited' : 'clean');
  const sign = severity === null ? (notAudited ? '✗' : '✓') : signs[severity];
  const words = severity ?? (notAudited ? 'not audited' : 'clean');
  return element(
    'span',
    { class: `badge ${tone}` },
    element('span', { class: 'sign', 'aria-hidden': 'true' }, sign),
    ` ${words}`,
  );
}

/** How bad a host is; one that was not audited is worse than a clean one. */
const badness = ({ severity, standing }: Row): number =>
  severity !== null ? severities.length - severities.indexOf(severity) : standing === 'not-audited' ? 0 : -1;

const byText =
  (text: (row: Row) => string) =>
  (a: Row, b: Row): number => {
    const [left, right] = [text(a), text(b)];
    // what is empty counts as more than any text
    if (left === '' || right === '') return Number(left === '') - Number(right === '');
    return left < right ? -1 : left > right ? 1 : 0;
  };

export const columns: readonly Column[] = [
  { id: 'name', title: 'Host', compare: (a, b) => a.nameRank - b.nameRank, cell: ({ name }) => isolated(name) },
  {
    id: 'worst',
    title: 'Worst',
    compare: (a, b) => badness(a) - badness(b) || a.perSecond - b.perSecond,
    isMostFirst: true,
    cell: ({ severity, standing }) => badge(severity, standing === 'not-audited'),
  },
  {
    id: 'finding',
    title: 'Finding',
    compare: byText(({ leading }) => leading),
    cell: ({ leading, rules }) =>
      element(
        'span',
        {},
        isolated(leading),
        rules.length > 1 ? element('span', { class: 'dim' }, ` +${rules.length - 1}`) : null,
      ),
  },
  {
    id: 'rate',
    title: 'Rate /s',
    compare: (a, b) => a.perSecond - b.perSecond,
    isMostFirst: true,
    cell: ({ perSecond }) => element('span', {}, rate(perSecond)),
  },
  {
    id: 'outcome',
    title: 'Outcome',
    compare: byText(({ outcome }) => outcome),
    cell: ({ outcome }) => isolated(outcome),
  },
  {
    id: 'groups',
    title: 'Groups',
    compare: byText(({ groups }) => groups.join(' ')),
    cell: ({ groups }) => isolated(groups.join(' ')),
  },
  { id: 'kernel', title: 'Kernel', compare: byText(({ kernel }) => kernel), cell: ({ kernel }) => isolated(kernel) },
  {
    id: 'time',
    title: 'Visit',
    compare: (a, b) => a.totalMs - b.totalMs,
    isMostFirst: true,
    cell: ({ totalMs }) => element('span', {}, milliseconds(totalMs)),
  },
];
