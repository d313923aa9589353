/**
 * Whether a sysctl path matches a glob(7) pattern, as glob(3) does below /proc/sys: `*` and `?` do not match a slash.
 * Takes time proportional to pattern × path at worst: patterns come from hosts, so no regular expression is built of them.
 */
export function globMatches(pattern: string, path: string): boolean {
  const patterns = pattern.split('/');
  const segments = path.split('/');
  return (
    patterns.length === segments.length && patterns.every((part, index) => segmentMatches(part, segments[index] ?? ''))
  );
}

/** What both engines take for a pattern: GLOB_CHARS of procps and of systemd. */
export const isGlob = (key: string): boolean => /[*?[]/.test(key);

/** Greedy match that falls back to the last `*` only: no exponential case. */
function segmentMatches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const step = pattern[p] === '*' ? 0 : matchOne(pattern, p, text.charAt(t));
    if (step > 0) {
      p += step;
      t += 1;
    } else if (pattern[p] === '*') {
      star = p;
      p += 1;
      resume = t;
    } else if (star >= 0) {
      p = star + 1;
      resume += 1;
      t = resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

/** Length of the pattern element at `p` if it matches the character, else 0. */
function matchOne(pattern: string, p: number, character: string): number {
  const element = pattern.charAt(p);
  if (element === '?') return 1;
  if (element === '\\' && p + 1 < pattern.length) return pattern.charAt(p + 1) === character ? 2 : 0;
  if (element === '[') {
    const close = pattern.indexOf(']', pattern[p + 1] === '!' || pattern[p + 1] === '^' ? p + 3 : p + 2);
    if (close > 0) return inBrackets(pattern.slice(p + 1, close), character) ? close - p + 1 : 0;
  }
  return element === character ? 1 : 0;
}

/** `abc`, `a-z`, `!x`, `^x`. Character classes are not used in sysctl files and not known here. */
function inBrackets(inside: string, character: string): boolean {
  const negated = inside[0] === '!' || inside[0] === '^';
  const set = negated ? inside.slice(1) : inside;
  let found = false;
  for (let i = 0; i < set.length; i += 1) {
    const isRange = set[i + 1] === '-' && i + 2 < set.length;
    const last = isRange ? set.charAt(i + 2) : set.charAt(i);
    if (character >= set.charAt(i) && character <= last) found = true;
    if (isRange) i += 2;
  }
  return found !== negated;
}
