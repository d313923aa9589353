// What the client is measured against: the least that does the same logins and runs the same command.
// node bench/bare-loop.mjs TARGETS.json IDENTITY INTERVAL. Library defaults, host keys accepted blindly, nothing parsed.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pMap from 'p-map';
import ssh2 from 'ssh2';
import { collectorScript } from '../modules/collect/script.js';

const [targetsFile, identityFile, interval] = process.argv.slice(2);
const { user, targets } = JSON.parse(readFileSync(targetsFile, 'utf8'));
const privateKey = readFileSync(identityFile);

const visit = ({ address, port }) =>
  new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    client.on('error', reject);
    client.on('ready', () => {
      client.exec('sh -s', (error, stream) => {
        if (error) return reject(error);
        const chunks = [];
        stream.on('data', chunk => chunks.push(chunk));
        stream.stderr.resume();
        stream.on('close', () => {
          client.end();
          resolve(Buffer.concat(chunks));
        });
        const boundary = randomBytes(16).toString('hex');
        stream.end(collectorScript({ boundary, intervalSeconds: Number(interval), sockets: 'bounded' }));
      });
    });
    client.connect({ host: address, port, username: user, privateKey });
  });

const outputs = await pMap(targets, async target => (await visit(target)).length, { concurrency: 64 });
if (outputs.some(bytes => bytes < 1000)) throw new Error('a host gave no output');
