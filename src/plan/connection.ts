/** The part of a plan that ssh_config alone can say: proxy, addresses, keepalive, methods, algorithms. */
import type {
  AlgorithmChoice,
  AlgorithmChoices,
  AuthMethod,
  ConnectPlan,
  Deadlines,
  Keepalive,
} from '../model/plan.ts';
import type { HostOptions } from './host-options.ts';
import type { PlanInputs } from './inputs.ts';
import { expandTokens } from './tokens.ts';
import type { ValueTokens } from './value-tokens.ts';

type ConnectionKey =
  | 'addressFamily'
  | 'algorithmChoices'
  | 'authMethods'
  | 'bindAddress'
  | 'bindInterface'
  | 'deadlines'
  | 'keepalive'
  | 'proxyCommand'
  | 'refusal';

type ConnectionPart = Pick<ConnectPlan, ConnectionKey>;

export interface ConnectionAnswer {
  readonly plan: ConnectionPart;
  readonly origins: Readonly<Record<string, string>>;
}

/** Which option each key of the plan comes from. */
const sources: Readonly<Record<Exclude<ConnectionKey, 'refusal' | 'algorithmChoices'>, string>> = {
  addressFamily: 'addressfamily',
  authMethods: 'preferredauthentications',
  bindAddress: 'bindaddress',
  bindInterface: 'bindinterface',
  deadlines: 'connecttimeout',
  keepalive: 'serveraliveinterval',
  proxyCommand: 'proxycommand',
};

