/** Expansion of `~`, `%` tokens and `${ENVIRONMENT}` in values of ssh_config: ssh_config(5), TOKENS; misc.c. */

/** What a letter behind `%` stands for; undefined for a letter that is no token here. */
export type Tokens = (letter: string) => string | undefined;

/** Expanded text, or why ssh would refuse it. */
export type Expansion = { readonly text: string } | { readonly problem: string };

/** The environment, by name. */
export type Variable = (name: string) => string | undefined;

/** percent_expand() of misc.c, and with `variable` percent_dollar_expand(). */
export function expandTokens(text: string, tokens: Tokens, variable?: Variable): Expansion {
  if (!text.includes('%') && (variable === undefined || !text.includes('${'))) return { text };
  let expanded = '';
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (variable !== undefined && char === '$' && text[at + 1] === '{') {
      const end = text.indexOf('}', at);
      const name = text.slice(at + 2, end);
      if (end < 0 || name === '') return { problem: 'no name between the braces of a variable' };
      const value = variable(name);
      if (value === undefined) return { problem: `environment variable ${name} is not set` };
      expanded += value;
      at = end;
    } else if (char === '%') {
      at += 1;
      const letter = text.charAt(at);
      const value = letter === '%' ? '%' : letter === '' ? undefined : tokens(letter);
      if (value === undefined) return { problem: `%${letter} is no token here` };
      expanded += value;
    } else expanded += char;
  }
  return { text: expanded };
}

/** No tokens at all: dollar_expand() of misc.c. */
export const expandVariables = (text: string, variable: Variable): Expansion =>
  expandTokens(text.replaceAll('%', '%%'), () => undefined, variable);

/** Homes for `~`, without a slash at the end. */
export interface Homes {
  readonly home: string;
  /** Of another user, for `~name/…`; undefined where there is no such user. */
  readonly homeOf: (user: string) => string | undefined;
}

/** A leading `~` or `~user`: tilde_expand() of misc.c. Anything else stays as it is. */
export function expandTilde(path: string, { home, homeOf }: Homes): Expansion {
  const [, user, below = ''] = /^~([^/]*)(?:\/+(.*))?$/s.exec(path) ?? [];
  if (user === undefined) return { text: path };
  const base = user === '' ? home : homeOf(user);
  return base === undefined ? { problem: `no such user: ${user}` } : { text: `${base}/${below}` };
}
