/** From an inventory host to a ConnectPlan: flag, then inventory, then ssh_config, then default; every value with its origin. */
import type { Host, Location } from '../model/host.ts';
import { inputError } from '../model/input-error.ts';
import type { ConnectPlan } from '../model/plan.ts';
import { resolveHops } from './hop-chain.ts';
import { hostKeyPolicy } from './host-key-policy.ts';
import { planIdentity } from './identity.ts';
import type { PlanInputs } from './inputs.ts';
import { byDefault, fromFlag, fromInventory, originOf, type Said } from './said.ts';
import { type HostSettings, lookupHost } from './ssh-config-lookup.ts';
import type { TokenValues } from './tokens.ts';

/** The plan of one host. Throws an InputError for names that are none and for loops of jump hosts. */
export function planHost(host: Host, inputs: PlanInputs): ConnectPlan {
  const plan = planEndpoint({ host, asHop: false }, inputs);
  const { hops, origin } = resolveHops(host, inputs, asHop => planEndpoint({ host: asHop, asHop: true }, inputs));
  return { ...plan, hops, origins: { ...plan.origins, hops: origin } };
}

/** One end of a connection. `--user` and `--jump` are for the hosts audited, not for the hops to them, as with ssh. */
interface Endpoint {
  readonly host: Host;
  readonly asHop: boolean;
}

function planEndpoint({ host, asHop }: Endpoint, inputs: PlanInputs): ConnectPlan {
  const { flags, config, surroundings, deadlines } = inputs;
  const { localUser, home } = surroundings;
  const here = originOf(host.location);
  const given = asHop ? undefined : fromFlag('user', flags.user);
  const chosenUser = given ?? fromInventory(host.user, here);
  const settings = lookupHost(config, { alias: host.name, user: chosenUser?.value, localUser });

  const user = checked('user', chosenUser ?? settings.user ?? byDefault(localUser), host.location);
  const port = fromInventory(host.port, here) ?? settings.port ?? byDefault(22);
  const address = checked('address', addressOf(host, settings, here), host.location);
  const transport = fromFlag('transport', flags.transport) ?? fromInventory(host.transport, here) ?? byDefault('ssh2');
  const algorithms = fromInventory(host.algorithms, here) ?? byDefault(inputs.algorithms ?? 'modern');
  const values: TokenValues = {
    address: address.value,
    alias: host.name,
    port: port.value,
    user: user.value,
    localUser,
    home,
  };
  const identity = planIdentity({ host, settings, values, here }, inputs);
  const keys = hostKeyPolicy(settings, values, inputs);
  return {
    host: host.name,
    transport: transport.value,
    address: address.value,
    port: port.value,
    user: user.value,
    hops: [],
    ...identity.plan,
    algorithms: algorithms.value,
    hostKeys: keys.policy,
    deadlines,
    origins: {
      transport: transport.origin,
      address: address.origin,
      port: port.origin,
      user: user.origin,
      algorithms: algorithms.origin,
      ...identity.origins,
      ...keys.origins,
    },
  };
}

/** `HostName` holds for a name of the inventory too, unless the inventory gives an address. ssh lowers its case. */
function addressOf(host: Host, settings: HostSettings, here: string): Said<string> {
  const { value, origin } = fromInventory(host.address, here) ??
    settings.hostName ?? { value: host.name, origin: here };
  return { value: value.toLowerCase(), origin };
}

/** What ssh refuses (CVE-2023-51385), and what would not be one name in a known_hosts line. */
function checked(what: 'user' | 'address', said: Said<string>, location: Location): Said<string> {
  const bad =
    said.value === '' ||
    said.value.startsWith('-') ||
    (what === 'address' ? /[\s,*?!|#@\x00-\x1f]/ : /[\x00-\x1f]/).test(said.value);
  if (bad) throw inputError(`${what} ${JSON.stringify(said.value)} (from ${said.origin}) is no ${what}`, location);
  return said;
}
