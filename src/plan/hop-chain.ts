/** The jump hosts to a host, outermost first. */
import { type Host, namedHost } from '../model/host.ts';
import { inputError } from '../model/input-error.ts';
import type { ConnectPlan } from '../model/plan.ts';
import type { PlanInputs } from './inputs.ts';
import { lookupHost } from './ssh-config-lookup.ts';

/** The chain and where its last link was written. */
export interface HopChain {
  readonly hops: readonly ConnectPlan[];
  readonly origin: string;
}

/** Resolves `--jump`, the inventory's `hops`, or ProxyJump, and what these hops themselves are behind. */
export function resolveHops(host: Host, inputs: PlanInputs, planHop: (hop: Host) => ConnectPlan): HopChain {
  const { names, origin } = namedHops(host, inputs, inputs.flags.jump);
  return { hops: chain({ host, inputs, planHop, names, behind: [host.name] }), origin };
}

interface Chain {
  readonly host: Host;
  readonly inputs: PlanInputs;
  readonly planHop: (hop: Host) => ConnectPlan;
  readonly names: readonly string[];
  /** Hosts whose hops are being resolved, outermost question first: a name among them is a loop. */
  readonly behind: readonly string[];
}

/** As `ssh -J a,b` does: `b` is reached through `a`, and `a` through whatever `a` itself is behind. */
function chain({ host, inputs, planHop, names, behind }: Chain): readonly ConnectPlan[] {
  const [first, ...others] = names;
  if (first === undefined) return [];
  const outermost = hopHost(first, host, inputs);
  if (behind.includes(outermost.name)) {
    throw inputError(`jump hosts go in a circle: ${[...behind, outermost.name].join(' -> ')}`, host.location);
  }
  const own = namedHops(outermost, inputs, undefined).names;
  const before = chain({ host: outermost, inputs, planHop, names: own, behind: [...behind, outermost.name] });
  const rest = others.map(name => hopHost(name, host, inputs));
  const looped = rest.find(({ name }) => behind.includes(name));
  if (looped !== undefined) throw inputError(`${looped.name} is among its own jump hosts`, host.location);
  return [...before, ...[outermost, ...rest].map(planHop)];
}

interface NamedHops {
  readonly names: readonly string[];
  readonly origin: string;
}

function namedHops(host: Host, { config, surroundings }: PlanInputs, jump: string | undefined): NamedHops {
  if (jump !== undefined) return { names: splitHops(jump), origin: 'flag --jump' };
  const { file, line, column } = host.location;
  if (host.hops.length > 0) return { names: host.hops, origin: `${file}:${line}:${column}` };
  const { proxyJump } = lookupHost(config, { alias: host.name, user: host.user, localUser: surroundings.localUser });
  return proxyJump === undefined
    ? { names: [], origin: 'default' }
    : { names: splitHops(proxyJump.value), origin: proxyJump.origin };
}

const splitHops = (list: string): readonly string[] =>
  list.toLowerCase() === 'none' ? [] : list.split(',').map(name => name.trim());

/** A hop as a host: that of the inventory, if its name is there; else what `[user@]name[:port]` or `ssh://…` says. */
function hopHost(text: string, from: Host, { hosts }: PlanInputs): Host {
  const known = hosts.get(text);
  if (known !== undefined) return known;
  const bare = text.replace(/^ssh:\/\//i, '').replace(/\/$/, '');
  const [, user, bracketed, name, port] = /^(?:(.*)@)?(?:\[([^\]]*)\]|([^:]*|.*:.*:.*?))(?::(\d+))?$/.exec(bare) ?? [];
  const spelled = bracketed ?? name ?? '';
  const found = hosts.get(spelled);
  if (spelled === '') throw inputError(`"${text}" is no jump host: expected [user@]host[:port]`, from.location);
  return {
    ...(found ?? namedHost(spelled, from.location)),
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port: Number(port) }),
  };
}
