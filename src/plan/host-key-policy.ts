/** How host keys are checked, and where new ones go. */
import type { HostKeyMode, HostKeyPolicy } from '../model/plan.ts';
import type { HostOptions } from './host-options.ts';
import type { PlanInputs } from './inputs.ts';
import { byDefault, fromFlag, type Said } from './said.ts';
import type { Entry } from './ssh-config.ts';
import type { ValueTokens } from './value-tokens.ts';

/** ssh's defaults: ssh_config(5), UserKnownHostsFile and GlobalKnownHostsFile. */
const userFiles = ['~/.ssh/known_hosts', '~/.ssh/known_hosts2'];
const globalFiles = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];

export interface PolicyAnswer {
  readonly policy: HostKeyPolicy;
  readonly origins: Readonly<Record<string, string>>;
}

/** The policy of one host. */
export function hostKeyPolicy(options: HostOptions, tokens: ValueTokens, inputs: PlanInputs): PolicyAnswer {
  const mode = fromFlag('host-keys', inputs.flags.hostKeys) ?? configuredMode(options) ?? byDefault('strict');
  const flag = fromFlag('known-hosts', inputs.flags.knownHosts);
  const user = options.get('userknownhostsfile');
  const global = options.get('globalknownhostsfile');
  const mine = flag === undefined ? userKnownHosts(user, tokens).filter(isKept) : [flag.value];
  const shared = flag === undefined ? listOf(global, globalFiles).map(file => tokens.home(file, of(global))) : [];

  // New keys go where a flag or ssh_config says. Where neither does, or says /dev/null, they go to a file of ours: it is
  // read at the next visit, and nothing of the user's is touched.
  const named = flag !== undefined || user !== undefined ? mine[0] : undefined;
  const appendTo = named ?? `${inputs.surroundings.stateDir}/known_hosts`;
  const files = [...new Set([...mine, ...shared.filter(isKept), appendTo])];
  const alias = options.text('hostkeyalias')?.toLowerCase();
  const revoked = options.get('revokedhostkeys');
  const revokedFile = revoked === undefined ? 'none' : tokens.path(String(revoked.value), revoked);
  return {
    policy: {
      mode: mode.value,
      files,
      appendTo,
      ...(alias !== undefined && { alias }),
      ...(revokedFile.toLowerCase() !== 'none' && { revokedFile }),
    },
    origins: { hostKeys: mode.origin, knownHosts: flag?.origin ?? user?.origin ?? 'default' },
  };
}

/** UserKnownHostsFile with everything expanded, as `ssh -G` prints it. */
export const userKnownHosts = (entry: Entry | undefined, tokens: ValueTokens): readonly string[] =>
  listOf(entry, userFiles).map(file => (file === 'none' ? file : tokens.path(file, of(entry))));

const listOf = (entry: Entry | undefined, otherwise: readonly string[]): readonly string[] =>
  entry === undefined || typeof entry.value === 'string' ? otherwise : entry.value;

const of = (entry: Entry | undefined): Pick<Entry, 'name' | 'origin'> =>
  entry ?? { name: 'known hosts', origin: 'default' };

const isKept = (path: string): boolean => path !== '/dev/null' && path.toLowerCase() !== 'none';

/** `off` is never taken from ssh_config: a changed key is refused all the same. */
function configuredMode(options: HostOptions): Said<HostKeyMode> | undefined {
  const entry = options.get('stricthostkeychecking');
  if (entry === undefined) return undefined;
  const lax = entry.value === 'false' || entry.value === 'accept-new';
  return { value: lax ? 'accept-new' : 'strict', origin: entry.origin };
}
