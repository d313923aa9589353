import type { Server } from 'node:net';
import { inputError } from '../model/input-error.ts';

/** Where a host of the fleet is to be found. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Ports that the system hands out may be in use on another address of the fleet; then all start again with another. */
const attempts = 8;

/** 127.20.0.1, …: of 127.0.0.0/8, all of which is loopback on Linux (RFC 1122 3.2.1.3) and needs no set-up. */
function loopbackAddress(number: number): string {
  const net = Math.floor(number / 254);
  return `127.${20 + Math.floor(net / 256)}.${net % 256}.${1 + (number % 254)}`;
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** Lets a server listen; the endpoint with the port it got. */
function listen(server: Server, { address, port }: Endpoint): Promise<Endpoint> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port, backlog: 128 }, () => {
      server.off('error', reject);
      // Later errors are of accept(), out of descriptors for instance: the client's deadline reports them.
      server.on('error', () => undefined);
      const bound = server.address();
      resolve({ address, port: bound !== null && typeof bound === 'object' ? bound.port : port });
    });
  });
}

const unlisten = (server: Server): Promise<void> => new Promise(resolve => server.close(() => resolve()));

type Places = readonly (Server | undefined)[];

/** One address each, one port for all. Undefined if that port is taken on one of the addresses. */
async function listenOnAddresses(places: Places): Promise<Endpoint[] | undefined> {
  let port = 0;
  const endpoints: Endpoint[] = [];
  for (const [number, server] of places.entries()) {
    const endpoint = { address: loopbackAddress(number), port };
    if (server === undefined) {
      endpoints.push(endpoint);
      continue;
    }
    try {
      const bound = await listen(server, endpoint);
      port = bound.port;
      endpoints.push(bound);
    } catch (error) {
      await Promise.all(places.slice(0, number).map(earlier => earlier && unlisten(earlier)));
      if (codeOf(error) === 'EADDRINUSE') return undefined;
      throw error;
    }
  }
  return endpoints.map(({ address }) => ({ address, port }));
}

/** One port each on 127.0.0.1, where there is no other loopback address. Port 1 (tcpmux) stands for "nobody listens". */
export async function listenOnPorts(places: Places): Promise<Endpoint[]> {
  const address = '127.0.0.1';
  const endpoints: Endpoint[] = [];
  for (const server of places) {
    endpoints.push(server === undefined ? { address, port: 1 } : await listen(server, { address, port: 0 }));
  }
  return endpoints;
}

function explain(error: unknown, hosts: number): unknown {
  if (codeOf(error) !== 'EMFILE' && codeOf(error) !== 'ENFILE') return error;
  return inputError(
    `demo: not enough file descriptors for ${hosts} listening hosts; raise \`ulimit -n\` or lower --hosts`,
  );
}

/**
 * Lets every server listen on loopback: an address each on one common port, or a port each on 127.0.0.1 where 127.0.0.0/8
 * cannot be bound (not Linux). An undefined server gets an endpoint that nothing listens on.
 */
export async function listenOnLoopback(places: Places): Promise<readonly Endpoint[]> {
  try {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const endpoints = await listenOnAddresses(places);
      if (endpoints !== undefined) return endpoints;
    }
    throw inputError('demo: no port that is free on all loopback addresses of the fleet; try again');
  } catch (error) {
    if (codeOf(error) !== 'EADDRNOTAVAIL') throw explain(error, places.length);
    return listenOnPorts(places);
  }
}
