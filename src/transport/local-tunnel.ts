/** A tunnel that is none: attempts from this machine, for hosts of transport `local`. */
import type { Tunnel } from '../model/probe.ts';
import { connectAttempt } from './connect-attempt.ts';

/** Makes one. It has no round trip of its own, and nothing goes on after an attempt. */
export function createLocalTunnel(): Tunnel {
  const closing = new AbortController();
  const why = 'the tunnel was closed';
  return {
    connect: async (target, { timeoutMs, signal }) =>
      closing.signal.aborted
        ? { outcome: 'not-sent', ms: 0, why }
        : connectAttempt(target, timeoutMs, AbortSignal.any([signal, closing.signal])),
    roundTripMs: () => 0,
    pending: () => 0,
    lost: () => (closing.signal.aborted ? why : null),
    close: () => closing.abort(),
  };
}
