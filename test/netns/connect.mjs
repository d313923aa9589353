// Opens TCP connections: some at once, then at a steady rate, and keeps them until the server closes. Ends after a time,
// or on SIGTERM, and prints how they went. `node connect.mjs JSON`, see Traffic in traffic.ts.
import { connect } from 'node:net';

const { to, port, from, burst, perSecond, seconds } = JSON.parse(process.argv[2]);
const tally = { attempts: 0, connected: 0, failed: 0, slowestMs: 0 };

function attempt() {
  const started = Date.now();
  const socket = connect({ host: to[tally.attempts % to.length], port, localAddress: from });
  tally.attempts += 1;
  socket.once('connect', () => {
    tally.connected += 1;
    tally.slowestMs = Math.max(tally.slowestMs, Date.now() - started);
  });
  socket.once('error', () => {
    tally.failed += 1;
  });
  socket.resume(); // reads the end that the server sends
}

function end() {
  process.stdout.write(`\n${JSON.stringify(tally)}\n`, () => process.exit());
}

process.on('SIGTERM', end);
setTimeout(end, seconds * 1000);
for (let i = 0; i < burst; i++) attempt();
setInterval(attempt, 1000 / perSecond);
process.stdout.write('ready\n');
