/**
 * The candidate that somebody most likely meant by a mistyped word, or undefined. At most one edit in three characters, at
 * least one, is forgiven: more, and the suggestion is a guess. Case is ignored; the first of equally near candidates wins.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const typed = word.toLowerCase();
  let bound = Math.max(1, Math.floor(typed.length / 3));
  let best: string | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(typed, candidate.toLowerCase(), bound);
    if (distance > bound) continue;
    best = candidate;
    if (distance === 0) break;
    bound = distance - 1;
  }
  return best;
}

/** `; did you mean "address"?`, or nothing where no candidate is near: the tail of a complaint. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? '' : `; did you mean "${meant}"?`;
}

/**
 * Edits that turn `a` into `b`: insertion, deletion, substitution, and transposition of neighbours (Damerau-Levenshtein in its
 * optimal-string-alignment form). Unit: edits. Beyond `bound` the answer is only "more": `bound + 1`.
 */
export function editDistance(a: string, b: string, bound: number): number {
  const beyond = bound + 1;
  if (Math.abs(a.length - b.length) > bound) return beyond;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const transposed = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const transposition = transposed ? at(before, j - 2) + 1 : Infinity;
      row.push(Math.min(at(previous, j) + 1, at(row, j - 1) + 1, substitution, transposition));
    }
    // A transposition reaches two rows back, so one row beyond the bound does not yet decide.
    if (Math.min(...row) > bound && Math.min(...previous) > bound) return beyond;
    before = previous;
    previous = row;
  }
  return Math.min(at(previous, b.length), beyond);
}

const at = (row: readonly number[], index: number): number => row[index] ?? Infinity;
