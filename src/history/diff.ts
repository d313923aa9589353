import {
  type ComparedInfo,
  type DiffSummary,
  type FindingChange,
  type FindingChangeKind,
  findingChanges,
  type HostDiff,
  isCounted,
  type RunDiff,
  type VisitThen,
} from '../model/diff.ts';
import { type Finding, type Severity, severities } from '../model/rule.ts';
import type { FleetFinding, HostResult } from '../model/run.ts';
import type { ComparedRun } from './compared.ts';
import { changesOf } from './diff-findings.ts';
import { createRateSums } from './diff-rates.ts';
import { remarksOn } from './diff-remarks.ts';
import { settingChanges } from './diff-settings.ts';

/** What decides the exit code of a comparison. */
export interface DiffPolicy {
  readonly failOn: Severity | 'never';
  readonly allowIncomplete: boolean;
}

/**
 * What is otherwise in the later of two runs, host by host. Pure. Findings are compared by host, network namespace and rule;
 * what one run did not look at is never called fixed, nor new.
 */
export function compareRuns(before: ComparedRun, after: ComparedRun, policy: DiffPolicy): RunDiff {
  const fleets = [fleetByHost(before), fleetByHost(after)] as const;
  const sums = createRateSums();
  const tally = emptyTally();
  const hosts: HostDiff[] = [];
  for (const name of new Set([...before.results.keys(), ...after.results.keys()])) {
    const [was, is] = [before.results.get(name) ?? null, after.results.get(name) ?? null];
    const rates = sums.add(was, is);
    const findings = changesOf(
      { result: was, fleet: fleets[0].get(name) ?? [], ended: hasEnded(before) },
      { result: is, fleet: fleets[1].get(name) ?? [], ended: hasEnded(after) },
    );
    const host: HostDiff = {
      name,
      before: was && visitOf(was),
      after: is && visitOf(is),
      reach: reachOf(was, is),
      rebooted: rebootedOf(before.snapshots.get(name)?.bootId, after.snapshots.get(name)?.bootId),
      findings,
      settings: settingsOf(name, before, after),
      rates,
    };
    count(tally, host);
    if (isTold(host)) hosts.push(host);
  }
  const infos = { before: infoOf(before), after: infoOf(after) };
  return {
    ...infos,
    remarks: remarksOn(before, after),
    summary: { ...tally, exitCode: exitCodeOf(hosts, infos.after, policy) },
    rates: sums.totals(),
    hosts,
  };
}

const isAudited = (result: HostResult | null): boolean => result !== null && result.error === null;

const hasEnded = ({ end }: ComparedRun): boolean => end !== null && !end.interrupted;

const visitOf = ({ outcome, kernel, error }: HostResult): VisitThen => ({
  outcome,
  kernel,
  error: error && { code: error.code, message: error.message, hint: error.hint },
});

/** A host that is in one run only was not lost: it was not asked. */
function reachOf(was: HostResult | null, is: HostResult | null): HostDiff['reach'] {
  if (was === null || is === null || isAudited(was) === isAudited(is)) return null;
  return isAudited(was) ? 'lost' : 'regained';
}

const rebootedOf = (was: string | null | undefined, is: string | null | undefined): boolean | null =>
  typeof was === 'string' && typeof is === 'string' ? was !== is : null;

function settingsOf(name: string, before: ComparedRun, after: ComparedRun): HostDiff['settings'] {
  const [was, is] = [before.results.get(name), after.results.get(name)];
  if (was === undefined || is === undefined || was.error !== null || is.error !== null) return [];
  return settingChanges(
    { result: was, snapshot: before.snapshots.get(name) },
    { result: is, snapshot: after.snapshots.get(name) },
  );
}

const isTold = ({ before, after, reach, rebooted, findings, settings, rates }: HostDiff): boolean =>
  before === null ||
  after === null ||
  reach !== null ||
  rebooted === true ||
  findings.length > 0 ||
  settings.length > 0 ||
  rates.length > 0 ||
  after.error !== null ||
  before.kernel !== after.kernel;

/** Findings about the fleet as findings of their hosts, the worst of a rule on each, as in a run's own summary. */
function fleetByHost({ end }: ComparedRun): ReadonlyMap<string, readonly Finding[]> {
  const hosts = new Map<string, Finding[]>();
  const worstFirst = [...(end?.fleet?.findings ?? [])].sort(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity),
  );
  for (const found of worstFirst)
    for (const [names, isWaived] of [[found.hosts, false] as const, [found.waivedHosts, true] as const])
      for (const name of names) {
        const list = hosts.get(name) ?? [];
        hosts.set(name, list);
        if (list.every(({ rule }) => rule !== found.rule)) list.push(onHost(found, isWaived));
      }
  return hosts;
}

const onHost = ({ rule, severity, state, title, because }: FleetFinding, isWaived: boolean): Finding => ({
  rule,
  severity,
  state,
  title,
  because,
  confidence: 'high',
  evidence: [],
  remedy: null,
  waived: isWaived ? { reason: '', expires: '' } : null,
});

type Tally = { -readonly [K in 'hosts' | 'waivers']: { -readonly [N in keyof DiffSummary[K]]: number } } & {
  findings: Record<FindingChangeKind, Record<Severity, number>>;
  settings: number;
};

function emptyTally(): Tally {
  const none = () => Object.fromEntries(severities.map(severity => [severity, 0])) as Record<Severity, number>;
  return {
    hosts: { both: 0, gone: 0, added: 0, lost: 0, regained: 0, rebooted: 0 },
    findings: Object.fromEntries(findingChanges.map(change => [change, none()])) as Tally['findings'],
    waivers: { given: 0, ended: 0 },
    settings: 0,
  };
}

function count(tally: Tally, { before, after, reach, rebooted, findings, settings }: HostDiff): void {
  tally.hosts[before === null ? 'added' : after === null ? 'gone' : 'both'] += 1;
  if (reach !== null) tally.hosts[reach] += 1;
  if (rebooted === true) tally.hosts.rebooted += 1;
  tally.settings += settings.length;
  for (const finding of findings) {
    if (finding.waiver !== null) tally.waivers[finding.waiver] += 1;
    const severity = (finding.after ?? finding.before)?.severity;
    if (severity !== undefined && isCounted(finding)) tally.findings[finding.change][severity] += 1;
  }
}

const infoOf = (compared: ComparedRun): ComparedInfo => {
  const { id, startedAt, version, subject, profile, intervalMs } = compared.run;
  const audited = [...compared.results.values()].filter(isAudited).length;
  const hosts = Math.max(compared.run.hostCount, compared.results.size);
  return { id, startedAt, version, subject, profile, intervalMs, hosts, audited, ended: hasEnded(compared) };
};

/** DESIGN.md, "Exit codes": 1 where a finding came to stand at or above --fail-on, 3 where the later run is incomplete. */
function exitCodeOf(hosts: readonly HostDiff[], after: ComparedInfo, { failOn, allowIncomplete }: DiffPolicy): number {
  const isNew = ({ before, after }: FindingChange) => reaches(after, failOn) && !reaches(before, failOn);
  if (hosts.some(({ findings }) => findings.some(isNew))) return 1;
  return (after.audited < after.hosts || !after.ended) && !allowIncomplete ? 3 : 0;
}

const reaches = (then: FindingChange['before'], failOn: Severity | 'never'): boolean =>
  then !== null &&
  !then.waived &&
  failOn !== 'never' &&
  severities.indexOf(then.severity) <= severities.indexOf(failOn);
