/** Which keys are offered. */
import type { ConnectPlan } from '../model/plan.ts';
import type { HostOptions } from './host-options.ts';
import type { PlanInputs } from './inputs.ts';
import { byDefault, type Said } from './said.ts';
import { builtInLists } from './ssh-lists.ts';
import type { ValueTokens } from './value-tokens.ts';

export interface IdentityAnswer {
  readonly plan: Pick<ConnectPlan, 'identityFiles' | 'identitiesOnly' | 'agentSocket' | 'certificateFiles'>;
  readonly origins: Readonly<Record<string, string>>;
}

/** Key files and agent of one host. */
export function planIdentity(options: HostOptions, tokens: ValueTokens, inputs: PlanInputs): IdentityAnswer {
  const files = filesOf(options, tokens, inputs);
  const only = options.get('identitiesonly');
  const agent = agentOf(options, tokens, inputs);
  const certificates = options.certificateFiles;
  return {
    plan: {
      identityFiles: files.value,
      identitiesOnly: only?.value === 'yes',
      ...(agent !== undefined && { agentSocket: agent.value }),
      ...(certificates.length > 0 && {
        certificateFiles: certificates.map(entry => tokens.path(String(entry.value), entry)),
      }),
    },
    origins: {
      identityFiles: files.origin,
      identitiesOnly: only?.origin ?? 'default',
      ...(agent !== undefined && { agentSocket: agent.origin }),
    },
  };
}

/** ssh's own order, of all versions; a key that is not there is left out by a look at the disk. */
const defaultKeys = builtInLists.defaults.get('identityfile') ?? [];

function filesOf(
  { identityFiles }: HostOptions,
  tokens: ValueTokens,
  { fileExists, surroundings }: PlanInputs,
): Said<readonly string[]> {
  if (identityFiles.length > 0) {
    const named = identityFiles.filter(({ value }) => String(value).toLowerCase() !== 'none');
    const origins = new Set(identityFiles.map(({ origin }) => origin));
    return { value: named.map(entry => tokens.path(String(entry.value), entry)), origin: [...origins].join(', ') };
  }
  const paths = defaultKeys.map(path => path.replace('~', surroundings.home));
  return byDefault(paths.filter(fileExists));
}

/** IdentityAgent: `none`, `SSH_AUTH_SOCK`, `$NAME`, or a path. */
function agentOf(options: HostOptions, tokens: ValueTokens, { surroundings }: PlanInputs): Said<string> | undefined {
  const inherited = surroundings.agentSocket;
  const entry = options.get('identityagent');
  const own = inherited === undefined ? undefined : { value: inherited, origin: 'SSH_AUTH_SOCK' };
  if (entry === undefined) return own;
  const said = tokens.path(String(entry.value), entry);
  if (said === 'none') return undefined;
  if (said === 'SSH_AUTH_SOCK') return own;
  const variable = /^\$(\w+)$/.exec(said)?.[1];
  const value = variable === undefined ? said : surroundings.variable(variable);
  return value === undefined ? undefined : { value, origin: entry.origin };
}
