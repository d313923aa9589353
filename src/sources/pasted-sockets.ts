import type { Listener, Peer, SocketTable, StateCounts, TcpState } from '../model/snapshot.ts';
import { tcpStates } from '../model/snapshot.ts';
import { canonicalAddress, isAddress } from '../text/address.ts';
import { groupBy } from '../text/group-by.ts';
import { addressDecoder, hex } from './socket-address.ts';
import { ParseError } from './source.ts';

/** One TCP socket of `ss`, `netstat -an` or /proc/net/tcp. */
export interface SocketRow {
  readonly state: TcpState;
  readonly local: { readonly address: string; readonly port: number };
  /** Null: nobody, as of a listening socket. */
  readonly remote: { readonly address: string; readonly port: number } | null;
  /** Recv-Q: of a listening socket its accept queue. */
  readonly queued: number;
  /** Send-Q of a listening socket as `ss` prints it: the limit of that queue; null where the program does not tell. */
  readonly limit: number | null;
  /** The SYN-ACK of a half-open request was repeated. */
  readonly isRepeated: boolean;
}

/** What a text says of sockets. */
export interface PastedSockets {
  readonly rows: readonly SocketRow[];
  /** Ports printed by name: without `-n` it cannot be told which they are. */
  readonly hasNamedPorts: boolean;
}

/** Names of `ss`; those of `netstat` are the kernel's, but for a few. */
const stateNames: Readonly<Record<string, TcpState>> = {
  ...Object.fromEntries(
    tcpStates.flatMap(state => [
      [state, state],
      [state.replaceAll('_', '-'), state],
    ]),
  ),
  ESTAB: 'ESTABLISHED',
  'FIN-WAIT-1': 'FIN_WAIT1',
  'FIN-WAIT-2': 'FIN_WAIT2',
  UNCONN: 'CLOSE',
};

/** More rows than this are counted, not kept: a text of 16 MiB holds fewer. */
const maxRows = 250_000;

/**
 * TCP rows of `ss -tan`, `ss -ltn`, `ss -peaonmi`, `netstat -an`. Null: no such row is in the text.
 * Source: iproute2 misc/ss.c; net-tools netstat.c, tcp_do_one().
 */
export function parseSocketRows(lines: readonly string[]): PastedSockets | null {
  const rows: SocketRow[] = [];
  let hasNamedPorts = false;
  for (const line of lines) {
    const row = rowOf(line);
    if (row === 'named') hasNamedPorts = true;
    else if (row !== null && rows.length < maxRows) rows.push(row);
  }
  return rows.length === 0 && !hasNamedPorts ? null : { rows, hasNamedPorts };
}

const ssRow = /^ *(?:(tcp6?) +)?([A-Z][A-Z0-9-]+) +(\d{1,12}) +(\d{1,12}) +(\S+:\S+) +(\S+:\S+)(?: (.*))?$/;
const netstatRow = /^ *tcp6? +(\d{1,12}) +(\d{1,12}) +(\S+:\S+) +(\S+:\S+) +([A-Z][A-Z0-9_]+)(?: |$)/;

function rowOf(line: string): SocketRow | 'named' | null {
  const [, , name = '', recvQ, sendQ, local = '', remote = '', rest = ''] = ssRow.exec(line) ?? [];
  if (recvQ !== undefined) {
    const isRepeated = /timer:\(on,[^,)]*,[1-9]/.test(rest);
    return socketRow({ name, recvQ, sendQ, local, remote, isRepeated });
  }
  const [, queued, , from = '', to = '', state = ''] = netstatRow.exec(line) ?? [];
  return queued === undefined
    ? null
    : socketRow({ name: state, recvQ: queued, sendQ: undefined, local: from, remote: to, isRepeated: false });
}

interface Columns {
  readonly name: string;
  readonly recvQ: string;
  readonly sendQ: string | undefined;
  readonly local: string;
  readonly remote: string;
  readonly isRepeated: boolean;
}

function socketRow({ name, recvQ, sendQ, local, remote, isRepeated }: Columns): SocketRow | 'named' | null {
  const state = stateNames[name];
  // a socket without a connection, and every one of UDP, is UNCONN
  if (state === undefined || state === 'CLOSE') return null;
  const here = endOf(local);
  const there = remote.endsWith(':*') ? null : endOf(remote);
  if (here === 'none' || there === 'none') return null;
  if (here === 'named' || there === 'named') return 'named';
  const limit = state === 'LISTEN' && sendQ !== undefined ? Number(sendQ) : null;
  return { state, local: here, remote: there, queued: Number(recvQ), limit, isRepeated };
}

