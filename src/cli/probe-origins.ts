/** The places that a probe is made from. */
import { createGate } from '../engine/gate.ts';
import type { PlannedHost } from '../engine/run.ts';
import type { ProbeOrigin, Tunnel } from '../model/probe.ts';
import type { Origin } from '../probe/attempts.ts';
import { connectAttempt } from '../transport/connect-attempt.ts';
import type { Transports } from './transports.ts';

/** This machine. */
export const here: Origin = { name: 'here', connect: connectAttempt };

/** Places that can be used, what became of all of them, and how to let go of them. */
export interface OpenedOrigins {
  readonly origins: readonly Origin[];
  readonly states: readonly ProbeOrigin[];
  /** Remarks of connections, `web01: host key was not checked`. */
  readonly notes: readonly string[];
  close(): void;
}

/** Handshakes in flight, as in an audit. */
const handshakes = 64;

/** Opens a tunnel to each host. Never rejects: a host that is not reached is a state. */
export async function openOrigins(
  hosts: readonly PlannedHost[],
  { transports, signal }: { readonly transports: Transports; readonly signal: AbortSignal },
): Promise<OpenedOrigins> {
  const watch = { gate: createGate(handshakes), onPhase: () => {}, signal };
  const opened = await Promise.all(
    hosts.map(async ({ host: { name }, plan }) => {
      const opening = await transports.of(plan).openTunnel?.(plan, watch);
      if (opening === undefined) return { state: { name, error: noTunnels(plan.transport) }, notes: [] };
      if (opening.ok) {
        const notes = opening.notes.map(note => `${name}: ${note}`);
        return { state: { name, error: null }, notes, tunnel: opening.tunnel };
      }
      const { outcome, message, hint } = opening.error;
      return { state: { name, error: { outcome, message, hint } }, notes: [] };
    }),
  );
  return {
    origins: opened.flatMap(({ state, tunnel }) => (tunnel === undefined ? [] : [originOf(state.name, tunnel)])),
    states: opened.map(({ state }) => state),
    notes: opened.flatMap(({ notes }) => notes),
    close() {
      for (const { tunnel } of opened) tunnel?.close();
    },
  };
}

/** A tunnel has 256 channels; some of them may be about to end. */
const tunnelPlaces = 240;

const originOf = (name: string, tunnel: Tunnel): Origin => ({
  name,
  places: tunnelPlaces,
  connect: (target, timeoutMs, signal) => tunnel.connect(target, { timeoutMs, signal }),
  pending: () => tunnel.pending(),
  roundTripMs: () => tunnel.roundTripMs(),
  lost: () => tunnel.lost(),
});

const noTunnels = (transport: string) => ({
  outcome: 'unsupported',
  message: `transport ${transport} cannot make attempts from the host`,
  hint: 'use --transport ssh2',
});
