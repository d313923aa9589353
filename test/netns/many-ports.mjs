// Listens on a run of ports, reads until the client ends, and ends then. `node many-ports.mjs ADDRESS FIRST COUNT`
import { createServer } from 'node:net';

const [address, first, count] = process.argv.slice(2);
const last = Number(first) + Number(count) - 1;
for (let port = Number(first); port <= last; port++) {
  const server = createServer(socket => socket.on('error', () => {}).resume());
  server.listen({ port, host: address, backlog: 1024 }, () => {
    if (port === last) process.stdout.write('ready\n');
  });
}
setTimeout(() => process.exit(), 120_000);