/** `*:22`, `[::]:22`, `:::22`, `127.0.0.53%lo:53`; `named`: the port is a word; `none`: no address at all. */
function endOf(text: string): { address: string; port: number } | 'named' | 'none' {
  const colon = text.lastIndexOf(':');
  const host = text
    .slice(0, colon)
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/%.*$/, '');
  const port = text.slice(colon + 1);
  if (host !== '*' && !isAddress(host)) return 'none';
  if (!/^\d{1,5}$/.test(port)) return /^[a-z][\w.-]*$/i.test(port) ? 'named' : 'none';
  return { address: host === '*' ? '0.0.0.0' : canonicalAddress(host), port: Number(port) };
}

/** Rows of /proc/net/tcp and tcp6 as they stand in the file. Throws ParseError. Source: net/ipv4/tcp_ipv4.c, get_tcp4_sock(). */
export function parseProcTcp(text: string): readonly SocketRow[] {
  const rows = text.split('\n').filter(line => /^ *\d+: /.test(line));
  const decode = addressDecoder(rows.some(line => line.includes(': 7F000001:')));
  return rows.slice(0, maxRows).map((line, index) => {
    const match =
      /^ *\d+: ([0-9A-F]{8,32}):([0-9A-F]{4}) ([0-9A-F]{8,32}):([0-9A-F]{4}) ([0-9A-F]{2}) [0-9A-F]+:([0-9A-F]{1,8}) \S+ ([0-9A-F]{1,8}) /.exec(
        line,
      );
    const state = tcpStates[hex(match?.[5] ?? '00') - 1];
    if (match === null || state === undefined) throw new ParseError('not a row of /proc/net/tcp', index + 2);
    const end = (address: string | undefined, port: string | undefined) => ({
      address: decode.address(address),
      port: hex(port),
    });
    return {
      state,
      local: end(match[1], match[2]),
      remote: match[4] === '0000' ? null : end(match[3], match[4]),
      queued: hex(match[6]),
      limit: null,
      isRepeated: state === 'SYN_RECV' && hex(match[7]) > 0,
    };
  });
}

/** Ports below are used by no current client by itself. */
const lowestEphemeral = 32_768;

/** Rows as the counts that a visit brings back. */
export function socketTableOf(rows: readonly SocketRow[]): SocketTable {
  const listeners = listenersOf(rows);
  const services = new Set(listeners.map(({ port }) => port));
  const open = rows.filter(({ state }) => state !== 'LISTEN');
  const incoming = open.filter(({ local }) => services.has(local.port));
  const outgoing = open.filter(({ local }) => !services.has(local.port));
  return {
    states: statesOf(rows),
    listeners,
    halfOpen: groups(
      open.filter(({ state }) => state === 'SYN_RECV'),
      ({ local }) => String(local.port),
    ).map(group => ({
      port: (group[0] as SocketRow).local.port,
      requests: group.length,
      retransmitted: group.filter(({ isRepeated }) => isRepeated).length,
    })),
    peers: groups(incoming, ({ local, remote }) => `${remote?.address} ${local.port}`).flatMap(peerOf),
    rest: [],
    destinations: groups(outgoing, ({ remote }) => `${remote?.address} ${remote?.port}`).flatMap(group => {
      const remote = group[0]?.remote;
      if (remote === undefined || remote === null) return [];
      const timeWait = group.filter(({ state }) => state === 'TIME_WAIT').length;
      return [{ ...remote, connections: group.length, timeWait }];
    }),
  };
}

export const listenersOf = (rows: readonly SocketRow[]): readonly Listener[] =>
  rows
    .filter(({ state }) => state === 'LISTEN')
    .map(({ local, queued, limit }) => ({ address: local.address, port: local.port, queued, limit }));

function peerOf(group: readonly SocketRow[]): readonly Peer[] {
  const [first] = group;
  if (first === undefined || first.remote === null) return [];
  const lowPorts = group.filter(({ remote }) => remote !== null && remote.port < lowestEphemeral).length;
  const { address } = first.remote;
  return [{ address, port: first.local.port, connections: group.length, states: statesOf(group), lowPorts }];
}

function statesOf(rows: readonly SocketRow[]): StateCounts {
  const counts: Partial<Record<TcpState, number>> = {};
  for (const { state } of rows) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

const groups = (rows: readonly SocketRow[], keyOf: (row: SocketRow) => string): readonly (readonly SocketRow[])[] => [
  ...groupBy(rows, keyOf).values(),
];
