import type { Host } from '../model/host.ts';
import { known } from '../model/reading.ts';
import type { GatewayNeed } from '../model/run.ts';
import type { Destination, Snapshot } from '../model/snapshot.ts';
import { setting } from '../model/snapshot.ts';
import { type GatewayLimits, gatewayLimits, timeWaitSeconds } from './gateway-limits.ts';

/** Connections of a group to one address and port. */
interface Demand {
  open: number;
  timeWait: number;
  /** Open ones that were idle for longer than this many seconds; null: not known of every host. */
  readonly idle: Map<number, number | null>;
}

/** Outgoing connections of a group's hosts, while they come in. */
export interface GroupDemand {
  readonly group: string;
  hosts: number;
  readonly destinations: Map<string, Demand>;
  /** Hosts by the seconds after which their kernel sends the first keepalive probe. */
  readonly keepaliveSeconds: Map<number, number>;
}

/** Destinations of one group that are told apart; the busiest of a host come first, so a bound cuts the least. */
const mostDestinations = 50_000;

/** Files what one host holds open, under each of its groups. */
export function addToDemand(groups: Map<string, GroupDemand>, host: Host, snapshot: Snapshot): void {
  const destinations = (known(snapshot.sockets)?.destinations ?? []).filter(isRemote);
  const keepalive = Number(known(setting(snapshot, 'net.ipv4.tcp_keepalive_time')) ?? Number.NaN);
  for (const name of host.groups.length === 0 ? ['all hosts'] : host.groups) {
    const group = groups.get(name) ?? { group: name, hosts: 0, destinations: new Map(), keepaliveSeconds: new Map() };
    groups.set(name, group);
    group.hosts += 1;
    if (Number.isFinite(keepalive)) {
      group.keepaliveSeconds.set(keepalive, (group.keepaliveSeconds.get(keepalive) ?? 0) + 1);
    }
    for (const destination of destinations) addDestination(group.destinations, destination);
  }
}

function addDestination(destinations: Map<string, Demand>, destination: Destination): void {
  const { address, port, connections, timeWait, idle } = destination;
  const key = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const demand = destinations.get(key);
  if (demand === undefined && destinations.size >= mostDestinations) return;
  const sum: Demand = demand ?? {
    open: 0,
    timeWait: 0,
    idle: new Map(gatewayLimits.map(({ idleSeconds }) => [idleSeconds, 0])),
  };
  destinations.set(key, sum);
  sum.open += connections - timeWait;
  sum.timeWait += timeWait;
  for (const [seconds, before] of sum.idle) {
    const more = idle?.[seconds];
    sum.idle.set(seconds, before === null || more === undefined ? null : before + more);
  }
}

/** A connection that does not leave the machine or its link needs no gateway (RFC 1122 3.2.1.3, RFC 3927, RFC 4291). */
const isRemote = ({ address }: Destination): boolean => !/^(127\.|169\.254\.|0\.|::1$|fe80:|::$)/i.test(address);

/** For each group the destination that needs most ports. Groups without outgoing connections are left out. */
export const gatewayNeeds = (groups: Iterable<GroupDemand>): readonly GatewayNeed[] =>
  [...groups].flatMap(group => {
    const [busiest] = [...group.destinations].sort(([, a], [, b]) => b.open + b.timeWait - a.open - a.timeWait);
    return busiest === undefined ? [] : [needOf(group, ...busiest)];
  });

function needOf(group: GroupDemand, destination: string, demand: Demand): GatewayNeed {
  const { open, timeWait } = demand;
  const gateways = gatewayLimits.map(limits => ({
    gateway: limits.gateway,
    portsPerAddress: limits.portsPerAddress,
    addresses: Math.max(1, Math.ceil(portsAt(demand, limits) / limits.portsPerAddress)),
    idleSeconds: limits.idleSeconds,
    atRisk: demand.idle.get(limits.idleSeconds) ?? null,
  }));
  return {
    group: group.group,
    hosts: group.hosts,
    destination,
    ports: open + timeWait,
    gateways,
    because: [
      portsInWords(group, destination, demand),
      addressesInWords(gateways),
      ...idleInWords(group, gateways),
    ].join(' '),
  };
}

/** A gateway that keeps closed ports longer than Linux keeps TIME_WAIT needs more of them for the same rate of closing. */
const portsAt = ({ open, timeWait }: Demand, { closedSeconds }: GatewayLimits): number =>
  open + Math.ceil((timeWait * closedSeconds) / timeWaitSeconds);

function portsInWords({ group, hosts }: GroupDemand, destination: string, { open, timeWait }: Demand): string {
  const who = `${hosts} ${hosts === 1 ? 'host' : 'hosts'} of ${group}`;
  return `${who} need ${open + timeWait} source ports to ${destination} at once (${open} open, ${timeWait} in TIME_WAIT), as sampled now and not at peak.`;
}

function addressesInWords(gateways: GatewayNeed['gateways']): string {
  const named = gateways.map(
    ({ gateway, addresses, portsPerAddress }) => `${gateway} ${addresses} (${portsPerAddress} each)`,
  );
  return `Gateway addresses needed: ${named.join(', ')}.`;
}

function idleInWords({ keepaliveSeconds }: GroupDemand, gateways: GatewayNeed['gateways']): readonly string[] {
  const said = gateways.flatMap(({ gateway, idleSeconds, atRisk }) =>
    atRisk === null || atRisk === 0 ? [] : [`${atRisk} for longer than the ${idleSeconds} s of ${gateway}`],
  );
  const idle = said.length === 0 ? [] : [`Open connections are idle now: ${said.join(', ')}.`];
  const shortest = Math.min(...gateways.map(({ idleSeconds }) => idleSeconds));
  const late = [...keepaliveSeconds].filter(([seconds]) => seconds >= shortest);
  if (late.length === 0) return idle;
  const hosts = late.reduce((sum, [, n]) => sum + n, 0);
  const longest = Math.max(...late.map(([seconds]) => seconds));
  return [
    ...idle,
    `net.ipv4.tcp_keepalive_time is up to ${longest} s on ${hosts} hosts: a gateway forgets an idle connection (after ${shortest} s at the earliest) before the first probe.`,
  ];
}
