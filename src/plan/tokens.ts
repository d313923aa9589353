/** Expansion of `~` and `%` tokens in values of ssh_config: ssh_config(5), TOKENS. */

/** What tokens stand for. */
export interface TokenValues {
  /** `%h`: the name connected to. */
  readonly address: string;
  /** `%n`: the name as given. */
  readonly alias: string;
  /** `%p` */
  readonly port: number;
  /** `%r` */
  readonly user: string;
  /** `%u` */
  readonly localUser: string;
  /** `%d`, and `~`. Without a slash at the end. */
  readonly home: string;
}

/** Expands tokens; one that is not known stays as it is. */
function expandTokens(text: string, values: TokenValues): string {
  if (!text.includes('%')) return text;
  const { address, alias, port, user, localUser, home } = values;
  const table: Readonly<Record<string, string>> = {
    '%': '%',
    h: address,
    n: alias,
    p: String(port),
    r: user,
    u: localUser,
    d: home,
  };
  return text.replace(/%(.)/g, (whole, token: string) => table[token] ?? whole);
}

/** Expands tokens and a leading `~`. A path that is relative after that is below the home directory, as in ssh. */
export function expandPath(path: string, values: TokenValues): string {
  const expanded = expandTokens(path, values);
  if (expanded === '~') return values.home;
  if (expanded.startsWith('~/')) return `${values.home}${expanded.slice(1)}`;
  return expanded;
}
