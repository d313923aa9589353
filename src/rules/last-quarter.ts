/**
 * With SYN cookies off, the last quarter of tcp_max_syn_backlog is kept for clients that this host has measured before: when a
 * listener has more half-open requests than three quarters of it, every other SYN is dropped, and no counter but ListenDrops
 * tells. Source: tcp_conn_request() in net/ipv4/tcp_input.c; kernel-facts B5. Measured on 6.18: requests stand at that limit.
 */
import { known, type Reading } from '../model/reading.ts';
import type { SocketTable } from '../model/snapshot.ts';
import { optional, settingOf, socketTable } from './inputs.ts';
import { writtenInteger } from './integer.ts';
import { type HalfOpen, halfOpenPorts } from './listener-queues.ts';
import { counted } from './wording.ts';

export const cookiesKey = 'net.ipv4.tcp_syncookies';
export const backlogKey = 'net.ipv4.tcp_max_syn_backlog';

/** What the rule of the last quarter is judged by, beside ListenDrops. */
export const lastQuarterInputs = {
  backlog: optional(settingOf(backlogKey)),
  sockets: optional(socketTable),
};

interface LastQuarter {
  readonly cookies: Reading<string>;
  readonly backlog: Reading<string>;
  readonly sockets: Reading<SocketTable>;
}

/** Ports where only the last quarter is left. None where cookies are on, and where anything of it is unknown. */
export function portsInLastQuarter({ cookies, backlog, sockets }: LastQuarter): readonly HalfOpen[] {
  const [switched, max, table] = [known(cookies), known(backlog), known(sockets)];
  if (switched === undefined || writtenInteger(switched) !== 0 || max === undefined || table === undefined) return [];
  const size = writtenInteger(max);
  if (size === null || size <= 0) return [];
  const threeQuarters = size - Math.floor(size / 4);
  return halfOpenPorts(table).filter(({ requests }) => requests >= threeQuarters);
}

/** `:443 (97 half-open requests)`. */
export const requestsInWords = ({ port, requests }: HalfOpen): string =>
  `:${port} (${counted(requests, 'half-open request')})`;
