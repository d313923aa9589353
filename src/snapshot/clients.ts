import type { ClientFacts, SharedAddress } from '../model/facts.ts';
import type { NatRange } from '../model/host.ts';
import { known, mapReading, type Reading } from '../model/reading.ts';
import { counter, type Peer, type Snapshot, type SocketTable, type TcpMetric } from '../model/snapshot.ts';
import { compileRanges, type DeclaredRanges } from './declared-ranges.ts';

/** What the inventory says that bears on a host's clients. */
export interface Declared {
  /** Every `nat` entry of the inventory: a peer may lie in any. One array per run, so that it is compiled once. */
  readonly declared: readonly NatRange[];
  /** Names that the host's groups give in `clients`. */
  readonly hostClients: readonly string[];
}

/** TCP_PAWS_MSL of include/net/tcp.h: how long a remembered timestamp rejects. Unit: s. */
const rememberedSeconds = 60;
/** Below this many connections to one port the spread of remote ports says nothing. DESIGN.md, "Shared addresses". */
const fewestForSpread = 20;
/** Share of remote ports below 32768, where no current client starts, from which an address is taken for a NAT. */
const lowPortShare = 0.25;

/**
 * Who connects to this host, and which of their addresses stand for more than one client.
 * Absent where the sockets are. Source: sockets, `ip tcp_metrics`, the inventory; DESIGN.md, "Shared addresses".
 */
export function clientFacts(snapshot: Snapshot, { declared, hostClients }: Declared): Reading<ClientFacts> {
  const ranges = compiled(declared);
  return mapReading(snapshot.sockets, sockets => {
    const byAddress = groupByAddress(sockets.peers);
    const rest = sockets.rest.map(({ prefix, connections }) => ({
      prefix,
      connections,
      found: ranges.ofPrefix(prefix),
    }));
    const shared = [
      ...sharedPeers(byAddress, snapshot, ranges),
      ...rest.flatMap(({ prefix, connections, found }) =>
        found.relation === 'inside'
          ? [{ address: prefix, connections, because: found.names.map(name => `declared:${name}`) }]
          : [],
      ),
    ];
    return {
      connections: sum(sockets.peers) + sum(sockets.rest),
      addresses: byAddress.size,
      shared: shared.sort((a, b) => b.connections - a.connections),
      declared: declared.filter(({ name }) => hostClients.includes(name)),
      complete: rest.every(({ found }) => found.relation !== 'overlaps'),
      serverClosesFirst: serverClosesFirst(snapshot, sockets),
    };
  });
}

const compiledOnce = new WeakMap<readonly NatRange[], DeclaredRanges>();

/** 10,000 hosts share one list of ranges. */
function compiled(declared: readonly NatRange[]): DeclaredRanges {
  const ready = compiledOnce.get(declared) ?? compileRanges(declared);
  compiledOnce.set(declared, ready);
  return ready;
}

function groupByAddress(peers: readonly Peer[]): ReadonlyMap<string, readonly Peer[]> {
  const byAddress = new Map<string, Peer[]>();
  for (const peer of peers) {
    const earlier = byAddress.get(peer.address);
    if (earlier === undefined) byAddress.set(peer.address, [peer]);
    else earlier.push(peer);
  }
  return byAddress;
}

function sharedPeers(
  byAddress: ReadonlyMap<string, readonly Peer[]>,
  snapshot: Snapshot,
  ranges: DeclaredRanges,
): readonly SharedAddress[] {
  const remembered = rememberedAges(byAddress, snapshot);
  return [...new Set([...byAddress.keys(), ...remembered.keys()])].flatMap(address => {
    const peers = byAddress.get(address) ?? [];
    const age = remembered.get(address);
    const because = [
      ...ranges.holding(address).map(name => `declared:${name}`),
      ...(age === undefined ? [] : [`tw_ts ${Math.round(age)} s old`]),
      ...peers.flatMap(spread),
    ];
    return because.length === 0 ? [] : [{ address, connections: sum(peers), because }];
  });
}

/**
 * Age of the remembered timestamp by address. Under recycle a closed connection is gone after 0.7 s, so an address counts
 * though no socket is left; one that we only connect to ourselves does not.
 */
function rememberedAges(
  byAddress: ReadonlyMap<string, readonly Peer[]>,
  { tcpMetrics, sockets }: Snapshot,
): ReadonlyMap<string, number> {
  const destinations = new Set(known(sockets)?.destinations.map(({ address }) => address));
  const counts = ({ address, ageSeconds }: TcpMetric): boolean =>
    ageSeconds < rememberedSeconds && (byAddress.has(address) || !destinations.has(address));
  const youngest = new Map<string, number>();
  for (const metric of known(tcpMetrics) ?? []) {
    const other = youngest.get(metric.address);
    if (counts(metric) && (other === undefined || metric.ageSeconds < other)) {
      youngest.set(metric.address, metric.ageSeconds);
    }
  }
  return youngest;
}

function spread({ port, connections, lowPorts }: Peer): readonly string[] {
  if (connections < fewestForSpread || lowPorts < connections * lowPortShare) return [];
  const percent = Math.round((100 * lowPorts) / connections);
  return [`${percent} % of ${connections} remote ports to :${port} below 32768`];
}

/** TIME_WAIT is kept by the side that closes first; under recycle it is short, but TWKilled counts each. */
function serverClosesFirst(snapshot: Snapshot, { peers, rest }: SocketTable): boolean | null {
  if (peers.some(({ states }) => (states.TIME_WAIT ?? 0) > 0)) return true;
  const closes = ['TcpExt.TW', 'TcpExt.TWKilled'].map(field => known(counter(snapshot, 'proc/net/netstat', field)));
  if (closes.some(reading => reading?.earlier !== undefined && reading.value > reading.earlier)) return true;
  const watched = closes.every(reading => reading?.earlier !== undefined);
  return watched && peers.length > 0 && rest.length === 0 ? false : null;
}

const sum = (counted: readonly { readonly connections: number }[]): number =>
  counted.reduce((total, { connections }) => total + connections, 0);
