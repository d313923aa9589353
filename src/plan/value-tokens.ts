/** Tokens of paths and commands, once all options of a host are known: DEFAULT_CLIENT_PERCENT_EXPAND_ARGS of ssh.c. */
import { inputError } from '../model/input-error.ts';
import { connectionHash, lastJump } from './connection-hash.ts';
import type { HostOptions } from './host-options.ts';
import type { Surroundings } from './inputs.ts';
import type { Entry, SshConfig } from './ssh-config.ts';
import { type Expansion, expandTilde, expandTokens, type Tokens } from './tokens.ts';

/** Expands values of one host. Both throw an InputError that names the line. */
export interface ValueTokens {
  readonly tokens: Tokens;
  /** `~`, tokens and `${NAME}`. */
  readonly path: (text: string, entry: Pick<Entry, 'name' | 'origin'>) => string;
  /** `~` alone, as in GlobalKnownHostsFile. */
  readonly home: (text: string, entry: Pick<Entry, 'name' | 'origin'>) => string;
}

/** What is known of a host by then. */
export interface KnownHost {
  readonly options: HostOptions;
  readonly config: SshConfig;
  readonly user: string;
  readonly surroundings: Surroundings;
}

/** The tokens of one host. */
export function valueTokens(known: KnownHost): ValueTokens {
  const { surroundings } = known;
  const tokens = tokensOf(known);
  const checked = (expansion: Expansion, { name, origin }: Pick<Entry, 'name' | 'origin'>): string => {
    if ('problem' in expansion) throw inputError(`${origin}: ${name}: ${expansion.problem}`);
    return expansion.text;
  };
  return {
    tokens,
    home: (text, entry) => checked(expandTilde(text, surroundings), entry),
    path: (text, entry) =>
      checked(expandTokens(checked(expandTilde(text, surroundings), entry), tokens, surroundings.variable), entry),
  };
}

function tokensOf({ options, config, user, surroundings }: KnownHost): Tokens {
  const { alias, hostName } = options;
  const port = options.text('port') ?? '22';
  const jump = config.hasJumpToken ? lastJump(options.text('proxyjump'), surroundings) : undefined;
  const table: Readonly<Record<string, () => string | undefined>> = {
    C: () => connectionHash({ hostName: hostName.value, port, user, jump }, surroundings),
    L: () => surroundings.hostName.split('.', 1)[0],
    l: () => surroundings.hostName,
    d: () => surroundings.home,
    h: () => hostName.value,
    i: () => surroundings.userId,
    j: () => jump,
    k: () => options.text('hostkeyalias')?.toLowerCase() ?? alias,
    n: () => alias,
    p: () => port,
    r: () => user,
    u: () => surroundings.localUser,
  };
  return letter => table[letter]?.();
}
