/** Shares and differences in words for people. */
import type { Share, ShareChange } from '../model/probe.ts';
import { grouped, percent, pText, shareText } from '../text/share.ts';

/** What a change of a share comes to. `what` is its plural: `failures`. */
export function changeSentence(what: string, change: ShareChange): string {
  const { before, after, difference, interval, p, verdict, attemptsNeeded } = change;
  const Name = what.charAt(0).toUpperCase() + what.slice(1);
  if (difference === null || interval === null || p === null)
    return `${Name} cannot be compared: one of the two probes made no attempt of these.`;
  if (verdict !== 'untold') {
    const isBetter = verdict === 'better';
    // Fisher's test may tell a change that the interval, which is wider, just does not: its end is then below 0.
    const [low, high] = isBetter ? [-interval.high, -interval.low] : [interval.low, interval.high];
    return (
      `${Name} ${isBetter ? 'fell' : 'rose'} from ${shareText(before)} to ${shareText(after)}: ` +
      `${points(Math.abs(difference))} percentage points ${isBetter ? 'fewer' : 'more'} ` +
      `(95 % interval ${points(low)} to ${points(high)}). Chance alone would give this ${chance(p)} ` +
      `(Fisher's exact test, ${pText(p)}).`
    );
  }
  const told = `No change of ${what} can be told: ${shareText(before)} before, ${shareText(after)} after (Fisher's exact test, ${pText(p)}).`;
  return attemptsNeeded === null
    ? `${told} ${seeSentence(after)}`
    : `${told} If these are the true shares, it takes ${grouped(attemptsNeeded)} attempts before and as many after to show it.`;
}

/** `21.4`, `-0.28`: of percentage points. */
const points = (share: number): string => `${share < 0 ? '-' : ''}${percent(Math.abs(share)).replace(' %', '')}`;

/** How often chance alone gives a difference like this. */
function chance(p: number): string {
  if (p < 0.0001) return 'less than once in 10,000 cases';
  return `about once in ${grouped(Math.max(1, Math.round(1 / p)))} cases`;
}

/** What a number of attempts without any failure does not show. */
function seeSentence({ interval, attempts, count }: Share): string {
  if (interval === null || count > 0) return 'Both shares are the same.';
  return `Up to ${percent(interval.high)} may fail unseen in ${grouped(attempts)} attempts.`;
}
