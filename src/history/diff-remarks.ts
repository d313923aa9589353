import type { RunInfo } from '../model/run.ts';
import type { ComparedRun } from './compared.ts';

/** What makes two runs hard to compare, in full sentences, the most important first. Empty where nothing does. */
export function remarksOn(before: ComparedRun, after: ComparedRun): string[] {
  return [
    ...onHosts(before, after),
    ...onTime(before.run, after.run),
    ...onEnd(before, 'earlier'),
    ...onEnd(after, 'later'),
    ...onJudging(before.run, after.run),
    ...onRates(before, after),
  ];
}

function onHosts({ run: was, results: before }: ComparedRun, { run: is, results: after }: ComparedRun): string[] {
  const both = [...before.keys()].filter(name => after.has(name)).length;
  const subjects = was.subject === is.subject ? '' : ` One is of ${was.subject}, the other of ${is.subject}.`;
  if (both === 0 && before.size + after.size > 0) return [`The runs have no host in common.${subjects}`];
  return subjects === '' ? [] : [`The runs are of different subjects.${subjects}`];
}

function onTime(was: RunInfo, is: RunInfo): string[] {
  return Date.parse(is.startedAt) < Date.parse(was.startedAt)
    ? ['The first run named is the newer one: fixed and new are the other way round.']
    : [];
}

function onEnd({ run, results, end }: ComparedRun, which: string): string[] {
  const { hostCount } = run;
  if (end !== null && !end.interrupted) return [];
  const how = end === null ? 'did not end' : 'was interrupted';
  return [
    `The ${which} run ${how}: ${results.size} of ${hostCount} hosts are in it, and nothing about the whole fleet.`,
  ];
}

function onJudging(was: RunInfo, is: RunInfo): string[] {
  const remarks: string[] = [];
  if (was.profile !== is.profile)
    remarks.push(
      `The earlier run judged by profile ${was.profile}, the later by ${is.profile}: a finding may differ for that alone.`,
    );
  if (was.version !== is.version)
    remarks.push(`The runs are of versions ${was.version} and ${is.version}, whose rules may differ.`);
  return remarks;
}

/** One interval this many times the other makes rates of rare drops differ by chance. */
const farApart = 5;

function onRates(before: ComparedRun, after: ComparedRun): string[] {
  const which = (wanted: RatesKept): string =>
    [...(ratesOf(before) === wanted ? ['earlier'] : []), ...(ratesOf(after) === wanted ? ['later'] : [])].join(
      ' and the ',
    );
  const [without, partly] = [which('none'), which('of-findings')];
  const remarks: string[] = [];
  if (without !== '')
    remarks.push(`The ${without} run took one sample: no rate is known of it, and no cause is seen to act in it.`);
  if (partly !== '') remarks.push(`The ${partly} run kept rates of findings only: of other hosts they are not known.`);
  const [was, is] = [before.run.intervalMs, after.run.intervalMs];
  if (Math.min(was, is) > 0 && Math.max(was, is) >= farApart * Math.min(was, is))
    remarks.push(`Rates are over ${was / 1_000} s and ${is / 1_000} s: the longer, the surer.`);
  return remarks;
}

type RatesKept = 'all' | 'of-findings' | 'none';

/** Runs of versions before rates were kept have those of findings; one in which no host was audited lacks nothing. */
function ratesOf({ run, results }: ComparedRun): RatesKept {
  const audited = [...results.values()].filter(({ error }) => error === null);
  if (audited.length === 0 || audited.some(({ rates }) => rates !== undefined)) return 'all';
  return run.intervalMs > 0 ? 'of-findings' : 'none';
}
