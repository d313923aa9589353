// The embedded fleet in a process of its own: node bench/fleet-server.mjs HOSTS
// Prints one line of JSON when all hosts listen, and ends when its standard input does.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { collectorScript } from '../modules/collect/script.js';
import { startFleet } from '../modules/demo/fleet.js';
import { foldHosts, splitPatterns } from '../modules/text/host-set.js';

const fleet = await startFleet({ hosts: Number(process.argv[2]), collector: collectorScript, isFaulty: false });
const inventory = parse(fleet.inventoryText);
const targets = Object.values(inventory.groups).flatMap(group =>
  group.hosts.map(({ address, port = inventory.defaults.port }) => ({ address, port })),
);
const targetsFile = join(fleet.directory, 'targets.json');
await writeFile(targetsFile, JSON.stringify({ user: inventory.defaults.user, targets }));
const { directory, identityFile, knownHostsFile } = fleet;
// As people write an inventory of this size: by ranges.
const inventoryFile = join(directory, 'ranges.yaml');
await writeFile(
  inventoryFile,
  stringify({
    version: 1,
    defaults: inventory.defaults,
    nat: inventory.nat,
    groups: {
      fleet: {
        hosts: splitPatterns(foldHosts(targets.map(({ address }) => address))),
        clients: Object.keys(inventory.nat),
      },
    },
  }),
);
console.log(JSON.stringify({ directory, inventoryFile, identityFile, knownHostsFile, targetsFile }));

process.stdin.resume();
process.stdin.on('end', async () => {
  await fleet.close();
  process.exit(0);
});
