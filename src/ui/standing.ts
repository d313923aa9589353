import type { Severity } from '../model/rule.ts';
import { allFindings, type HostResult } from '../model/run.ts';
import type { Span, Tone } from './line.ts';

/** Where a host stands: its worst unwaived finding, `lost` if it was not audited, `ok` if nothing was found. */
export type Standing = Severity | 'lost' | 'ok';

/** Worst first: the order of the host table. A host that was not audited stands above those where all is well. */
export const standings: readonly Standing[] = ['critical', 'high', 'medium', 'low', 'lost', 'info', 'ok'];

/** How a standing is shown. Sign and word say it without colour. */
export interface StandingLook {
  readonly sign: string;
  readonly word: string;
  readonly tone: Tone;
}

/**
 * A word that stands for a sign, in its tone where that can be read on any background. Yellow, green and cyan are faint on white
 * (1.5 to 2:1 in xterm's palette): they are for signs and bars, beside which there is a word.
 */
export const toned = (text: string, tone: Tone): Span =>
  tone === 'red' || tone === 'magenta' || tone === 'dim' ? { text, tone } : { text };

export const standingLooks: Readonly<Record<Standing, StandingLook>> = {
  critical: { sign: '●', word: 'critical', tone: 'red' },
  high: { sign: '▲', word: 'high', tone: 'magenta' },
  medium: { sign: '◆', word: 'medium', tone: 'yellow' },
  low: { sign: '▽', word: 'low', tone: 'cyan' },
  lost: { sign: '✗', word: 'lost', tone: 'yellow' },
  info: { sign: 'i', word: 'info', tone: 'dim' },
  ok: { sign: '✓', word: 'ok', tone: 'green' },
};

const ranks = Object.fromEntries(standings.map((standing, rank) => [standing, rank])) as Record<Standing, number>;

/** Position in `standings`: the smaller, the worse. */
export const rankOf = (standing: Standing): number => ranks[standing];

/** The worse of two. */
export const worse = (a: Standing, b: Standing): Standing => (rankOf(a) <= rankOf(b) ? a : b);

export function standingOf(result: HostResult): Standing {
  if (result.error !== null) return 'lost';
  let worst: Standing = 'ok';
  for (const { severity, waived } of allFindings(result)) if (waived === null) worst = worse(worst, severity);
  return worst;
}
