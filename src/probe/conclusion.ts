/** What the numbers of a probe come to, in words. */
import type { ProbeResult, ProbeTally } from '../model/probe.ts';
import { grouped, percent, shareText } from '../text/share.ts';
import { attemptsToSee } from './statistics.ts';

/** Sentences, the most important first. `lagMs`: how long this program was kept from running, at the longest. */
export const conclusionsOf = (result: ProbeResult, lagMs = 0): readonly string[] =>
  [
    failuresText(result.all),
    synsText(result.all),
    ...result.pairs
      .filter(({ stopped }) => stopped !== undefined)
      .slice(0, stoppedShown)
      .map(({ from, to, stopped }) => `${from} to ${to} was given up: ${stopped}.`),
    roundTripText(result),
    linearText(result.all),
    notSentText(result.all),
    unfinishedText(result.all),
    lagMs < tellLagMs
      ? null
      : `This program was kept from running for up to ${Math.round(lagMs)} ms (a busy machine): times may be too long by as much.`,
  ].filter(text => text !== null);

const stoppedShown = 5;
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

const notSentText = ({ notSent, reasons }: ProbeTally): string | null =>
  notSent === 0
    ? null
    : `${grouped(notSent)} attempts could not be made (${Object.keys(reasons).slice(0, 3).join(', ')}): they say nothing of the targets and are in no share.`;

const unfinishedText = ({ unfinished }: ProbeTally): string | null =>
  unfinished === 0
    ? null
    : `${grouped(unfinished)} attempts were cut off and are in no share; of those that hang, most would have failed.`;
