/** `user@host:port` and `ssh://user@host:port`, alone or in a list: parse_jump(), parse_uri() of OpenSSH. */

/** One jump host as written. */
export interface JumpHost {
  readonly name: string;
  readonly user?: string;
  readonly port?: number;
}

type ServicePort = (name: string) => number | undefined;

/** A list, outermost first; empty for `none`. Undefined for what ssh refuses. */
export function parseJump(list: string, servicePort: ServicePort): readonly JumpHost[] | undefined {
  if (list.toLowerCase() === 'none') return [];
  const hops = list.split(',').map(text => parseJumpHost(text, servicePort));
  return hops.every(hop => hop !== undefined) ? hops : undefined;
}

/** One jump host; undefined for what ssh refuses. */
export function parseJumpHost(text: string, servicePort: ServicePort): JumpHost | undefined {
  const isUri = text.startsWith('ssh://');
  const rest = isUri ? text.slice('ssh://'.length) : text;
  // In a URI the first @ ends the user, elsewhere the last.
  const at = isUri ? rest.indexOf('@') : rest.lastIndexOf('@');
  const user = at < 0 ? undefined : isUri ? uriUser(rest.slice(0, at)) : rest.slice(0, at);
  if (at >= 0 && !user) return undefined;
  const address = isUri ? rest.slice(at + 1).replace(/\/$/, '') : rest.slice(at + 1);
  const [, bracketed, plain, portText] = /^(?:\[([^\]]*)\]|([^:/[][^:/]*))(?::([^/]*))?$/.exec(address) ?? [];
  const name = bracketed ?? plain ?? '';
  if (name === '' || (isUri && !/^[a-z0-9][a-z0-9._-]*$/i.test(name))) return undefined;
  const port = portText ? portOf(portText, servicePort) : undefined;
  if (port === 0) return undefined;
  return { name, ...(user !== undefined && { user }), ...(port !== undefined && { port }) };
}

/** 0 for what is none. */
function portOf(text: string, servicePort: ServicePort): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : (servicePort(text) ?? 0);
  return port <= 65_535 ? port : 0;
}

/** Percent-encoded; connection parameters behind `;` are left out. */
function uriUser(text: string): string | undefined {
  try {
    return decodeURIComponent((text.split(';')[0] ?? '').replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
