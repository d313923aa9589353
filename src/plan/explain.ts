/** Every value of a connection with its origin, under the names and in the form of `ssh -G`. */
import type { Host } from '../model/host.ts';
import type { ConnectPlan } from '../model/plan.ts';
import { userKnownHosts } from './host-key-policy.ts';
import type { HostOptions } from './host-options.ts';
import type { PlanInputs } from './inputs.ts';
import { type JumpHost, parseJumpHost } from './jump.ts';
import type { ConfigValue } from './keyword-values.ts';
import { type Asking, ask } from './questions.ts';
import { byDefault, originOf, type Said } from './said.ts';
import { algorithmKeywords, builtInLists } from './ssh-lists.ts';
import type { ValueTokens } from './value-tokens.ts';

/** Name to value and origin, in the order in which people look for them. */
export type Explanation = Readonly<Record<string, Said<ConfigValue>>>;

/** What there is to explain: a host, and what planWithOptions() makes of it. */
export interface Explained {
  readonly host: Host;
  readonly plan: ConnectPlan;
  readonly options: HostOptions;
  readonly tokens: ValueTokens;
}

/** How a value is printed beyond what stands in the file. */
type Form = 'plain' | 'path' | 'command' | 'lower' | 'list';

/** What is honoured, in the order of `ssh -G`. */
const shown: readonly (readonly [name: string, form: Form])[] = [
  ['addressfamily', 'plain'],
  ['bindaddress', 'plain'],
  ['bindinterface', 'plain'],
  ['connecttimeout', 'plain'],
  ['serveraliveinterval', 'plain'],
  ['serveralivecountmax', 'plain'],
  ['proxycommand', 'command'],
  ['proxyusefdpass', 'plain'],
  ['canonicalizehostname', 'plain'],
  ['canonicaldomains', 'list'],
  ['canonicalizemaxdots', 'plain'],
  ['canonicalizefallbacklocal', 'plain'],
  ['canonicalizepermittedcnames', 'list'],
  ['identitiesonly', 'plain'],
  ['identityagent', 'path'],
  ['preferredauthentications', 'list'],
  ['pubkeyauthentication', 'plain'],
  ['kbdinteractiveauthentication', 'plain'],
  ['passwordauthentication', 'plain'],
  ['stricthostkeychecking', 'plain'],
  ['globalknownhostsfile', 'list'],
  ['hostkeyalias', 'lower'],
  ['kexalgorithms', 'list'],
  ['hostkeyalgorithms', 'list'],
  ['ciphers', 'list'],
  ['macs', 'list'],
  ['pubkeyacceptedalgorithms', 'list'],
  ['requesttty', 'plain'],
  ['loglevel', 'plain'],
];

/** What `--host-keys` means in the words of ssh_config. */
const checking = { strict: 'true', 'accept-new': 'accept-new', off: 'false' } as const;

/** The plan of a host, explained. Values of `ssh -G` first; under names of our own what this program makes of them. */
export function* explain(explained: Explained, inputs: PlanInputs): Asking<Explanation> {
  const { plan, options, host } = explained;
  const { origins } = plan;
  const origin = (key: string): string => origins[key] ?? 'default';
  const lists = (yield* ask({ kind: 'lists' })) ?? builtInLists;
  const defaultOf = (name: string): readonly string[] | undefined =>
    lists.defaults.get(name) ?? builtInLists.defaults.get(name);

  const said: Record<string, Said<ConfigValue>> = {
    host: { value: options.alias, origin: originOf(host.location) },
    user: { value: plan.user, origin: origin('user') },
    hostname: { value: options.hostName.value, origin: origin('address') },
    port: { value: String(plan.port), origin: origin('port') },
  };
  const put = (name: string, value: Said<ConfigValue> | undefined): void => {
    if (value !== undefined) said[name] = value;
  };
  put('proxyjump', jumpOf(options, inputs.surroundings));
  put('identityfile', filesOf(options.identityFiles) ?? byDefault(defaultOf('identityfile') ?? []));
  put('certificatefile', filesOf(options.certificateFiles));
  put('userknownhostsfile', knownHostsOf(explained));
  for (const [name, form] of shown) put(name, saidOf(explained, { name, form, defaultOf }));

  const { flags } = inputs;
  if (flags.hostKeys !== undefined) {
    put('stricthostkeychecking', { value: checking[flags.hostKeys], origin: 'flag --host-keys' });
  }
  if (flags.connectTimeoutMs !== undefined) {
    put('connecttimeout', { value: String(flags.connectTimeoutMs / 1_000), origin: 'flag --connect-timeout' });
  }
  if (flags.knownHosts !== undefined) {
    put('userknownhostsfile', { value: [flags.knownHosts], origin: 'flag --known-hosts' });
    put('globalknownhostsfile', { value: ['none'], origin: 'flag --known-hosts' });
  }
  return { ...said, ...ours(plan, origin) };
}

