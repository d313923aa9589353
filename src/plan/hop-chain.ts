/** The jump hosts to a host, outermost first. */
import { type Host, namedHost } from '../model/host.ts';
import { inputError } from '../model/input-error.ts';
import type { ConnectPlan } from '../model/plan.ts';
import type { HostOptions } from './host-options.ts';
import type { PlanInputs } from './inputs.ts';
import { type JumpHost, parseJumpHost } from './jump.ts';
import type { Asking } from './questions.ts';
import { fromFlag, originOf, type Said } from './said.ts';

/** Jump hosts that a flag or the inventory names, in the form of ProxyJump; ssh_config has no say then. */
export function givenJump(host: Host, flag: string | undefined): Said<string> | undefined {
  if (flag !== undefined) return fromFlag('jump', flag);
  return host.hops.length === 0 ? undefined : { value: host.hops.join(','), origin: originOf(host.location) };
}

/** Plans one hop; `behind` are the hops given for it, in the form of ProxyJump. */
type PlanHop = (
  hop: Host,
  behind: Said<string> | undefined,
) => Asking<{ readonly plan: ConnectPlan; readonly options: HostOptions }>;

/** Whose hops are wanted. */
export interface HopQuestion {
  readonly host: Host;
  readonly options: HostOptions;
  readonly inputs: PlanInputs;
  readonly plan: PlanHop;
}

/** Resolves the jump hosts of a host, and what these are behind themselves. */
export function* resolveHops({ host, options, inputs, plan }: HopQuestion): Asking<readonly ConnectPlan[]> {
  const named = options.get('proxyjump');
  if (named === undefined) return [];
  return yield* chain({ host, names: splitHops(String(named.value)), inputs, plan, behind: [host.name] });
}

interface Chain extends Omit<HopQuestion, 'options'> {
  readonly names: readonly string[];
  /** Hosts whose hops are being resolved, outermost question first: a name among them is a loop. */
  readonly behind: readonly string[];
}

/** As `ssh -J a,b` does: `b` is reached through `a`, and `a` through whatever `a` itself is behind. */
function* chain({ host, names, inputs, plan, behind }: Chain): Asking<readonly ConnectPlan[]> {
  const [first, ...others] = names.map(name => hopHost(name, host, inputs));
  if (first === undefined) return [];
  if (behind.includes(first.name)) {
    throw inputError(`jump hosts go in a circle: ${[...behind, first.name].join(' -> ')}`, host.location);
  }
  const looped = others.find(({ name }) => behind.includes(name));
  if (looped !== undefined) throw inputError(`${looped.name} is among its own jump hosts`, host.location);

  const outermost = yield* plan(first, givenJump(first, undefined));
  const own = splitHops(String(outermost.options.get('proxyjump')?.value ?? 'none'));
  const before = yield* chain({ host: first, names: own, inputs, plan, behind: [...behind, first.name] });
  const hops = [...before, outermost.plan];
  for (const [index, hop] of others.entries()) {
    const through = { value: names.slice(0, index + 1).join(','), origin: originOf(host.location) };
    hops.push((yield* plan(hop, through)).plan);
  }
  return hops;
}

const splitHops = (list: string): readonly string[] =>
  list.toLowerCase() === 'none' ? [] : list.split(',').map(name => name.trim());

/** A hop as a host: that of the inventory, if its name is there; else what `[user@]name[:port]` or `ssh://…` says. */
function hopHost(text: string, from: Host, { hosts, surroundings }: PlanInputs): Host {
  const known = hosts.get(text);
  if (known !== undefined) return known;
  const hop = parseJumpHost(text, surroundings.servicePort) ?? bareAddress(text);
  if (hop === undefined) {
    throw inputError(`"${text}" is no jump host: expected [user@]host[:port]`, from.location);
  }
  const { name, user, port } = hop;
  return {
    ...(hosts.get(name) ?? namedHost(name, from.location)),
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port }),
  };
}

/** An IPv6 address without brackets, which ssh does not take, but people write. */
function bareAddress(text: string): JumpHost | undefined {
  const [, user, name] = /^(?:(.+)@)?([0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.%\w]*)$/i.exec(text) ?? [];
  return name === undefined ? undefined : { name, ...(user !== undefined && { user }) };
}
