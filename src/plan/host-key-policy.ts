/** How host keys are checked, and where new ones go. */
import type { HostKeyMode, HostKeyPolicy } from '../model/plan.ts';
import type { PlanInputs } from './inputs.ts';
import { byDefault, fromFlag, type Said } from './said.ts';
import type { HostSettings } from './ssh-config-lookup.ts';
import { expandPath, type TokenValues } from './tokens.ts';

/** ssh's defaults: ssh_config(5), UserKnownHostsFile and GlobalKnownHostsFile. */
const userFiles = ['~/.ssh/known_hosts', '~/.ssh/known_hosts2'];
const globalFiles = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];

export interface PolicyAnswer {
  readonly policy: HostKeyPolicy;
  readonly origins: Readonly<Record<string, string>>;
}

/** The policy of one host. */
export function hostKeyPolicy(settings: HostSettings, values: TokenValues, inputs: PlanInputs): PolicyAnswer {
  const mode = fromFlag('host-keys', inputs.flags.hostKeys) ?? configuredMode(settings) ?? byDefault('strict');
  const flag = fromFlag('known-hosts', inputs.flags.knownHosts);
  const user = flag === undefined ? (settings.userKnownHostsFiles ?? byDefault(userFiles)) : undefined;
  const global = flag === undefined ? (settings.globalKnownHostsFiles ?? byDefault(globalFiles)) : undefined;
  const paths = (files: readonly string[]): string[] => files.map(file => expandPath(file, values)).filter(isKept);

  const mine = flag === undefined ? paths(user?.value ?? []) : [flag.value];
  // New keys go where a flag or ssh_config says. Where neither does, or says /dev/null, they go to a file of ours: it is
  // read at the next visit, and nothing of the user's is touched.
  const named = flag !== undefined || settings.userKnownHostsFiles !== undefined ? mine[0] : undefined;
  const appendTo = named ?? `${inputs.surroundings.stateDir}/known_hosts`;
  const files = [...new Set([...mine, ...paths(global?.value ?? []), appendTo])];
  const alias = settings.hostKeyAlias;
  return {
    policy: { mode: mode.value, files, appendTo, ...(alias !== undefined && { alias: alias.value }) },
    origins: { hostKeys: mode.origin, knownHosts: flag?.origin ?? user?.origin ?? 'default' },
  };
}

const isKept = (path: string): boolean => path !== '/dev/null' && path !== 'none';

/** `off` is never taken from ssh_config: a changed key is refused all the same. */
function configuredMode({ strictHostKeyChecking: said }: HostSettings): Said<HostKeyMode> | undefined {
  if (said === undefined) return undefined;
  const lax = ['no', 'off', 'false', 'accept-new'].includes(said.value);
  return { value: lax ? 'accept-new' : 'strict', origin: said.origin };
}
