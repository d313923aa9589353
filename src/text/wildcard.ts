/**
 * Whether `*` (any text, also none) and `?` (any one character) of a pattern match a whole text, as in ssh_config(5) PATTERNS.
 * Case counts: callers lower-case both where names are meant. A mismatch goes back to the latest `*` only, so the cost is at
 * most pattern × text, never exponential (OpenSSH's match.c recurses at every `*`).
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let p = 0;
  let star = -1;
  let resume = 0;
  for (let t = 0; t < text.length; ) {
    if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** Whether a pattern holds `*` or `?`. */
export const isWildcard = (pattern: string): boolean => /[*?]/.test(pattern);

/**
 * Whether a list of patterns covers a name: some pattern matches, and none that begins with `!` does (OpenSSH
 * `match_pattern_list`). A list of nothing but negations covers nothing.
 */
export function matchesPatternList(list: readonly string[], name: string): boolean {
  let matched = false;
  for (const pattern of list) {
    if (pattern.startsWith('!')) {
      if (matchesWildcard(pattern.slice(1), name)) return false;
    } else matched ||= matchesWildcard(pattern, name);
  }
  return matched;
}
