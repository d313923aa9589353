import type { TransportName } from '../model/host.ts';
import type { ConnectPlan } from '../model/plan.ts';
import { transports } from '../transport/index.ts';
import type { Secrets } from '../transport/key-files.ts';
import type { Transport } from '../transport/transport.ts';
import type { World } from './world.ts';

/** The transports of one run, made when first needed and closed together. */
export interface Transports {
  of(plan: ConnectPlan): Transport;
  close(): Promise<void>;
}

/** Without secrets nothing is asked for, and no password is tried. */
export function openTransports({ env }: World, secrets: Secrets = {}): Transports {
  const opened = new Map<TransportName, Transport>();
  return {
    of({ transport: name }) {
      const transport = opened.get(name) ?? transports[name]({ secrets, env });
      opened.set(name, transport);
      return transport;
    },
    async close() {
      await Promise.all([...opened.values()].map(transport => transport.close()));
    },
  };
}
