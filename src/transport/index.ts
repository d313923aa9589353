/** All transports by name. */
import type { TransportName } from '../model/host.ts';
import { createLocalTransport } from './local.ts';
import { createOpensshTransport } from './openssh.ts';
import { createSsh2Transport, type Ssh2Options } from './ssh2.ts';
import type { Transport } from './transport.ts';

/** What transports may be given; each takes what it needs. */
export type TransportOptions = Ssh2Options;

/** Makes a transport for one run; its `close` lets go of what visits share. */
export const transports: Readonly<Record<TransportName, (options: TransportOptions) => Transport>> = {
  ssh2: createSsh2Transport,
  openssh: createOpensshTransport,
  local: createLocalTransport,
};
