/** Names looked up as ssh does for CanonicalizeHostname: by this machine's resolver, hosts file and all. */
import { lookup } from 'node:dns/promises';
import { type Environment, runProgramHere } from './shell.ts';

/** What is looked up. */
export interface NameQuestion {
  readonly name: string;
  readonly family: 'any' | 'inet' | 'inet6';
  /** Whether the name at the end of all CNAMEs is wanted. */
  readonly canonicalName: boolean;
}

const families = { any: 0, inet: 4, inet6: 6 } as const;
const databases = { any: 'ahosts', inet: 'ahostsv4', inet6: 'ahostsv6' } as const;

/** Whether the name resolves, and to what. A resolver that does not answer is one that found nothing. */
export async function lookUpName(
  { name, family, canonicalName }: NameQuestion,
  env: Environment,
): Promise<{ readonly found: boolean; readonly canonicalName?: string }> {
  try {
    await lookup(name, { family: families[family] });
  } catch {
    return { found: false };
  }
  if (!canonicalName) return { found: true };
  // Node's lookup has no AI_CANONNAME; getent(1) of glibc prints it behind the first address.
  const printed = await runProgramHere('getent', [databases[family], name], { env });
  const canonical = /^\S+\s+\S+\s+(\S+)/.exec(printed?.stdout ?? '')?.[1];
  return canonical === undefined ? { found: true } : { found: true, canonicalName: canonical };
}
