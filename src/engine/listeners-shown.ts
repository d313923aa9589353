import { known } from '../model/reading.ts';
import type { ListenerResult } from '../model/run.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** Unit: listeners of a host. */
const mostShown = 16;

/** Listeners with the fullest accept queue; one of which neither queue nor limit is known tells nothing. */
export function listenersShown({ sockets }: Pick<Snapshot, 'sockets'>): readonly ListenerResult[] | undefined {
  const table = known(sockets);
  if (table === undefined) return undefined;
  return table.listeners
    .filter(({ queued, limit }) => queued > 0 || limit !== null)
    .sort((a, b) => fill(b) - fill(a) || a.port - b.port)
    .slice(0, mostShown)
    .map(({ address, port, queued, limit }) => ({ address, port, queued, limit }));
}

/** Without a limit, by what waits. */
const fill = ({ queued, limit }: ListenerResult): number => (limit === null || limit === 0 ? queued : queued / limit);
