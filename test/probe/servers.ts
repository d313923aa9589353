/** Servers on loopback that treat connections in a known way. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface LoopbackServer {
  readonly port: number;
  /** Connections accepted so far, and those open now. */
  readonly accepted: () => number;
  readonly open: () => number;
  /** How each ended, as the server saw it: errno names, or `end`. */
  readonly ends: readonly string[];
}

/** Listens until the test is over. */
export async function serve(treat: (socket: Socket) => void, address = '127.0.0.1'): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  const ends: string[] = [];
  let accepted = 0;
  const server = createServer({ allowHalfOpen: true }, socket => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', error => ends.push('code' in error ? String(error.code) : 'error'));
    socket.on('end', () => ends.push('end'));
    socket.on('close', () => sockets.delete(socket));
    treat(socket);
  });
  await new Promise<void>(resolve => server.listen(0, address, resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise(resolve => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { port, accepted: () => accepted, open: () => sockets.size, ends };
}

/** A server as most are: it waits for words, and closes once the client has. */
export const patient = (socket: Socket): void => {
  socket.resume();
  socket.on('end', () => socket.end());
};

/** A port of loopback where nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}
