import type { Destination, Listener, Peer, SocketTable, TcpMetric, TcpState } from '../model/snapshot.ts';
import { tcpStates } from '../model/snapshot.ts';
import { canonicalAddress } from '../text/address.ts';
import { type AddressDecoder, addressDecoder, hex, integer } from './socket-address.ts';
import { socketsAwk } from './sockets-awk.ts';
import { ParseError } from './source.ts';
import { parseTcpMetric } from './tcp-metrics.ts';

/** Sockets above which only sockstat is read, unless all are asked for. DESIGN.md, "Numbers to reach". */
export const maxSocketsRead = 100_000;

/**
 * `/proc/net/tcp` and `/proc/net/tcp6` as counts made on the host, and the timestamps of `ip tcp_metrics`, in one awk
 * process. The limits of the accept queues, which only `ss` knows, are asked for where a queue overflowed since boot,
 * holds anything now, or the tables are not read: on other hosts they would cost a process and tell nothing.
 * Reading a table walks the whole hash of established sockets, milliseconds on a large machine; without any IPv6 TCP
 * socket tcp6 is therefore left alone.
 * Source: net/ipv4/tcp_ipv4.c, get_tcp4_sock(); rx_queue of a listening socket is its accept queue.
 */
export const sockets = {
  id: 'proc/net/tcp',
  sh: `
sockets() {
  count_sockets proc/net
  set --
  [ "$open6" = 0 ] || { want_table proc/net/tcp6 && set -- "./$real"; }
  want_table proc/net/tcp && set -- "$@" "./$real"
  metrics=
  if [ -z "$root" ] && [ -e proc/sys/net/ipv4/tcp_tw_recycle ]; then
    if command -v ip >/dev/null; then metrics='ip tcp_metrics show 2>&1'; else say missing ip; fi
  fi
  command -v awk >/dev/null || { say missing awk; return; }
  if [ "$bounded" = yes ] && [ "$open" -gt ${maxSocketsRead} ]; then say bounded "$open"; set --; fi
  ss=
  [ -n "$root" ] || ! command -v ss >/dev/null || ss='exec ss -ltn 2>/dev/null'
  at proc/net/netstat && [ -f "./$real" ] && [ -r "./$real" ] || real=
  say sockets
  [ $# -eq 0 ] && [ -z "$ss" ] && return
  [ -n "$ss" ] || idle=
  awk -v metrics="$metrics" -v ss="$ss" -v limits="$idle" "$program" \${real:+from=counters "./$real"} from=table "$@" </dev/null
}
# count_sockets DIRECTORY: sets $open to the number of sockets there, $open6 to those of IPv6, $alloc to all of the machine.
count_sockets() {
  open=0 open6='' alloc=0
  for table in "$1/sockstat" "$1/sockstat6"; do
    at "$table" && [ -f "$real" ] && [ -r "$real" ] || continue
    while IFS=' ' read -r name _ inuse _ _ _ waiting _ alive _; do
      case $name in TCP6:) open6=$inuse ;; TCP:) ;; *) continue ;; esac
      for number in "$inuse" "$waiting"; do
        case $number in '' | *[!0-9]* | 0?* | ??????????*) ;; *) open=$((open + number)) ;; esac
      done
      case $alive in '' | *[!0-9]* | 0?* | ??????????*) ;; *) alloc=$alive ;; esac
    done <"$real"
  done
}
program='${socketsAwk}'
sockets`.trim(),
};

/** What the sockets frame holds: the table, and the remembered timestamps that came with it. */
export interface SocketsFrame {
  readonly table: SocketTable;
  readonly metrics: readonly TcpMetric[];
  /** What `ip tcp_metrics` said instead of entries. */
  readonly metricsError: string | null;
}

/** `10.8.0.5` and the port of the server that our own SSH connection uses; it is taken out of the peers. */
export interface OwnConnection {
  readonly address: string;
  readonly port: number;
}

/** Records of the awk program to a SocketTable. Throws ParseError for a row that is none. */
export function parseSockets(lines: readonly string[], own: OwnConnection | null): SocketsFrame {
  const records = byKind(lines);
  const of = (kind: string): readonly string[][] => records.get(kind) ?? [];
  const decode = addressDecoder(records.has('B'));
  const [broken] = of('X');
  if (broken !== undefined) throw new ParseError('not a row of /proc/net/tcp', Number(broken[1]));

  return {
    table: {
      states: Object.fromEntries(of('T').map(([, state, count]) => [stateOf(state), integer(count)])),
      listeners: listenersOf(of('L'), of('S'), decode),
      halfOpen: of('H').map(([, port, requests, repeated]) => ({
        port: hex(port),
        requests: integer(requests),
        retransmitted: integer(repeated),
      })),
      peers: peersOf(of('P'), of('W'), { decode, own }),
      rest: of('R').map(([, prefix, count]) => ({ prefix: decode.prefix(prefix), connections: integer(count) })),
      destinations: destinationsOf(of('O'), of('I'), decode),
    },
    metrics: of('M').map(([, address, twTs]) => parseTcpMetric(address ?? '', twTs ?? '')),
    metricsError: of('E')[0]?.slice(1).join(' ') ?? null,
  };
}

