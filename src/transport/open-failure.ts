/** Why an SSH server opened no channel of type `direct-tcpip`: RFC 4254 5.1, and what servers add in words. */

/**
 * - `prohibited`: the server does not forward there, or (OpenSSH before 7) could not resolve the name.
 * - `exhausted`: the server lacks channels, descriptors, memory or local ports.
 * - `blocked`: its own machine does not let the connection out.
 * - `ended`: no answer of the server: the SSH connection is gone.
 * - `failed`: something else; the words tell.
 */
export type OpenFailure =
  | 'prohibited'
  | 'exhausted'
  | 'blocked'
  | 'refused'
  | 'reset'
  | 'timed-out'
  | 'unresolved'
  | 'no-route'
  | 'ended'
  | 'failed';

/** RFC 4254 5.1. */
const prohibitedCode = 1;
const shortageCode = 4;

/**
 * OpenSSH passes on the errno of its own connect(2) or the words of getaddrinfo(3) (channels.c, channel_post_connecting
 * and channel_connect_to_port), dropbear the same behind words of its own (netio.c, connect_try_next).
 */
const words: readonly (readonly [RegExp, OpenFailure])[] = [
  [/prohibited/i, 'prohibited'],
  [/too many open|no buffer space|cannot allocate|assign requested address|address already in use/i, 'exhausted'],
  [/permission denied|not permitted/i, 'blocked'],
  [/refused/i, 'refused'],
  [/reset by peer/i, 'reset'],
  [/resolv|resolution|not known|no address/i, 'unresolved'],
  [/timed out/i, 'timed-out'],
  [/no route|unreachable/i, 'no-route'],
];

/** `reason` is the code of the server, and no number where it gave no answer: so ssh2 reports it. */
export function openFailureOf({
  reason,
  message,
}: {
  readonly message: string;
  readonly reason?: unknown;
}): OpenFailure {
  if (reason === prohibitedCode) return 'prohibited';
  if (reason === shortageCode) return 'exhausted';
  const known = words.find(([pattern]) => pattern.test(message))?.[1];
  return known ?? (typeof reason === 'number' ? 'failed' : 'ended');
}
