/** Round trips to an SSH server: how long one takes, and whether one comes back at all. */

/** Of so many last round trips the shortest is what the way costs: others waited for a busy machine or a lost segment. */
const kept = 64;

/** Asks something of the server that it must answer, and that starts nothing. */
export type Ask = (onAnswer: () => void) => void;

export interface RoundTrips {
  /** Starts one; calls back with how long it took, unless the connection ends before. Unit: ms. */
  readonly start: (onBack: (ms: number) => void) => void;
  /** The shortest of the last ones; null while there was none. Unit: ms. */
  readonly shortest: () => number | null;
}

/** The round trips of one connection. `ask` may throw: the connection is then gone, and nobody is called back. */
export function createRoundTrips(ask: Ask): RoundTrips {
  const last: number[] = [];
  return {
    start: onBack => {
      const startedAt = performance.now();
      ask(() => {
        const ms = performance.now() - startedAt;
        last.push(ms);
        if (last.length > kept) last.shift();
        onBack(ms);
      });
    },
    shortest: () => (last.length === 0 ? null : Math.min(...last)),
  };
}
