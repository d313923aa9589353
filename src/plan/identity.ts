/** Which keys are offered. */
import type { Host } from '../model/host.ts';
import type { ConnectPlan } from '../model/plan.ts';
import type { PlanInputs } from './inputs.ts';
import { byDefault, fromFlag, fromInventory, type Said } from './said.ts';
import type { HostSettings } from './ssh-config-lookup.ts';
import { expandPath, type TokenValues } from './tokens.ts';

/** ssh's own order (readconf.c, fill_default_options), without the kinds that cannot be used. */
const defaultKeys = ['id_rsa', 'id_ecdsa', 'id_ed25519'];

export interface IdentityQuestion {
  readonly host: Host;
  readonly settings: HostSettings;
  readonly values: TokenValues;
  /** Origin of inventory values. */
  readonly here: string;
}

export interface IdentityAnswer {
  readonly plan: Pick<ConnectPlan, 'identityFiles' | 'identitiesOnly' | 'agentSocket'>;
  readonly origins: Readonly<Record<string, string>>;
}

/** Key files and agent of one host. */
export function planIdentity(question: IdentityQuestion, inputs: PlanInputs): IdentityAnswer {
  const files = filesOf(question, inputs);
  const only = question.settings.identitiesOnly ?? byDefault(false);
  const agent = agentOf(question, inputs);
  return {
    plan: {
      identityFiles: files.value,
      identitiesOnly: only.value,
      ...(agent !== undefined && { agentSocket: agent.value }),
    },
    origins: {
      identityFiles: files.origin,
      identitiesOnly: only.origin,
      ...(agent !== undefined && { agentSocket: agent.origin }),
    },
  };
}

function filesOf({ host, settings, values, here }: IdentityQuestion, inputs: PlanInputs): Said<readonly string[]> {
  const one = fromFlag('identity', inputs.flags.identity) ?? fromInventory(host.identity, here);
  if (one !== undefined) return { value: [expandPath(one.value, values)], origin: one.origin };
  if (settings.identityFiles.length > 0) {
    const named = settings.identityFiles.filter(({ value }) => value !== 'none');
    const origins = new Set(settings.identityFiles.map(({ origin }) => origin));
    return { value: named.map(({ value }) => expandPath(value, values)), origin: [...origins].join(', ') };
  }
  const paths = defaultKeys.map(name => `${values.home}/.ssh/${name}`);
  return byDefault(paths.filter(inputs.fileExists));
}

/** IdentityAgent: `none`, `SSH_AUTH_SOCK`, `$NAME`, or a path. */
function agentOf({ settings, values }: IdentityQuestion, { surroundings }: PlanInputs): Said<string> | undefined {
  const inherited = surroundings.agentSocket;
  const said = settings.identityAgent;
  const own = inherited === undefined ? undefined : { value: inherited, origin: 'SSH_AUTH_SOCK' };
  if (said === undefined) return own;
  if (said.value === 'none') return undefined;
  if (said.value === 'SSH_AUTH_SOCK') return own;
  const variable = /^\$\{?(\w+)\}?$/.exec(said.value)?.[1];
  if (variable === undefined) return { value: expandPath(said.value, values), origin: said.origin };
  const value = surroundings.variable?.(variable);
  return value === undefined ? undefined : { value, origin: said.origin };
}
