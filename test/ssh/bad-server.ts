/** TCP servers that are wrong in one way each. */
import { createServer, type Socket } from 'node:net';
import type { Workshop } from './workshop.ts';

export interface BadServer {
  readonly address: string;
  readonly port: number;
  /** Connections accepted so far. */
  readonly connections: () => number;
}

/** Starts a server that does `behave` with every connection. It ends with the workshop. */
export function startBadServer(
  workshop: Workshop,
  behave: (socket: Socket, count: number) => void,
  address = '127.0.0.1',
): Promise<BadServer> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer(socket => {
    count += 1;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    behave(socket, count);
  });
  workshop.onClose(
    () =>
      new Promise(resolve => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  );
  return new Promise(resolve => {
    server.listen(0, address, () => {
      const found = server.address();
      if (found !== null && typeof found === 'object') resolve({ address, port: found.port, connections: () => count });
    });
  });
}

/** What bad servers do. */
export const behaviours = {
  silent: () => {},
  closes: (socket: Socket) => socket.end(),
  resets: (socket: Socket) => socket.resetAndDestroy(),
  http: (socket: Socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'));
  },
  smtp: (socket: Socket) => socket.write('220 mail.example.com ESMTP\r\n'),
  garbageOnly: (socket: Socket) => socket.end(Buffer.from('\x16\x03\x01\x00\xa5garbage', 'latin1')),
  ssh1: (socket: Socket) => socket.end('SSH-1.5-OpenSSH_1.2.3\r\n'),
  maxStartups: (socket: Socket) => socket.end('Exceeded MaxStartups\r\n'),
  garbageAfterBanner: (socket: Socket) => {
    socket.write('SSH-2.0-OpenSSH_9.2\r\n');
    socket.write(Buffer.alloc(512, 0xa5));
  },
  closesAfterBanner: (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
  silentAfterBanner: (socket: Socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'),
  drips: (socket: Socket) => {
    const banner = 'SSH-2.0-OpenSSH_9.2\r\n';
    let sent = 0;
    const timer = setInterval(() => socket.write(banner.charAt(sent++ % (banner.length - 2))), 50);
    socket.on('close', () => clearInterval(timer));
  },
} satisfies Record<string, (socket: Socket) => unknown>;
