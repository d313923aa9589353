/**
 * The two queues of listening sockets: half-open requests, and connections that wait for accept(). Both hold at most the limit
 * that the socket got from listen(), min(backlog, net.core.somaxconn); only `ss` tells it.
 * Source: inet_csk_reqsk_queue_is_full(), sk_acceptq_is_full(); get_tcp4_sock() in net/ipv4/tcp_ipv4.c prints the accept queue.
 */
import type { Evidence } from '../model/rule.ts';
import type { Listener, SocketTable } from '../model/snapshot.ts';
import { counted, listed } from './wording.ts';

export type HalfOpen = SocketTable['halfOpen'][number];

/** Named in full; the others are only counted. */
const mostNamed = 3;

/**
 * Listeners, with a limit of 0 only where it can be true. Without inet_diag in the kernel `ss` reads /proc/net/tcp instead,
 * where every limit is 0; and a queue whose limit is 0 never holds more than one connection.
 * Source: tcp_show() in misc/ss.c of iproute2.
 */
export function listenersOf({ listeners }: SocketTable): readonly Listener[] {
  const limited = listeners.filter(({ limit }) => limit !== null);
  const isRead =
    (limited.length === 1 || limited.some(({ limit }) => limit !== 0)) &&
    limited.every(({ limit, queued }) => limit !== 0 || queued <= 1);
  return isRead ? listeners : listeners.map(listener => ({ ...listener, limit: listener.limit || null }));
}

/**
 * Whether the accept queue stands at its limit. Where that is unknown, a queue above somaxconn does, as no limit is larger,
 * unless somaxconn was lowered since listen().
 */
export const isFull = ({ queued, limit }: Listener, somaxconn: number | null): boolean =>
  limit === null ? somaxconn !== null && queued > somaxconn : queued > 0 && queued >= limit;

/** `:443 (129 connections, limit 128)`. */
export const queueInWords = ({ port, queued, limit }: Listener): string =>
  `:${port} (${counted(queued, 'connection')}, limit ${limit ?? 'unknown'})`;

/** The accept queue of one listener. */
export const queueEvidence = ({ address, port, queued }: Listener): Evidence => ({
  source: 'proc/net/tcp',
  field: `${address}:${port} rx_queue`,
  value: queued,
});

/** `a, b and c`, or `a, b, c and 4 more`. */
export function someOf<T>(things: readonly T[], inWords: (thing: T) => string): string {
  const more = things.length - mostNamed;
  const named = things.slice(0, mostNamed).map(inWords);
  return listed(more > 0 ? [...named, `${more} more`] : named);
}

/** Ports with half-open requests, most first. */
export const halfOpenPorts = ({ halfOpen }: SocketTable): readonly HalfOpen[] =>
  halfOpen.filter(({ requests }) => requests > 0).toSorted((a, b) => b.requests - a.requests);

/** Half-open requests of one port, over all its listeners. */
export const halfOpenEvidence = ({ port, requests }: HalfOpen): Evidence => ({
  source: 'proc/net/tcp',
  field: `:${port} SYN_RECV`,
  value: requests,
});
