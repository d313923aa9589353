import type { Host } from '../model/host.ts';
import { allFindings, type HostResult, type ServiceResult } from '../model/run.ts';
import { foldHosts } from '../text/host-set.ts';

/** A service, and what its hosts did, while they come in. */
export interface ServiceMembers {
  readonly name: string;
  readonly port: number;
  readonly groups: Set<string>;
  readonly clients: Set<string>;
  hosts: number;
  readonly blockers: string[];
  readonly unknown: string[];
  /** `tw-recycle · latent` to the number of hosts that it blocks. */
  readonly causes: Map<string, number>;
}

/** Files one host under every service that it offers. */
export function addToServices(services: Map<string, ServiceMembers>, host: Host, result: HostResult): void {
  const causes = blockingCauses(result);
  for (const { name, port } of host.services) {
    const key = `${name} ${port}`;
    const service = services.get(key) ?? newService(name, port);
    services.set(key, service);
    service.hosts += 1;
    for (const group of host.groups) service.groups.add(group);
    for (const client of host.clients) service.clients.add(client);
    if (causes.length > 0) service.blockers.push(host.name);
    else if (isUnknown(result)) service.unknown.push(host.name);
    for (const cause of causes) service.causes.set(cause, (service.causes.get(cause) ?? 0) + 1);
  }
}

const newService = (name: string, port: number): ServiceMembers => ({
  name,
  port,
  groups: new Set(),
  clients: new Set(),
  hosts: 0,
  blockers: [],
  unknown: [],
  causes: new Map(),
});

/** What drops SYNs, or will drop those of clients behind NAT: every unwaived finding that is high or critical. */
const blockingCauses = (result: HostResult): readonly string[] =>
  allFindings(result)
    .filter(({ severity, waived }) => waived === null && (severity === 'critical' || severity === 'high'))
    .map(({ rule, state }) => (state === null ? rule : `${rule} · ${state}`));

/** A host that was not audited, or whose recycle could not be judged, is not ready: nobody knows. */
const isUnknown = ({ error, verdicts }: HostResult): boolean =>
  error !== null || verdicts['tw-recycle'] === 'notchecked';

export const serviceResults = (services: Iterable<ServiceMembers>): readonly ServiceResult[] =>
  [...services].map(service => {
    const { name, port, groups, hosts, blockers, unknown } = service;
    return {
      name,
      port,
      groups: [...groups],
      hosts,
      ready: blockers.length > 0 ? false : unknown.length > 0 ? null : true,
      blockers: folded(blockers),
      unknown: folded(unknown),
      because: because(service),
    };
  });

const folded = (hosts: readonly string[]): readonly string[] => (hosts.length === 0 ? [] : [foldHosts(hosts)]);

function because({ hosts, clients, blockers, unknown, causes }: ServiceMembers): string {
  const who = clients.size === 0 ? 'of clients behind NAT' : `of clients from ${[...clients].join(', ')}`;
  const without = unknown.length === 0 ? '' : ` Of ${unknown.length} it is not known.`;
  if (blockers.length > 0) {
    const why = [...causes].sort((a, b) => b[1] - a[1]).map(([cause, n]) => `${cause} (${n})`);
    return `${blockers.length} of ${hosts} hosts drop, or will drop, SYNs ${who}: ${why.join(', ')}.${without}`;
  }
  if (unknown.length > 0) return `Nothing speaks against it on ${hosts - unknown.length} of ${hosts} hosts.${without}`;
  return `${hosts === 1 ? 'Its host does not drop' : `None of its ${hosts} hosts drops`} SYNs ${who}, as far as counters and settings tell.`;
}
