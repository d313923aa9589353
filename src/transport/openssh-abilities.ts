/** What the installed `ssh` has of the algorithms that a profile adds: it refuses names that it does not know. */
import type { ConnectPlan } from '../model/plan.ts';
import { createLocalSsh } from './local-ssh.ts';
import type { Environment } from './shell.ts';

/** What the installed ssh can do, by the names of `ssh -Q`; undefined where it does not say. */
export interface SshAbilities {
  readonly kex: readonly string[] | undefined;
  readonly hostKeys: readonly string[] | undefined;
  readonly ciphers: readonly string[] | undefined;
  readonly macs: readonly string[] | undefined;
}

/** Asks ssh what it can do only where something must be added to what it offers by itself; then once. */
export function abilitiesAsked(env: Environment | undefined): (plan: ConnectPlan) => Promise<SshAbilities> {
  const ssh = createLocalSsh(env ?? {});
  const nothing: SshAbilities = { kex: undefined, hostKeys: undefined, ciphers: undefined, macs: undefined };
  let asked: Promise<SshAbilities> | undefined;
  const ask = async (): Promise<SshAbilities> => {
    const [kex, hostKeys, ciphers, macs] = await Promise.all([
      ssh.query('kex'),
      ssh.query('HostKeyAlgorithms'),
      ssh.query('cipher'),
      ssh.query('mac'),
    ]);
    return { kex, hostKeys, ciphers, macs };
  };
  return async ({ algorithms, hops }) => {
    if ([algorithms, ...hops.map(hop => hop.algorithms)].every(profile => profile === 'modern')) return nothing;
    asked ??= ask();
    return asked;
  };
}
