// Passes connections on, each way later by so many ms. `node far-away.mjs PORT TO-ADDRESS TO-PORT MS`
import { connect, createServer } from 'node:net';

const [port, address, toPort, ms] = process.argv.slice(2);

function pass(from, to) {
  from.on('data', chunk => setTimeout(() => to.write(chunk), Number(ms)));
  from.on('error', () => to.destroy());
  from.on('close', () => setTimeout(() => to.end(), Number(ms)));
}

createServer(near => {
  const far = connect({ host: address, port: Number(toPort), noDelay: true });
  pass(near.setNoDelay(), far);
  pass(far, near);
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
setTimeout(() => process.exit(), 60_000);
