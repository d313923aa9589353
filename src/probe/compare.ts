/** What changed between two probes. */
import type { ProbeComparison, ProbeDocument, ProbePair, ProbeResult, Share, ShareChange } from '../model/probe.ts';
import { attemptsToTellApart, type Counted, differenceInterval, fisherP, significantOf } from './statistics.ts';
import { asShare } from './tally.ts';
import { changeSentence } from './words.ts';

const countedOf = ({ count, attempts }: Share): Counted => ({ events: count, of: attempts });

/** What changed in one share. `isSignificant` judges its p-value: alone, or among others. */
export function changeOf(
  before: Share,
  after: Share,
  isSignificant: (p: number) => boolean = p => significantOf([p])[0] === true,
): ShareChange {
  if (before.share === null || after.share === null)
    return { before, after, difference: null, interval: null, p: null, verdict: 'untold', attemptsNeeded: null };
  const difference = after.share - before.share;
  const p = fisherP(countedOf(before), countedOf(after));
  return {
    before,
    after,
    difference,
    interval: differenceInterval(countedOf(before), countedOf(after)),
    p,
    verdict: !isSignificant(p) || difference === 0 ? 'untold' : difference < 0 ? 'better' : 'worse',
    attemptsNeeded: attemptsToTellApart(before.share, after.share),
  };
}

/** Pairs that both probes have, and what only one of them has. */
interface Matched {
  readonly both: readonly { readonly before: ProbePair; readonly after: ProbePair }[];
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
}

const nameOf = ({ from, to }: Pick<ProbePair, 'from' | 'to'>): string => `${from} to ${to}`;

function match(before: ProbeResult, after: ProbeResult): Matched {
  const earlier = new Map(before.pairs.map(pair => [nameOf(pair), pair]));
  const later = new Set(after.pairs.map(nameOf));
  return {
    both: after.pairs.flatMap(pair => {
      const known = earlier.get(nameOf(pair));
      return known === undefined ? [] : [{ before: known, after: pair }];
    }),
    onlyBefore: [...earlier.keys()].filter(name => !later.has(name)),
    onlyAfter: [...later].filter(name => !earlier.has(name)),
  };
}

type ShareName = 'failures' | 'firstSynLost';

/** One share of several pairs together. */
const pooled = (pairs: readonly ProbePair[], name: ShareName): Share =>
  asShare({
    events: pairs.reduce((sum, pair) => sum + pair[name].count, 0),
    of: pairs.reduce((sum, pair) => sum + pair[name].attempts, 0),
  });

const changeInAll = (both: Matched['both'], name: ShareName): ShareChange =>
  changeOf(
    pooled(
      both.map(({ before }) => before),
      name,
    ),
    pooled(
      both.map(({ after }) => after),
      name,
    ),
  );

function changesOf(both: Matched['both']) {
  const changes = both.map(({ before, after }) => ({
    from: after.from,
    to: after.to,
    failures: changeOf(before.failures, after.failures),
  }));
  const tested = changes.filter(({ failures }) => failures.p !== null);
  const significant = significantOf(tested.map(({ failures }) => failures.p as number));
  const found = new Set(tested.filter((_, i) => significant[i] === true));
  return changes.map(change =>
    found.has(change) ? change : { ...change, failures: { ...change.failures, verdict: 'untold' as const } },
  );
}

/** Compares two probes, pair by pair and in all, over the pairs that both have. */
export function compareProbes(before: ProbeDocument, after: ProbeResult): ProbeComparison {
  const { both, onlyBefore, onlyAfter } = match(before, after);
  const [failures, firstSynLost] = [changeInAll(both, 'failures'), changeInAll(both, 'firstSynLost')];
  return {
    before: before.id,
    pairs: changesOf(both),
    failures,
    firstSynLost,
    onlyBefore,
    onlyAfter,
    cautions: cautionsOf(before, after),
    says:
      both.length === 0
        ? 'The two probes have no pair in common: nothing can be compared.'
        : [changeSentence('failures', failures), ...synsSentence(firstSynLost, failures)].join(' '),
  };
}

/** Where SYNs are sent again, few attempts fail: then it is the first SYNs that tell. Empty where they tell the same. */
const synsSentence = (syns: ShareChange, failures: ShareChange): string[] =>
  syns.verdict === 'untold' ||
  (syns.before.count === failures.before.count && syns.after.count === failures.after.count)
    ? []
    : [changeSentence('first SYNs without an answer in time', syns)];

/**
 * Whether connections fail more often than before: in all, or between one of the pairs (with p-values held to Holm's rule).
 * For a gate: two probes of the same pairs with the same options. Too few attempts are no sign of anything.
 */
export function isWorse(before: ProbeResult, after: ProbeResult): boolean {
  const { both } = match(before, after);
  return (
    changeInAll(both, 'failures').verdict === 'worse' ||
    changesOf(both).some(({ failures }) => failures.verdict === 'worse')
  );
}

function cautionsOf(before: ProbeDocument, after: ProbeResult): string[] {
  const [was, is] = [before.options, after.options];
  const cautions: string[] = [];
  if (was.timeoutMs !== is.timeoutMs)
    cautions.push(
      `An attempt counted as unanswered after ${was.timeoutMs / 1_000} s before and after ${is.timeoutMs / 1_000} s now: a longer timeout lets more SYNs be sent again, and fewer attempts fail.`,
    );
  if (was.perSecond !== is.perSecond)
    cautions.push(`There were ${was.perSecond} attempts per second and target before, and ${is.perSecond} now.`);
  if (before.interrupted) cautions.push(`The earlier probe was stopped before all attempts were made.`);
  if (after.interrupted) cautions.push('This probe was stopped before all attempts were made.');
  return cautions;
}
