import type { ByHand, PlannedChange, PlannedCohort, PlannedTarget, RemediationPlan } from '../model/remediation.ts';
import type { FleetFinding, HostResult } from '../model/run.ts';
import { groupBy } from '../text/group-by.ts';
import { compareHostNames, foldHosts } from '../text/host-set.ts';
import { type Asked, isAsked, rankOf } from './asked.ts';
import * as reasons from './by-hand-reasons.ts';
import { changesOf, type HostChanges, type Manual, worstFirst } from './host-changes.ts';

/** What a plan is about, without its identity and files. */
export type Draft = Pick<RemediationPlan, 'cohorts' | 'byHand' | 'leftOut'>;

/**
 * From the results of a run to what is to be changed, where, and what is left to people. Equal input gives equal ids.
 * `fleet`: what was found about the fleet as a whole.
 */
export function draftPlan(results: readonly HostResult[], asked: Asked, fleet: readonly FleetFinding[] = []): Draft {
  const needs = results.filter(isAudited).map(host => ({ host, ...changesOf(host, asked) }));
  const ofFleet = fleetByHand(fleet, asked, new Set(results.map(({ name }) => name)));
  return {
    cohorts: cohortsOf(needs.filter(({ changes }) => changes.length > 0)),
    byHand: [...byHandOf(needs), ...ofFleet].sort(worstRuleFirst),
    leftOut: {
      waived: needs.reduce((sum, { waived }) => sum + waived, 0),
      notAudited: foldHosts(results.filter(host => !isAudited(host)).map(({ name }) => name)),
    },
  };
}

const isAudited = ({ outcome }: HostResult): boolean => outcome === 'audited' || outcome === 'partial';

interface Need extends HostChanges {
  readonly host: HostResult;
}

type Grouped = Omit<PlannedCohort, 'id'>;

/** Hosts with the same keys, values before and values after share a script. The worst cohorts come first, then the largest. */
function cohortsOf(needs: readonly Need[]): PlannedCohort[] {
  const sameChange = ({ changes }: Need) => JSON.stringify(changes.map(({ key, from, to }) => [key, from, to]).sort());
  const groups = [...groupBy(needs, sameChange).values()].map(grouped);
  return groups.sort(byWeight).map((group, index) => ({ id: cohortName(group, index + 1), ...group }));
}

function grouped(needs: readonly Need[]): Grouped {
  const hosts = needs
    .map(
      ({ host, boot }): PlannedTarget => ({
        name: host.name,
        hostname: host.hostname ?? '',
        kernel: host.kernel,
        boot,
      }),
    )
    .sort((a, b) => compareHostNames(a.name, b.name));
  const alike = groupBy(
    needs.flatMap(({ changes }) => changes),
    ({ key }) => key,
  );
  return { changes: [...alike.values()].map(merged).sort(worstFirst), hosts };
}

/** The same change on many hosts: as severe as on the worst of them, and for the rules of all. */
function merged(changes: readonly PlannedChange[]): PlannedChange {
  const sorted = [...changes].sort((a, b) => rankOf(a.severity) - rankOf(b.severity)) as [PlannedChange];
  const [worst] = sorted;
  const against = sorted
    .flatMap(({ insteadOf = [] }) => insteadOf)
    .map(other => [JSON.stringify(other), other] as const);
  return {
    ...worst,
    rules: [...new Set(sorted.flatMap(({ rules }) => rules))],
    ...(against.length > 0 && { insteadOf: [...new Map(against).values()] }),
  };
}

function byWeight(a: Grouped, b: Grouped): number {
  const severity = ({ changes: [change] }: Grouped) => (change === undefined ? 0 : rankOf(change.severity));
  const first = ({ hosts: [host] }: Grouped) => host?.name ?? '';
  return severity(a) - severity(b) || b.hosts.length - a.hosts.length || compareHostNames(first(a), first(b));
}

/** Readable in a list of files, and nothing but letters, digits and `-`: ids of rules come from a stored run. */
function cohortName({ changes: [change] }: Grouped, number: number): string {
  const words = (change?.rules[0] ?? '').toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return [`c${number}`, ...(words.length === 0 ? ['fix'] : words.slice(0, 6))].join('-').slice(0, 60).replace(/-$/, '');
}

function byHandOf(needs: readonly Need[]): ByHand[] {
  const rows = new Map<string, { readonly entry: Omit<ByHand, 'hosts'>; readonly hosts: string[] }>();
  for (const { host, manual } of needs) {
    for (const each of manual) {
      const entry = entryOf(each);
      const id = JSON.stringify(entry);
      const row = rows.get(id) ?? { entry, hosts: [] };
      row.hosts.push(host.name);
      rows.set(id, row);
    }
  }
  return [...rows.values()]
    .sort((a, b) => b.hosts.length - a.hosts.length)
    .map(({ entry, hosts }) => ({ ...entry, hosts: foldHosts(hosts) }));
}

const worstRuleFirst = (a: ByHand, b: ByHand): number =>
  rankOf(a.severity) - rankOf(b.severity) || (a.rule < b.rule ? -1 : Number(a.rule > b.rule));

const entryOf = ({ finding: { rule, severity, title, remedy }, why }: Manual): Omit<ByHand, 'hosts'> => ({
  rule,
  severity,
  summary: remedy?.summary ?? `Wanted: ${title}. What to do is in: synaudit rules explain ${rule}.`,
  risk: remedy?.risk ?? 'none is known',
  why,
});

/** That hosts differ is known; which of them are right is not. */
function fleetByHand(fleet: readonly FleetFinding[], asked: Asked, names: ReadonlySet<string>): ByHand[] {
  return fleet
    .filter(finding => isAsked({ ...finding, remedy: null }, asked))
    .map(({ rule, severity, because, hosts }) => ({
      rule,
      severity,
      hosts: foldHosts(hosts.filter(name => names.has(name))),
      summary: `Decide what is meant, and set the others alike. ${because}`,
      risk: 'that of the key: see its own rule, where there is one',
      why: reasons.ofFleet,
    }))
    .filter(({ hosts }) => hosts !== '');
}
