import type { CohortResult, FleetFinding, ServiceResult } from '../model/run.ts';
import type { HostRow } from './host-row.ts';
import { lastAnswer } from './memo.ts';
import { rankOf, type Standing, worse } from './standing.ts';
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
  /** The filter of the host table that shows the same hosts. */
  readonly names: ReadonlySet<string>;
  /** In sentences, where the run's end told any. */
  readonly because: string | null;
}

/** Services, then groups without one, each with its cohorts; the worst first. */
export const fleetTree = (state: State): readonly FleetNode[] => tree(state.data.rows, state.data.end, state.setup);

const tree = lastAnswer((rows: RunData['rows'], end: RunData['end'], setup: Setup): readonly FleetNode[] => {
  const services = end?.fleet.services ?? [];
  const labels = new Map((end?.fleet.cohorts ?? []).map(cohort => [cohort.id, cohort]));
  const heads = new Map<string, { kind: 'service' | 'group'; hosts: HostRow[] }>();
  for (const row of rows.values()) {
    for (const { kind, label } of headsOf(row, services, setup)) {
      const key = `${kind} ${label}`;
      const head = heads.get(key);
      if (head === undefined) heads.set(key, { kind, hosts: [row] });
      else head.hosts.push(row);
    }
  }
  const branches = [...heads].map(([key, { kind, hosts }]) => {
    const label = key.slice(kind.length + 1);
    const head = node({ id: key, kind, label, hosts, because: becauseOf(label, services) });
    return [head, ...cohortNodes(head, labels)];
  });
  branches.sort(([a], [b]) => (a === undefined || b === undefined ? 0 : worstFirst(a, b)));
  return [...branches.flat(), ...(end?.fleet.findings ?? []).map(finding => findingNode(finding, rows))];
});

const worstFirst = (a: FleetNode, b: FleetNode): number =>
  rankOf(a.worst) - rankOf(b.worst) || (b.drops ?? 0) - (a.drops ?? 0) || (a.label < b.label ? -1 : 1);

const serviceLabel = ({ name, port }: ServiceResult): string => `${name} :${port}`;

/** What a host stands under: its services, else its groups. */
function headsOf(
  { name, result }: HostRow,
  services: readonly ServiceResult[],
  setup: Setup,
): readonly { readonly kind: 'service' | 'group'; readonly label: string }[] {
  const known = setup.servicesOf?.(name);
  const offered =
    known ?? services.filter(({ groups }) => groups.some(group => result.groups.includes(group))).map(serviceLabel);
  if (offered.length > 0) return offered.map(label => ({ kind: 'service', label }));
  if (result.groups.length === 0) return [{ kind: 'group', label: 'no group' }];
  return result.groups.map(label => ({ kind: 'group', label }));
}

const becauseOf = (label: string, services: readonly ServiceResult[]): string | null =>
  services.find(service => serviceLabel(service) === label)?.because ?? null;

function cohortNodes(head: FleetNode, labels: ReadonlyMap<string, CohortResult>): readonly FleetNode[] {
  const byCohort = new Map<string, HostRow[]>();
  for (const row of head.hosts) {
    const key = row.result.cohort ?? '';
    const hosts = byCohort.get(key);
    if (hosts === undefined) byCohort.set(key, [row]);
    else hosts.push(row);
  }
  const nodes = [...byCohort].map(([cohort, hosts]) =>
    node({
      id: `${head.id} / ${cohort}`,
      kind: 'cohort',
      label:
        cohort === ''
          ? hosts.every(({ standing }) => standing === 'lost')
            ? 'not audited'
            : 'settings not known'
          : (labels.get(cohort)?.label ?? cohortLabel(hosts)),
      hosts,
      because: null,
    }),
  );
  return nodes.sort(worstFirst).map((each, i) => ({ ...each, isLast: i === nodes.length - 1 }));
}

/** Before the run's end says it: what the settings of its first host tell. */
function cohortLabel([first]: readonly HostRow[]): string {
  const value = (key: string) => first?.result.settings[key]?.value ?? null;
  const [recycle, timestamps] = [value('net.ipv4.tcp_tw_recycle'), value('net.ipv4.tcp_timestamps')];
  const system = (first?.result.os ?? 'unknown system').replace(/\s*\(.*$/, '').slice(0, 40);
  const what = [recycle === null ? 'no recycle' : `recycle=${recycle}`];
  return `${system}, ${[...what, ...(timestamps === null ? [] : [`ts=${timestamps}`])].join(' ')}`;
}

interface Ingredients extends Pick<FleetNode, 'id' | 'kind' | 'label' | 'hosts' | 'because'> {}

function node(ingredients: Ingredients): FleetNode {
  const { kind, hosts } = ingredients;
  let worst: Standing = 'ok';
  let drops: number | null = null;
  let [connections, shared] = [0, 0];
  for (const row of hosts) {
    worst = worse(worst, row.standing);
    if (row.drops !== null) drops = (drops ?? 0) + row.drops;
    if (row.result.clients === null || row.nat.share === null) continue;
    connections += row.result.clients.connections;
    shared += row.nat.share * row.result.clients.connections;
  }
  return {
    ...ingredients,
    isLast: false,
    worst,
    verdict: kind === 'cohort' ? cohortVerdict(hosts) : headVerdict(hosts),
    drops,
    share: connections === 0 ? null : shared / connections,
    names: new Set(hosts.map(({ name }) => name)),
  };
}

/** `not ready: 9 of 12`, of hosts that drop SYNs or will, or what is less bad. */
function headVerdict(hosts: readonly HostRow[]): string {
  const blocking = hosts.filter(({ standing }) => standing === 'critical' || standing === 'high').length;
  const lost = hosts.filter(({ standing }) => standing === 'lost').length;
  const unknown = lost === 0 ? '' : `, ${lost} not audited`;
  if (blocking > 0) return `not ready: ${blocking} of ${hosts.length}${unknown}`;
  if (lost > 0) return `not known: ${lost} of ${hosts.length} not audited`;
  const hygiene = hosts.filter(({ standing }) => standing === 'medium' || standing === 'low').length;
  return hygiene > 0 ? `no drops; ${hygiene} of ${hosts.length} at risk` : 'ready';
}

/** What its hosts have, most frequent first: `firing 9 · ok 3`. */
function cohortVerdict(hosts: readonly HostRow[]): string {
  const counts = new Map<string, { n: number; rank: number }>();
  for (const { leading, standing, result } of hosts) {
    const what =
      leading === null
        ? standing === 'lost'
          ? result.outcome
          : 'ok'
        : `${leading.rule}${leading.state === null ? '' : ` ${leading.state}`}`;
    const entry = counts.get(what) ?? { n: 0, rank: rankOf(standing) };
    entry.n += 1;
    counts.set(what, entry);
  }
  return [...counts]
    .sort(([, a], [, b]) => a.rank - b.rank || b.n - a.n)
    .map(([what, { n }]) => (counts.size === 1 ? what : `${what} ${n}`))
    .join(' · ');
}

function findingNode(finding: FleetFinding, rows: RunData['rows']): FleetNode {
  const hosts = finding.hosts.flatMap(name => rows.get(name) ?? []);
  const state = finding.state === null ? '' : ` · ${finding.state}`;
  const made = node({
    id: `finding ${finding.rule} ${finding.title}`,
    kind: 'finding',
    label: `${finding.rule}${state}`,
    hosts,
    because: finding.because,
  });
  return { ...made, worst: finding.severity, verdict: finding.title, drops: null, share: null };
}