interface Wanted {
  readonly name: string;
  readonly form: Form;
  readonly defaultOf: (name: string) => readonly string[] | undefined;
}

/** Undefined for what nobody says and ssh has no default for. */
function saidOf({ options, tokens }: Explained, { name, form, defaultOf }: Wanted): Said<ConfigValue> | undefined {
  const entry = options.get(name);
  if (entry === undefined) {
    const [value] = defaultOf(name) ?? [];
    return value === undefined ? undefined : byDefault(form === 'list' ? value.split(separator(name)) : value);
  }
  const { value, origin } = entry;
  const text = String(value);
  if (form === 'command') return text.toLowerCase() === 'none' ? undefined : { value: text, origin };
  if (form === 'list') return { value: typeof value === 'string' ? value.split(',') : value, origin };
  if (form === 'path') return { value: tokens.path(text, entry), origin };
  return { value: form === 'lower' ? text.toLowerCase() : text, origin };
}

const separator = (name: string): string => (name in algorithmKeywords ? ',' : ' ');

/** Hops in the order in which they are gone through; ssh prints the last in its own form, the others as they stand. */
function jumpOf(options: HostOptions, { servicePort }: PlanInputs['surroundings']): Said<ConfigValue> | undefined {
  const entry = options.get('proxyjump');
  if (entry === undefined || String(entry.value).toLowerCase() === 'none') return undefined;
  const written = String(entry.value).split(',');
  const last = parseJumpHost(written.at(-1) ?? '', servicePort);
  const value = last === undefined ? written : [...written.slice(0, -1), printedJump(last)];
  return { value, origin: entry.origin };
}

function printedJump({ name, user, port }: JumpHost): string {
  const isAddress = name.includes(':') || /^[\d.]*$/.test(name);
  return `${user === undefined ? '' : `${user}@`}${isAddress ? `[${name}]` : name}${port === undefined ? '' : `:${port}`}`;
}

const filesOf = (entries: HostOptions['identityFiles']): Said<ConfigValue> | undefined =>
  entries.length === 0
    ? undefined
    : {
        value: entries.map(({ value }) => String(value)),
        origin: [...new Set(entries.map(entry => entry.origin))].join(', '),
      };

function knownHostsOf({ options, tokens }: Explained): Said<ConfigValue> {
  const entry = options.get('userknownhostsfile');
  return { value: userKnownHosts(entry, tokens), origin: entry?.origin ?? 'default' };
}

/** What no option of ssh says, and what this program makes of options in its own way. */
function ours(plan: ConnectPlan, origin: (key: string) => string): Explanation {
  const { deadlines, hostKeys } = plan;
  return {
    transport: { value: plan.transport, origin: origin('transport') },
    algorithms: { value: plan.algorithms, origin: origin('algorithms') },
    hostkeys: { value: hostKeys.mode, origin: origin('hostKeys') },
    connectdeadline: { value: `${deadlines.connectMs / 1_000} s`, origin: origin('deadlines') },
    hops: {
      value: plan.hops.map(
        ({ user, address, port }) => `${user}@${address.includes(':') ? `[${address}]` : address}:${port}`,
      ),
      origin: origin('hops'),
    },
  };
}
