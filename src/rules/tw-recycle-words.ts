import type { Reading } from '../model/reading.ts';
import { whyMissing } from '../model/reading.ts';
import type { Evidence } from '../model/rule.ts';
import { type CounterReading, secondsBetweenSamples } from '../model/snapshot.ts';
import { clientsInWords, clientsShare, closingInWords } from './clients-in-words.ts';
import { settingSource } from './movement.ts';
import { recycleKey, type Switch, timestampsKey } from './recycle-switch.ts';
import type { Rung, Situation } from './tw-recycle.ts';
import { count, counted, rate, rise, span } from './wording.ts';

/** One line per rung. */
export const titles: Readonly<Record<Rung, string>> = {
  firing: 'tcp_tw_recycle is dropping SYNs now',
  fired: 'tcp_tw_recycle has dropped SYNs since boot',
  exposed: 'tcp_tw_recycle is on and clients share addresses',
  latent: 'tcp_tw_recycle is on',
  inert: 'tcp_tw_recycle is on, and without effect only while timestamps are off',
};

/** Why the rung holds: the proof first, then who the clients are, then what is not known. */
export function sentences(state: Rung, situation: Situation): readonly string[] {
  const { facts, recycle } = situation;
  const seen = [lead[state](situation), ...visibility(recycle), ...timestampsInWords(state, situation)];
  const who = state === 'inert' ? [] : clientsInWords(facts);
  const natless = state !== 'inert' && !clientsShare(facts) ? [withoutNat] : [];
  const closing = state === 'exposed' || state === 'latent' ? [closingInWords(facts)] : [];
  return [...seen, ...since(situation), ...who, ...natless, ...closing];
}

/** Measured: 44–47 % of the connections of one 6.18 client without NAT. Source: kernel-facts A9. */
const withoutNat =
  'No NAT is needed: clients with a timestamp offset per connection (Linux 4.10–4.11, 6.12.94+, 6.18.17+, 7.0+) fail without any.';

const lead: Readonly<Record<Rung, (situation: Situation) => string>> = {
  firing: ({ rejected, facts }) => {
    if (rejected.state !== 'ok') return 'SYNs are being dropped now.';
    const seconds = secondsBetweenSamples(facts.snapshot);
    const during = seconds === undefined ? '' : ` over ${rate(seconds)} s`;
    return `SYNs are being dropped now: PAWSPassive ${rise(rejected.value)}${during}, ${count(rejected.value.value)} since boot.`;
  },
  fired: situation => `SYNs were dropped: ${totalInWords(situation.rejected)}; ${quiet(situation)}.`,
  exposed: ({ rejected }) => `On, and clients share addresses; ${noneYet(rejected)}.`,
  latent: ({ rejected }) => `On, and no sign of shared client addresses; ${noneYet(rejected)}.`,
  inert: ({ rejected }) =>
    `On, but without effect while net.ipv4.tcp_timestamps is 0: one sysctl away from dropping SYNs${history(rejected)}.`,
};

const totalInWords = (rejected: Reading<CounterReading>): string => {
  if (rejected.state !== 'ok') return 'PAWSPassive is unknown';
  const { value, perHourSinceBoot } = rejected.value;
  const average = perHourSinceBoot === undefined ? '' : ` (${rate(perHourSinceBoot)} per hour on average)`;
  return `PAWSPassive is ${count(value)} since boot${average}`;
};

function quiet({ rejected, facts: { snapshot } }: Situation): string {
  if (rejected.state === 'ok' && rejected.value.earlier !== undefined) return 'none between the two samples';
  return `whether it goes on is unknown (${snapshot.onlyOneSample ?? 'the counter went backwards'})`;
}

const noneYet = (rejected: Reading<CounterReading>): string =>
  rejected.state === 'ok'
    ? 'nothing dropped since boot'
    : `whether it has dropped any is unknown (PAWSPassive: ${whyMissing(rejected)}), judged as if none`;

const history = (rejected: Reading<CounterReading>): string => {
  if (rejected.state !== 'ok') return ` (PAWSPassive: ${whyMissing(rejected)})`;
  return rejected.value.value === 0 ? '' : `; it dropped ${count(rejected.value.value)} since boot`;
};

const visibility = (recycle: Switch): readonly string[] =>
  recycle.state === 'hidden'
    ? [`The setting is not visible from here (${recycle.why}), but only tcp_tw_recycle raises this counter.`]
    : [];

function timestampsInWords(state: Rung, { timestamps }: Situation): readonly string[] {
  if (timestamps.state === 'hidden') {
    return [`net.ipv4.tcp_timestamps is unknown (${timestamps.why}); 1 is assumed, the default.`];
  }
  if (state !== 'firing' || timestamps.state === 'on') return [];
  return [
    'net.ipv4.tcp_timestamps is 0, which does not end it: remembered timestamps reject for up to 60 s more, from Linux 3.17 on every SYN without one.',
  ];
}

/** What an earlier run of the same boot adds: it is an older sample. */
function since({ facts: { earlierRun }, rejected }: Situation): readonly string[] {
  if (earlierRun === null || rejected.state !== 'ok' || rejected.value.value < earlierRun.pawsPassive) return [];
  const { secondsAgo, pawsPassive, runId } = earlierRun;
  const more = rejected.value.value - pawsPassive;
  const perHour = secondsAgo > 0 ? ` (${rate((more * 3_600) / secondsAgo)} per hour)` : '';
  const what = more === 0 ? 'none' : `${counted(more, 'SYN')}${perHour}`;
  return [`In the ${span(secondsAgo)} since run ${runId}: ${what}.`];
}

/** PAWSPassive proves, the settings explain, ListenDrops only supports. */
export function evidenceOf({ recycle, timestamps, rejected, dropped }: Situation): readonly Evidence[] {
  return [
    ...counterEvidence(rejected),
    ...settingEvidence(recycleKey, recycle),
    ...settingEvidence(timestampsKey, timestamps),
    ...counterEvidence(dropped),
  ];
}

function counterEvidence(reading: Reading<CounterReading>): readonly Evidence[] {
  if (reading.state !== 'ok') return [];
  const { perHourSinceBoot: _, ...evidence } = reading.value;
  return [evidence];
}

const settingEvidence = (key: string, found: Switch): readonly Evidence[] =>
  found.state === 'hidden' ? [] : [{ source: settingSource(key), field: key, value: found.text }];
