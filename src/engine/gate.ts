import type { HandshakeGate } from '../transport/transport.ts';

/** A gate that can be shut: from then on nobody enters, and who waits is sent away. */
export interface ShuttableGate extends HandshakeGate {
  shut(): void;
  /** Changes how many places there are. Nobody is sent out: with fewer places, leavers are not followed for a while. */
  resize(places: number): void;
}

/** What `enter` rejects with once the gate is shut, or the visit it was for is over. */
class NotAdmitted extends Error {
  override readonly name = 'AbortError';
}

/** A visit that waits for a place. */
interface Waiting {
  admit(): void;
  refuse(): void;
}

/**
 * Bounds handshakes in flight, first come, first served. A place that is given back goes to the visit that waited longest;
 * one that stopped waiting is passed over.
 */
export function createGate(places: number): ShuttableGate {
  let all = places;
  let free = places;
  let open = true;
  const queue = new Set<Waiting>();
  const admit = () => {
    for (const first of queue) {
      if (free <= 0) return;
      free -= 1;
      first.admit();
    }
  };
  const place = () => {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      free += 1;
      admit();
    };
  };
  return {
    enter(signal) {
      if (!open || signal.aborted) return Promise.reject(new NotAdmitted('not admitted'));
      if (free <= 0) return wait({ queue, signal, place });
      free -= 1;
      return Promise.resolve(place());
    },
    shut() {
      open = false;
      for (const { refuse } of [...queue]) refuse();
    },
    resize(wanted) {
      free += wanted - all;
      all = wanted;
      admit();
    },
  };
}

interface Wait {
  readonly queue: Set<Waiting>;
  readonly signal: AbortSignal;
  readonly place: () => () => void;
}

function wait({ queue, signal, place }: Wait): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => () => {
      queue.delete(entry);
      signal.removeEventListener('abort', entry.refuse);
      then();
    };
    const entry = {
      admit: settle(() => resolve(place())),
      refuse: settle(() => reject(new NotAdmitted('not admitted'))),
    };
    queue.add(entry);
    signal.addEventListener('abort', entry.refuse);
  });
}
