/** From an inventory host to a ConnectPlan: flag, then inventory, then ssh_config, then default; every value with its origin. */
import type { Host, Location } from '../model/host.ts';
import { inputError } from '../model/input-error.ts';
import type { ConnectPlan } from '../model/plan.ts';
import { isNoName, planConnection } from './connection.ts';
import { givenJump, resolveHops } from './hop-chain.ts';
import { hostKeyPolicy } from './host-key-policy.ts';
import { type HostOptions, lookupHost } from './host-options.ts';
import { planIdentity } from './identity.ts';
import type { PlanInputs } from './inputs.ts';
import type { Asking } from './questions.ts';
import { byDefault, fromFlag, fromInventory, givenEntry, originOf, type Said } from './said.ts';
import { expandTokens } from './tokens.ts';
import { type ValueTokens, valueTokens } from './value-tokens.ts';

/** The plan of one host. Throws an InputError for names that are none and for loops of jump hosts. */
export function* planHost(host: Host, inputs: PlanInputs): Asking<ConnectPlan> {
  return (yield* planWithOptions(host, inputs)).plan;
}

/** A plan, and the options that it was made from: `inventory explain` shows both. */
export interface PlannedEndpoint {
  readonly plan: ConnectPlan;
  readonly options: HostOptions;
  readonly tokens: ValueTokens;
}

/** As planHost, with what lies behind the plan. */
export function* planWithOptions(host: Host, inputs: PlanInputs): Asking<PlannedEndpoint> {
  const jump = givenJump(host, inputs.flags.jump);
  const { plan, options, tokens } = yield* planEndpoint({ host, jump, asHop: false }, inputs);
  const hops = yield* resolveHops({
    host,
    options,
    inputs,
    plan: (hop, behind) => planEndpoint({ host: hop, jump: behind, asHop: true }, inputs),
  });
  const proxyJump = options.get('proxyjump')?.origin ?? 'default';
  return { plan: { ...plan, hops, origins: { ...plan.origins, hops: proxyJump } }, options, tokens };
}

/** One end of a connection. `--user` and `--jump` are for the hosts audited, not for the hops to them, as with ssh. */
interface Endpoint {
  readonly host: Host;
  /** Jump hosts that are given, not left to ssh_config. */
  readonly jump: Said<string> | undefined;
  readonly asHop: boolean;
}

function* planEndpoint({ host, jump, asHop }: Endpoint, inputs: PlanInputs): Asking<PlannedEndpoint> {
  const { flags, config, surroundings } = inputs;
  const here = originOf(host.location);
  const identity = fromFlag('identity', flags.identity) ?? fromInventory(host.identity, here);
  const givenUser = (asHop ? undefined : fromFlag('user', flags.user)) ?? fromInventory(host.user, here);
  if (givenUser !== undefined) checked('user', givenUser, host.location);
  const given = [
    ...givenEntry('user', givenUser),
    ...givenEntry('port', fromInventory(host.port?.toString(), here)),
    // As it stands: what ssh_config calls a token is none in an inventory.
    ...givenEntry('hostname', fromInventory(host.address?.replaceAll('%', '%%'), here)),
    ...givenEntry('identityfile', identity),
    ...givenEntry('proxyjump', jump),
  ];
  checked('host name', { value: host.name, origin: here }, host.location);
  if (host.address !== undefined) checked('address', { value: host.address, origin: here }, host.location);
  const options = yield* lookupHost(config, { alias: host.name, given, surroundings });
  const user = userOf(options, inputs);
  const tokens = valueTokens({ options, config, user: user.value, surroundings });

  const transport = fromFlag('transport', flags.transport) ?? fromInventory(host.transport, here) ?? byDefault('ssh2');
  const algorithms =
    fromFlag('algorithms', flags.algorithms) ??
    fromInventory(host.algorithms, here) ??
    byDefault(inputs.algorithms ?? 'modern');
  const sudo = fromFlag('sudo', flags.sudo) ?? fromInventory(host.sudo || undefined, here) ?? byDefault(false);
  const address = addressOf(options, here);
  const keys = planIdentity(options, tokens, inputs);
  const hostKeys = hostKeyPolicy(options, tokens, inputs);
  const connection = planConnection(options, tokens, inputs);
  const plan = {
    host: host.name,
    transport: transport.value,
    address: address.value,
    port: Number(options.text('port') ?? 22),
    user: user.value,
    hops: [],
    ...keys.plan,
    algorithms: algorithms.value,
    ...(flags.sshConfig !== undefined && { sshConfig: flags.sshConfig }),
    hostKeys: hostKeys.policy,
    ...connection.plan,
    ...(options.text('batchmode') === 'yes' && { isBatch: true as const }),
    ...(sudo.value && { sudo: { account: accountOf(user.value, host) } }),
    origins: {
      transport: transport.origin,
      address: address.origin,
      port: options.get('port')?.origin ?? 'default',
      user: user.origin,
      algorithms: algorithms.origin,
      sudo: sudo.origin,
      ...keys.origins,
      ...hostKeys.origins,
      ...connection.origins,
    },
  };
  return { plan, options, tokens };
}

/** Hosts of a group share their accounts; a host of several groups is counted to its first. */
const accountOf = (user: string, { groups: [group] }: Host): string =>
  group === undefined ? user : `${user} of ${group}`;

/** ssh lowers the case of names, and so do known_hosts files. */
const addressOf = ({ hostName, get }: HostOptions, here: string): Said<string> => ({
  value: hostName.value.toLowerCase(),
  origin: get('hostname') === undefined && hostName.origin === 'default' ? here : hostName.origin,
});

/** Newer versions of ssh expand tokens in `User`: all but `%r`, and `%C`, which are made of it. */
function userOf(options: HostOptions, { config, surroundings }: PlanInputs): Said<string> {
  const entry = options.get('user');
  if (entry === undefined) return byDefault(surroundings.localUser);
  const text = String(entry.value);
  if (!config.expandsUser || entry.order < 0) return { value: text, origin: entry.origin };
  const { tokens } = valueTokens({ options, config, user: '', surroundings });
  const expansion = expandTokens(
    text,
    letter => ('rC'.includes(letter) ? undefined : tokens(letter)),
    surroundings.variable,
  );
  if ('problem' in expansion) throw inputError(`${entry.origin}: user: ${expansion.problem}`);
  return { value: expansion.text, origin: entry.origin };
}

/**
 * What ssh refuses of a command line since CVE-2023-51385, as it may end in the command of a ProxyCommand or Match exec:
 * valid_hostname() and valid_ruser() of ssh.c.
 */
function checked(what: 'user' | 'host name' | 'address', said: Said<string>, location: Location): void {
  const { value, origin } = said;
  const isBad = what === 'user' ? /^-|['`";&<>|(){}\x00-\x1f]|\s-|\\$/.test(value) : isNoName(value);
  if (value === '' || isBad)
    throw inputError(`${what} ${JSON.stringify(value)} (from ${origin}) is no ${what}`, location);
}
