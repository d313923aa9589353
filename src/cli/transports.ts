import type { TransportName } from '../model/host.ts';
import type { ConnectPlan } from '../model/plan.ts';
import { transports } from '../transport/index.ts';
import type { Transport } from '../transport/transport.ts';
import { askSecret } from './ask-secret.ts';
import type { World } from './world.ts';

/** The transports of one run, made when first needed and closed together. */
export interface Transports {
  of(plan: ConnectPlan): Transport;
  close(): Promise<void>;
}

/**
 * Secrets come from the environment, else from the person at the terminal; without a terminal (batch, CI) nothing is asked.
 * A password is tried only if $SYNAUDIT_PASSWORD holds one.
 */
export function openTransports({ env, stderr }: World): Transports {
  const passphrase = env['SYNAUDIT_PASSPHRASE'];
  const password = env['SYNAUDIT_PASSWORD'];
  const secrets = {
    ...(stderr.isTerminal ? { ask: askSecret } : {}),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(password === undefined ? {} : { passwordLogin: true, password }),
  };
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
