/** Names in a directory that one part of a glob(7) pattern stands for: `*`, `?`, `[a-z]`, `[!a-z]`, and `\` before any of them. */

type Atom = { readonly any: true } | { readonly one: (char: string) => boolean };

/** Whether a part of a path has anything in it that is not itself. */
export const isGlob = (part: string): boolean => /[*?[\\]/.test(part);

/** A matcher of whole names. A leading dot must be written. */
export function globMatcher(part: string): (name: string) => boolean {
  const atoms = atomsOf(part);
  return name => (part.startsWith('.') || !name.startsWith('.')) && matches(atoms, [...name]);
}

function atomsOf(part: string): readonly Atom[] {
  const atoms: Atom[] = [];
  const chars = [...part];
  const literal = (wanted: string): Atom => ({ one: char => char === wanted });
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? '';
    if (char === '*') atoms.push({ any: true });
    else if (char === '?') atoms.push({ one: () => true });
    else if (char === '\\' && at + 1 < chars.length) atoms.push(literal(chars[++at] ?? ''));
    else if (char === '[') {
      const set = setAt(chars, at);
      if (set === undefined) atoms.push(literal(char));
      else {
        atoms.push({ one: set.holds });
        at = set.end;
      }
    } else atoms.push(literal(char));
  }
  return atoms;
}

/** `[abc]`, `[a-z]`, `[!a]`, `[^a]`; a `]` that comes first is one of the set. Undefined where nothing closes it. */
function setAt(chars: readonly string[], start: number): { holds: (char: string) => boolean; end: number } | undefined {
  const negated = chars[start + 1] === '!' || chars[start + 1] === '^';
  const first = start + (negated ? 2 : 1);
  const end = chars.indexOf(']', first + 1);
  if (end < 0) return undefined;
  const members = chars.slice(first, end);
  const ranges: (readonly [string, string])[] = [];
  for (let at = 0; at < members.length; at++) {
    const from = members[at] ?? '';
    const isRange = members[at + 1] === '-' && at + 2 < members.length;
    ranges.push([from, isRange ? (members[at + 2] ?? '') : from]);
    if (isRange) at += 2;
  }
  return { holds: char => ranges.some(([from, to]) => from <= char && char <= to) !== negated, end };
}

/** A mismatch goes back to the latest `*` only, so the cost is at most pattern × name. */
function matches(atoms: readonly Atom[], name: readonly string[]): boolean {
  let a = 0;
  let star = -1;
  let resume = 0;
  for (let n = 0; n < name.length; ) {
    const atom = atoms[a];
    if (atom !== undefined && 'any' in atom) {
      star = a++;
      resume = n;
    } else if (atom?.one(name[n] ?? '')) {
      a++;
      n++;
    } else if (star >= 0) {
      a = star + 1;
      n = ++resume;
    } else return false;
  }
  return atoms.slice(a).every(atom => 'any' in atom);
}
