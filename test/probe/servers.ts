/** Servers on loopback that treat connections in a known way. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
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

/** Listens with a queue for two connections, and takes none of them until it is told. */
const fullQueue = `
const { parentPort, workerData } = require('node:worker_threads');
const server = require('node:net').createServer(socket => socket.on('error', () => {}).resume());
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(workerData, 0, 0);
});`;

/** A server whose accept queue is full, so that Linux drops SYNs to it until `admit` is called. */
export async function serveFullQueue(): Promise<{ readonly port: number; readonly admit: () => void }> {
  const isAdmitted = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(fullQueue, { eval: true, workerData: isAdmitted });
  const admit = (): void => {
    Atomics.store(isAdmitted, 0, 1);
    Atomics.notify(isAdmitted, 0);
  };
  const [port] = (await once(worker, 'message')) as [number];
  const waiting = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  await Promise.all(waiting.map(socket => once(socket, 'connect')));
  onTestFinished(async () => {
    for (const socket of waiting) socket.destroy();
    admit();
    await worker.terminate();
  });
  return { port, admit };
}

/** A port of loopback where nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}