function byKind(lines: readonly string[]): ReadonlyMap<string, readonly string[][]> {
  const records = new Map<string, string[][]>();
  for (const line of lines) {
    const record = line.split(' ');
    const kind = record[0] as string;
    const known = records.get(kind);
    if (known === undefined) records.set(kind, [record]);
    else known.push(record);
  }
  return records;
}

function listenersOf(rows: readonly string[][], fromSs: readonly string[][], decode: AddressDecoder): Listener[] {
  const limits = new Map<string, { queued: number; limit: number }>();
  for (const [, queued, limit, socket] of fromSs) {
    const { address, port } = socketOfSs(socket ?? '');
    limits.set(`${address} ${port}`, { queued: integer(queued), limit: integer(limit) });
  }
  const listeners = rows.map(([, address, port, queued]) => ({
    address: decode.address(address),
    port: hex(port),
    queued: hex(queued),
  }));
  if (listeners.length === 0) {
    return [...limits].map(([key, { queued, limit }]) => {
      const [address, port] = key.split(' ');
      return { address: address as string, port: Number(port), queued, limit };
    });
  }
  return listeners.map(listener => ({
    ...listener,
    limit: limits.get(`${listener.address} ${listener.port}`)?.limit ?? null,
  }));
}

/** The first idle record says for which times it was asked; a destination without a record has no idle connection. */
function destinationsOf(
  rows: readonly string[][],
  idleRows: readonly string[][],
  decode: AddressDecoder,
): Destination[] {
  const [asked, ...counts] = idleRows;
  const limits = asked?.slice(1).map(integer);
  const idle = new Map(
    counts.map(([, socket, ...numbers]) => {
      const { address, port } = socketOfSs(socket ?? '');
      return [`${address} ${port}`, numbers] as const;
    }),
  );
  return rows.map(([, hexAddress, hexPort, count, waiting]) => {
    const [address, port] = [decode.address(hexAddress), hex(hexPort)];
    const numbers = idle.get(`${address} ${port}`) ?? [];
    const destination = { address, port, connections: integer(count), timeWait: integer(waiting) };
    if (limits === undefined) return destination;
    return { ...destination, idle: Object.fromEntries(limits.map((limit, i) => [limit, integer(numbers[i] ?? '0')])) };
  });
}

/** `*:22`, `[::]:22`, `:::22`, `127.0.0.53%lo:53`: the ways in which releases of `ss` print a listening socket. */
function socketOfSs(text: string): { address: string; port: number } {
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, colon);
  const port = Number(text.slice(colon + 1));
  return { address: host === '*' ? '0.0.0.0' : canonicalAddress(host), port };
}

interface PeerInput {
  readonly decode: AddressDecoder;
  readonly own: OwnConnection | null;
}

interface GrowingPeer extends Peer {
  connections: number;
  lowPorts: number;
  readonly states: Partial<Record<TcpState, number>>;
}

function peersOf(rows: readonly string[][], low: readonly string[][], { decode, own }: PeerInput): Peer[] {
  const peers = new Map<string, GrowingPeer>();
  for (const [, address, port, state, text] of rows) {
    const key = `${address} ${port}`;
    let peer = peers.get(key);
    if (peer === undefined) {
      peer = { address: decode.address(address), port: hex(port), connections: 0, states: {}, lowPorts: 0 };
      peers.set(key, peer);
    }
    const count = integer(text);
    const name = stateOf(state);
    peer.states[name] = (peer.states[name] ?? 0) + count;
    peer.connections += count;
  }
  for (const [, address, port, count] of low) {
    const peer = peers.get(`${address} ${port}`);
    if (peer !== undefined) peer.lowPorts = integer(count);
  }
  const all = [...peers.values()];
  const ours = own === null ? undefined : all.find(peer => peer.address === own.address && peer.port === own.port);
  if (ours?.states.ESTABLISHED !== undefined) {
    ours.states.ESTABLISHED -= 1;
    ours.connections -= 1;
  }
  return all.filter(peer => peer.connections > 0);
}

function stateOf(text: string | undefined): TcpState {
  const state = tcpStates[hex(text) - 1];
  if (state === undefined) throw new ParseError(`unknown TCP state ${JSON.stringify(text)}`);
  return state;
}
