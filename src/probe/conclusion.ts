/** What the numbers of a probe come to, in words. */
import type { ProbeResult, ProbeTally } from '../model/probe.ts';
import { groupBy } from '../text/group-by.ts';
import { grouped, percent, shareText } from '../text/share.ts';
import { attemptsToSee } from './statistics.ts';

/** Sentences, the most important first. `lagMs`: how long this program was kept from running, at the longest. */
export const conclusionsOf = (result: ProbeResult, lagMs = 0): readonly string[] =>
  [
    failuresText(result.all),
    synsText(result.all),
    ...stoppedTexts(result),
    roundTripText(result),
    linearText(result.all),
    notSentText(result.all),
    unfinishedText(result.all),
    lagMs < tellLagMs
      ? null
      : `This program was kept from running for up to ${Math.round(lagMs)} ms (a busy machine): times may be too long by as much.`,
  ].filter(text => text !== null);

/** A busy machine makes connects look slower, and in the end like SYNs sent again. Unit: ms. */
const tellLagMs = 100;

function failuresText({ failures }: ProbeTally): string | null {
  const { interval, count, attempts } = failures;
  if (interval === null) return 'No attempt was made: nothing is known.';
  if (count > 0)
    return `${shareText(failures)} of the attempts failed; the true share lies between ${percent(interval.low)} and ${percent(interval.high)} (95 %).`;
  return (
    `No failure in ${grouped(attempts)} attempts leaves up to ${percent(interval.high)} possible (95 %); ` +
    `to see 1 % it takes ${grouped(attemptsToSee(0.01) as number)} attempts, to see 0.1 % ${grouped(attemptsToSee(0.001) as number)}.`
  );
}

/** Only where it says something new: that SYNs are lost although connects succeed. */
function synsText({ firstSynLost, outcomes }: ProbeTally): string | null {
  const { interval, count } = firstSynLost;
  if (interval === null || count === outcomes.timeout) return null;
  return (
    `${shareText(firstSynLost)} of the first SYNs got no answer in time (95 %: ${percent(interval.low)} to ${percent(interval.high)}); ` +
    `${grouped(count - outcomes.timeout)} of these were answered when sent again, which an application sees as a delay of whole seconds.`
  );
}

/** Reasons shown; the pairs of one place that were given up for the same reason stand together. */
const stoppedShown = 5;

function stoppedTexts({ pairs }: ProbeResult): string[] {
  const alike = groupBy(
    pairs.filter(({ stopped }) => stopped !== undefined),
    ({ from, stopped }) => `${from}\0${stopped}`,
  );
  const texts = [...alike.values()].flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : `${first.from} to ${first.to}${others.length === 0 ? ' was' : ` and ${grouped(others.length)} more were`} given up: ${first.stopped}.`,
  );
  const rest = texts.length - stoppedShown;
  return [
    ...texts.slice(0, stoppedShown),
    ...(rest > 0 ? [`… and ${grouped(rest)} more were given up, for other reasons or at other places.`] : []),
  ];
}

function roundTripText({ pairs }: ProbeResult): string | null {
  const trips = pairs.flatMap(({ roundTripMs }) => (roundTripMs === null ? [] : [roundTripMs]));
  // No round trip: hosts of transport `local`.
  if (!trips.some(ms => ms > 0)) return null;
  const [least, most] = [Math.min(...trips), Math.max(...trips)].map(ms => Number(ms.toPrecision(2)));
  return `Times from hosts: the SSH round trip is subtracted (${least === most ? least : `${least} to ${most}`} ms).`;
}

const linearText = ({ steps }: ProbeTally): string | null =>
  steps.some(({ afterSeconds }) => [2, 4, 5].includes(afterSeconds))
    ? 'Answers after 2, 4 or 5 s: this client waits 1 s each for the first answers (tcp_syn_linear_timeouts); older ones send SYNs at 0, 1, 3 and 7 s.'
    : null;

function notSentText({ notSent, notSentReasons = {} }: ProbeTally): string | null {
  if (notSent === 0) return null;
  const why = Object.keys(notSentReasons).slice(0, 3).join('; ');
  return `Attempts that could not be made: ${grouped(notSent)}${why && ` (${why})`}. They say nothing of the targets and are in no share.`;
}

const unfinishedText = ({ unfinished }: ProbeTally): string | null =>
  unfinished === 0
    ? null
    : `Attempts that were cut off: ${grouped(unfinished)}, in no share; of those that hang, most would have failed.`;
