/** When attempts begin. */

/** Attempts per second that this machine begins at the most, to whatever many targets, unless one target is to get more. */
const perSecondInAll = 400;

/** Which target each pair asks. */
export interface Pacing {
  /** Time between the beginnings of two attempts of this pair. Unit: ms. */
  readonly gapMs: number;
  /** When its first slot begins. Unit: ms. */
  readonly offsetMs: number;
}

/**
 * Spreads attempts evenly: those of all pairs with one target together come at `perSecond`, those of all targets together at
 * 400/s or at `perSecond` if that is more. `targets` names the target of each pair.
 */
export function pacings(targets: readonly string[], perSecond: number): readonly Pacing[] {
  const pairsOf = new Map<string, number>();
  for (const target of targets) pairsOf.set(target, (pairsOf.get(target) ?? 0) + 1);
  const gapInAll = (targets.length * 1_000) / Math.max(perSecond, perSecondInAll);
  return targets.map((target, i) => {
    const gapMs = Math.max(((pairsOf.get(target) ?? 1) * 1_000) / perSecond, gapInAll);
    return { gapMs, offsetMs: (i / targets.length) * gapMs };
  });
}

/**
 * When the k-th attempt begins: at any moment of its slot. Even gaps would keep step with what happens once a second or once
 * a minute, and see it always or never (RFC 2330, 11.1). `random` gives numbers from 0 to below 1. Unit: ms.
 */
export const beginningOf = (k: number, { gapMs, offsetMs }: Pacing, random: () => number): number =>
  offsetMs + (k + random()) * gapMs;

/** What a late beginning moves all further ones by: attempts that had to wait do not follow in a burst. Unit: ms. */
export const delayBy = (lateMs: number, { gapMs }: Pacing): number => (lateMs > gapMs + catchUpMs ? lateMs : 0);

/** So much is made good at once: timers are some ms late. Unit: ms. */
const catchUpMs = 50;