/** What the options say; a key that they do not mention is left out. */
export function planConnection(options: HostOptions, tokens: ValueTokens, inputs: PlanInputs): ConnectionAnswer {
  const found = {
    addressFamily: familyOf(options),
    bindAddress: options.text('bindaddress'),
    bindInterface: options.text('bindinterface'),
    keepalive: keepaliveOf(options),
    authMethods: authMethodsOf(options),
    algorithmChoices: choicesOf(options),
    proxyCommand: proxyCommandOf(options, tokens),
    refusal: refusalOf(options),
  };
  const said = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Defined<
    typeof found
  >;
  const origins = Object.entries(sources).flatMap(([key, name]) => {
    const origin = options.get(name)?.origin;
    return key in said && origin !== undefined ? [[key, origin]] : [];
  });
  const deadlines = deadlinesOf(options, inputs);
  return {
    plan: { ...said, deadlines: deadlines.value },
    origins: { ...Object.fromEntries(origins), deadlines: deadlines.origin },
  };
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function familyOf(options: HostOptions): 'inet' | 'inet6' | undefined {
  const family = options.text('addressfamily');
  return family === 'inet' || family === 'inet6' ? family : undefined;
}

/** Longest delay of a timer in Node; beyond it fires at once. */
const longestMs = 2 ** 31 - 1;

/** ConnectTimeout is for TCP, and for the handshake if that would be given less. 0 is none, hence our own. */
function deadlinesOf(options: HostOptions, { flags, deadlines }: PlanInputs): { value: Deadlines; origin: string } {
  if (flags.connectTimeoutMs !== undefined) {
    return { value: { ...deadlines, connectMs: flags.connectTimeoutMs }, origin: 'flag --connect-timeout' };
  }
  const entry = options.get('connecttimeout');
  const seconds = Number(entry?.value ?? 0);
  if (entry === undefined || !(seconds > 0)) return { value: deadlines, origin: 'default' };
  const connectMs = Math.min(seconds * 1_000, longestMs);
  const value = { ...deadlines, connectMs, handshakeMs: Math.max(deadlines.handshakeMs, connectMs) };
  return { value, origin: entry.origin };
}

/** Without an interval ssh asks nothing; this program keeps its own, as no host may hold up a run. */
function keepaliveOf(options: HostOptions): Keepalive | undefined {
  const seconds = Number(options.text('serveraliveinterval') ?? 0);
  if (!(seconds > 0)) return undefined;
  const countMax = Math.max(1, Number(options.text('serveralivecountmax') ?? 3));
  return { intervalMs: Math.min(seconds * 1_000, longestMs), countMax };
}

const knownMethods: readonly AuthMethod[] = ['publickey', 'keyboard-interactive', 'password'];

/** PreferredAuthentications, without what is switched off; undefined where nothing is said. */
function authMethodsOf(options: HostOptions): readonly AuthMethod[] | undefined {
  const preferred = options.text('preferredauthentications')?.split(',') ?? knownMethods;
  const off: Readonly<Record<AuthMethod, boolean>> = {
    publickey: options.text('pubkeyauthentication') === 'false',
    'keyboard-interactive': options.text('kbdinteractiveauthentication') === 'no',
    password: options.text('passwordauthentication') === 'no',
  };
  const methods = preferred.flatMap(name => knownMethods.filter(method => method === name && !off[method]));
  return methods.join() === knownMethods.join() ? undefined : methods;
}

const families = [
  ['kex', 'kexalgorithms'],
  ['hostKeys', 'hostkeyalgorithms'],
  ['ciphers', 'ciphers'],
  ['macs', 'macs'],
  ['userKeys', 'pubkeyacceptedalgorithms'],
] as const;

function choicesOf(options: HostOptions): AlgorithmChoices | undefined {
  const choices = families.flatMap(([key, name]): [string, AlgorithmChoice][] => {
    const entry = options.get(name);
    return entry?.algorithms === undefined ? [] : [[key, { ...entry.algorithms, origin: entry.origin }]];
  });
  return choices.length === 0 ? undefined : Object.fromEntries(choices);
}

/** expand_proxy_command() of sshconnect.c; the shell expands variables. */
function proxyCommandOf(options: HostOptions, { tokens }: ValueTokens): string | undefined {
  const command = options.text('proxycommand');
  if (command === undefined || command.toLowerCase() === 'none') return undefined;
  const expansion = expandTokens(command, letter => ('hknpr'.includes(letter) ? tokens(letter) : undefined));
  // ssh finds out when it connects, and so does the visit.
  return 'problem' in expansion ? undefined : expansion.text;
}

/**
 * What ssh refuses of names since CVE-2023-51385 (valid_hostname() of ssh.c), and what would not be one name in a line of
 * known_hosts.
 */
export const isNoName = (name: string): boolean => /^-|['`"$\\;&<>(){}\s,*?!|#@\x00-\x1f]/.test(name);

type Refusal = NonNullable<ConnectPlan['refusal']>;

/** What ssh would refuse to do for this host alone, or cannot be done here. */
function refusalOf(options: HostOptions): Refusal | undefined {
  const { hostName, isLost } = options;
  if (isLost) {
    return {
      outcome: 'unreachable',
      code: 'dns',
      message: `${hostName.value} resolves in none of CanonicalDomains, and CanonicalizeFallbackLocal is no`,
      hint: 'correct the name, or CanonicalDomains in ssh_config',
    };
  }
  if (isNoName(hostName.value)) {
    return {
      outcome: 'unreachable',
      code: 'bad-name',
      message: `HostName ${JSON.stringify(hostName.value)} (${hostName.origin}) is no name of a host`,
      hint: 'correct HostName in ssh_config',
    };
  }
  const forbidden = options.get('refuseconnection');
  if (forbidden !== undefined) {
    return {
      outcome: 'unreachable',
      code: 'refused-by-config',
      message: `${forbidden.origin} refuses the connection: ${[forbidden.value].flat().join(' ')}`,
      hint: 'leave the host out with --limit, or change ssh_config',
    };
  }
  return proxyRefusal(options);
}

function proxyRefusal(options: HostOptions): Refusal | undefined {
  const entry = options.get('proxycommand');
  if (entry === undefined || String(entry.value).toLowerCase() === 'none') return undefined;
  const refuse = (why: string): Refusal => ({
    outcome: 'unsupported',
    code: 'proxy-command',
    message: `${entry.origin}: ${why}`,
    hint: 'use ProxyJump, or a ProxyCommand that carries the connection on its standard input and output',
  });
  if (entry.value === '-') return refuse('ProxyCommand - needs a caller that is already connected');
  if (options.text('proxyusefdpass') === 'yes') return refuse('a ProxyCommand with ProxyUseFdpass is not supported');
  const bad = expandTokens(String(entry.value), letter => ('hknpr'.includes(letter) ? '' : undefined));
  return 'problem' in bad ? refuse(`ProxyCommand: ${bad.problem}`) : undefined;
}
