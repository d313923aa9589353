import type { CohortResult, FleetFinding, ServiceResult } from '../model/run.ts';
import { systemNames } from '../text/system-names.ts';
import type { HostRow } from './host-row.ts';
import { lastAnswer } from './memo.ts';
import { rankOf, type Standing, standings } from './standing.ts';
import type { RunData, Setup, State } from './state.ts';

/** A row of the fleet: a service or a group, a cohort within it, or a finding about the fleet as a whole. */
export interface FleetNode {
  /** Stable while the run goes on. */
  readonly id: string;
  readonly kind: 'service' | 'group' | 'cohort' | 'finding';
  readonly label: string;
  /** Last of its parent: for the branch that is drawn. */
  readonly isLast: boolean;
  readonly hosts: readonly HostRow[];
  readonly worst: Standing;
  readonly verdict: string;
  /** Unit: 1/s; null where no host of it tells. */
  readonly drops: number | null;
  /** Share of connections from shared addresses, 0 to 1; null: not known. */
  readonly share: number | null;
  /** In sentences, where the run's end told any. */
  readonly because: string | null;
}

/** Services, then groups without one, each with its cohorts; the worst first. */
export const fleetTree = (state: State): readonly FleetNode[] => tree(state.data.rows, state.data.end, state.setup);

const tree = lastAnswer((rows: RunData['rows'], end: RunData['end'], setup: Setup): readonly FleetNode[] => {
  const services = end?.fleet.services ?? [];
  const labels = new Map((end?.fleet.cohorts ?? []).map(cohort => [cohort.id, cohort]));
  const heads = { service: new Map<string, HostRow[]>(), group: new Map<string, HostRow[]>() };
  for (const row of rows.values()) {
    const { kind, names } = headsOf(row, services, setup);
    for (const name of names) gather(heads[kind], name, row);
  }
  const branches = (['service', 'group'] as const).flatMap(kind =>
    [...heads[kind]].map(([label, hosts]) => {
      const id = `${kind} ${label}`;
      const cohorts = cohortNodes(id, hosts, labels);
      const tally = sumOf(cohorts.map(cohort => cohort.tally));
      const verdict = headVerdict(tally.standing, hosts.length);
      const head = nodeOf({ id, kind, label, hosts, because: becauseOf(label, services), verdict }, tally);
      return [head, ...cohorts.map(cohort => cohort.node)] as const;
    }),
  );
  branches.sort(([a], [b]) => worstFirst(a, b));
  return [...branches.flat(), ...(end?.fleet.findings ?? []).map(finding => findingNode(finding, rows))];
});

function gather(into: Map<string, HostRow[]>, key: string, row: HostRow): void {
  const hosts = into.get(key);
  if (hosts === undefined) into.set(key, [row]);
  else hosts.push(row);
}

const worstFirst = (a: FleetNode, b: FleetNode): number =>
  rankOf(a.worst) - rankOf(b.worst) || (b.drops ?? 0) - (a.drops ?? 0) || (a.label < b.label ? -1 : 1);

const serviceLabel = ({ name, port }: ServiceResult): string => `${name} :${port}`;

/** What a host stands under: its services, else its groups. */
function headsOf(
  { name, result }: HostRow,
  services: readonly ServiceResult[],
  setup: Setup,
): { readonly kind: 'service' | 'group'; readonly names: readonly string[] } {
  const offered =
    setup.servicesOf?.(name) ??
    services.filter(({ groups }) => groups.some(group => result.groups.includes(group))).map(serviceLabel);
  if (offered.length > 0) return { kind: 'service', names: offered };
  return { kind: 'group', names: result.groups.length === 0 ? noGroup : result.groups };
}

const noGroup = ['no group'];

const becauseOf = (label: string, services: readonly ServiceResult[]): string | null =>
  services.find(service => serviceLabel(service) === label)?.because ?? null;

/** The cohorts below a head, the worst first. */
function cohortNodes(head: string, rows: readonly HostRow[], labels: ReadonlyMap<string, CohortResult>) {
  const byCohort = new Map<string, HostRow[]>();
  for (const row of rows) gather(byCohort, row.result.cohort ?? '', row);
  const nodes = [...byCohort].map(([cohort, hosts]) => {
    const tally = tallyOf(hosts);
    const label = cohort === '' ? unlabelled(tally, hosts) : (labels.get(cohort)?.label ?? cohortLabel(hosts));
    const id = `${head} / ${cohort}`;
    return {
      tally,
      node: nodeOf({ id, kind: 'cohort', label, hosts, because: null, verdict: cohortVerdict(hosts) }, tally),
    };
  });
  nodes.sort((a, b) => worstFirst(a.node, b.node));
  return nodes.map(({ tally, node }, i) => ({ tally, node: { ...node, isLast: i === nodes.length - 1 } }));
}

