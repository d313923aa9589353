import ipaddr from 'ipaddr.js';
import { type HostSet, type HostSetProblem, readHostSet } from '../text/host-set.ts';
import { quoted, whyNotHostName, whyNotUser } from './names.ts';

/** A written host or range of hosts, `[user@]host[:port]`, with what it says of all its names. */
export interface HostPattern {
  readonly user?: string;
  readonly port?: number;
  readonly set: HostSet;
}

/** `host`, `host:port`, `[v6]`, `[v6]:port`; colons inside brackets belong to ranges and addresses. */
const hostAndPort = /^(.*?)(?::([^:[\]]*))?$/s;

/**
 * Reads `[user@]host[:port]`, where the host may hold ranges, or be an IPv6 address: bare, or in brackets before a port.
 * The user ends at the last `@`, as for ssh(1).
 */
export function readHostPattern(text: string): HostPattern | HostSetProblem {
  const at = text.lastIndexOf('@');
  const user = at < 0 ? undefined : text.slice(0, at);
  const userProblem = user === undefined ? undefined : whyNotUser(user);
  if (userProblem !== undefined) return { problem: userProblem, column: 1 };

  const column = at + 2;
  const target = text.slice(at + 1);
  const [, host = '', portText] = ipaddr.IPv6.isValid(target) ? [target, target] : (hostAndPort.exec(target) ?? []);
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && !(/^\d{1,5}$/.test(portText ?? '') && port >= 1 && port <= 65535)) {
    const problem = `expected a port from 1 to 65535 after ":", found ${quoted(portText ?? '')}`;
    return { problem, column: column + host.length + 1 };
  }
  const set = readNames(host);
  if ('problem' in set) return { problem: set.problem, column: set.column + column - 1 };
  return { ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }), set };
}

/** An address stands for itself, without its brackets; anything else is a name with ranges. */
function readNames(host: string): HostSet | HostSetProblem {
  const address = /^\[([^\],]*:[^\],]*)\]$/.exec(host)?.[1] ?? host;
  if (ipaddr.IPv6.isValid(address)) return { size: 1, names: () => [address] };
  const set = readHostSet(host);
  if ('problem' in set) return set;
  // All names of a range hold the same characters but for the digits and letters of the range itself.
  const problem = whyNotHostName(host.replace(/\[[^\]]*\]/g, '0'), host);
  return problem === undefined ? set : { problem, column: 1 };
}
