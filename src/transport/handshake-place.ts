/** A place among the handshakes in flight, which is kept only as long as something happens. */
import type { Readable } from 'node:stream';
import { once } from './deadline.ts';
import { interrupted } from './errors.ts';
import type { Places } from './places.ts';
import type { HandshakeGate } from './transport.ts';

/** After that much silence a peer gives its place to others; it keeps its deadline. */
const silenceMs = 1_000;

/** A place among the handshakes in flight. */
export interface Place {
  /** Keeps the place as long as the peer talks. */
  readonly watch: (stream: Readable) => void;
  readonly leave: () => void;
}

/** Where a place is wanted. */
export interface PlaceRequest {
  readonly gate: HandshakeGate;
  /** Places at the jump host, which are taken first. */
  readonly hopPlaces: Places | undefined;
  readonly signal: AbortSignal;
}

/** Waits for a place. Rejects with a Refusal. */
export async function takePlace({ gate, hopPlaces, signal }: PlaceRequest): Promise<Place> {
  const leaveHop = await hopPlaces?.enter(signal);
  const leaveGate = await gate.enter(signal).catch(() => {
    leaveHop?.();
    // A gate that lets nobody in any more is the end of the run.
    throw signal.aborted ? signal.reason : interrupted('connect');
  });
  let stop = (): void => {};
  const leave = once(() => {
    clearTimeout(silence);
    stop();
    leaveGate();
    leaveHop?.();
  });
  const silence = setTimeout(leave, silenceMs);
  const onData = (): void => {
    silence.refresh();
  };
  const watch = (stream: Readable): void => {
    silence.refresh();
    // Not `on`, which would make the stream flow before ssh2 listens.
    stream.prependListener('data', onData);
    stop = () => stream.off('data', onData);
  };
  return { watch, leave };
}