const unlabelled = ({ standing }: Tally, hosts: readonly HostRow[]): string =>
  standing.get('lost') === hosts.length ? 'not audited' : 'settings not known';

/** Before the run's end says it: what its hosts have in common. */
function cohortLabel(hosts: readonly HostRow[]): string {
  const value = (key: string) => hosts[0]?.result.settings[key]?.value ?? null; // equal in a cohort
  const [recycle, timestamps] = [value('net.ipv4.tcp_tw_recycle'), value('net.ipv4.tcp_timestamps')];
  const what = [recycle === null ? 'no recycle' : `recycle=${recycle}`];
  const systems = new Set<string>();
  for (const { result } of hosts) {
    const system = result.os ?? result.kernel;
    if (system !== null) systems.add(system);
  }
  return `${systemNames(systems)}, ${[...what, ...(timestamps === null ? [] : [`ts=${timestamps}`])].join(' ')}`;
}

/** What the hosts of a node add up to. */
interface Tally {
  readonly standing: ReadonlyMap<Standing, number>;
  readonly drops: number | null;
  readonly connections: number;
  /** Connections from shared addresses. */
  readonly shared: number;
}

function tallyOf(hosts: readonly HostRow[]): Tally {
  const counts = new Map<Standing, number>();
  let drops: number | null = null;
  let [connections, shared] = [0, 0];
  for (const { standing, drops: own, nat, result } of hosts) {
    counts.set(standing, (counts.get(standing) ?? 0) + 1);
    if (own !== null) drops = (drops ?? 0) + own;
    if (result.clients === null || nat.share === null) continue;
    connections += result.clients.connections;
    shared += nat.share * result.clients.connections;
  }
  return { standing: counts, drops, connections, shared };
}

function sumOf(tallies: readonly Tally[]): Tally {
  const counts = new Map<Standing, number>();
  for (const { standing } of tallies) for (const [each, n] of standing) counts.set(each, (counts.get(each) ?? 0) + n);
  const sum = (of: (tally: Tally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
  return {
    standing: counts,
    drops: tallies.every(({ drops }) => drops === null) ? null : sum(({ drops }) => drops ?? 0),
    connections: sum(({ connections }) => connections),
    shared: sum(({ shared }) => shared),
  };
}

function nodeOf(
  node: Pick<FleetNode, 'id' | 'kind' | 'label' | 'hosts' | 'because' | 'verdict'>,
  { standing, drops, connections, shared }: Tally,
): FleetNode {
  const worst = standings.find(each => standing.has(each)) ?? 'ok';
  return { ...node, isLast: false, worst, drops, share: connections === 0 ? null : shared / connections };
}

/** `not ready: 9 of 12`, of hosts that drop SYNs or will, or what is less bad. */
function headVerdict(counts: ReadonlyMap<Standing, number>, all: number): string {
  const of = (...wanted: readonly Standing[]) => wanted.reduce((sum, each) => sum + (counts.get(each) ?? 0), 0);
  const [blocking, lost, hygiene] = [of('critical', 'high'), of('lost'), of('medium', 'low')];
  if (blocking > 0) return `not ready: ${blocking} of ${all}${lost === 0 ? '' : `, ${lost} not audited`}`;
  if (lost > 0) return `not known: ${lost} of ${all} not audited`;
  return hygiene > 0 ? `no drops; ${hygiene} of ${all} at risk` : 'ready';
}

/** What its hosts have, the worst first: `tw-recycle firing 9 · ok 3`. */
function cohortVerdict(hosts: readonly HostRow[]): string {
  const counts = new Map<string, { n: number; rank: number }>();
  for (const { cause, standing } of hosts) {
    const entry = counts.get(cause);
    if (entry === undefined) counts.set(cause, { n: 1, rank: rankOf(standing) });
    else entry.n += 1;
  }
  return [...counts]
    .sort(([, a], [, b]) => a.rank - b.rank || b.n - a.n)
    .map(([what, { n }]) => (counts.size === 1 ? what : `${what} ${n}`))
    .join(' · ');
}

function findingNode(finding: FleetFinding, rows: RunData['rows']): FleetNode {
  const hosts = finding.hosts.flatMap(name => rows.get(name) ?? []);
  const state = finding.state === null ? '' : ` · ${finding.state}`;
  return {
    id: `finding ${finding.rule} ${finding.title}`,
    kind: 'finding',
    label: `${finding.rule}${state}`,
    isLast: false,
    hosts,
    because: finding.because,
    verdict: finding.title,
    worst: finding.severity,
    drops: null,
    share: null,
  };
}
