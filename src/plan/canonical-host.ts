/** CanonicalizeHostname and its kin: resolve_canonicalize() and check_follow_cname() of ssh.c. */
import { matchesPatternList } from '../text/wildcard.ts';
import { looksNumeric } from './numeric-address.ts';
import { type AddressFamily, type Asking, ask } from './questions.ts';
import type { Entry } from './ssh-config.ts';

/** What became of a name. */
export interface CanonicalHost {
  readonly host: string;
  /** The line that changed the name; undefined if none did. */
  readonly origin?: string;
  /** Nothing was found, and CanonicalizeFallbackLocal is no: ssh gives up. */
  readonly isLost: boolean;
}

type Options = ReadonlyMap<string, Entry>;

const textOf = (options: Options, name: string): string | undefined => {
  const value = options.get(name)?.value;
  return typeof value === 'string' ? value : undefined;
};

/** A list; empty for `none` and where nothing is said. */
const listOf = (options: Options, name: string): readonly string[] => {
  const value = options.get(name)?.value ?? [];
  return typeof value === 'string' || value[0] === 'none' ? [] : value;
};

/** The name to connect to. `host` is in lower case, or an address in canonical form. */
export function* canonicalHost(host: string, options: Options, family: AddressFamily): Asking<CanonicalHost> {
  const mode = textOf(options, 'canonicalizehostname') ?? 'false';
  const rules = listOf(options, 'canonicalizepermittedcnames').map(rule => rule.split(':', 2));
  // Names behind a proxy are the proxy's to resolve, unless the user says "always".
  const isDirect = isNone(options, 'proxycommand') && isNone(options, 'proxyjump');
  if (mode === 'false' || looksNumeric(host) || !(isDirect || mode === 'always')) return { host, isLost: false };

  const follow = (name: string, target: string | undefined): string => {
    const fits = ([from = '', to = '']: readonly string[]): boolean =>
      matchesPatternList(from.split(','), name) && matchesPatternList(to.split(','), (target ?? '').toLowerCase());
    return target !== undefined && isDomain(target) && rules.some(fits) ? target : name;
  };
  const origin = options.get('canonicalizehostname')?.origin ?? '';
  const lookUp = (name: string) => ask({ kind: 'resolve', name, family, canonicalName: rules.length > 0 });

  let isLost = false;
  if (isCandidate(host, options)) {
    for (const name of candidates(host, options)) {
      const { found, canonicalName } = yield* lookUp(name);
      if (found) return { host: follow(name.replace(/\.$/, ''), canonicalName), origin, isLost: false };
    }
    isLost = textOf(options, 'canonicalizefallbacklocal') === 'no';
  }
  if (isLost || rules.length === 0) return { host, isLost };
  const { canonicalName } = yield* lookUp(host);
  const followed = follow(host, canonicalName);
  return followed === host ? { host, isLost } : { host: followed, origin, isLost };
}

/** What a name server says may end in a command line: valid_domain() of misc.c lets nothing else through. */
const isDomain = (name: string): boolean => /^[a-z0-9](?:[a-z0-9_-]|\.(?!\.))*$/i.test(name);

const isNone = (options: Options, name: string): boolean => (textOf(options, name) ?? 'none').toLowerCase() === 'none';

/** Names with more dots are full names already; a dot at the end says so, too. */
function isCandidate(host: string, options: Options): boolean {
  const dots = host.split('.').length - 1;
  return host.endsWith('.') || dots <= Number(textOf(options, 'canonicalizemaxdots') ?? '1');
}

const candidates = (host: string, options: Options): readonly string[] =>
  host.endsWith('.') ? [host] : listOf(options, 'canonicaldomains').map(domain => `${host}.${domain}.`);
