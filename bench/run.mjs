// npm run bench: what an audit costs here and on the hosts, beside the least that could do it. JSON on stdout.
//   node bench/run.mjs [--hosts 200,2000] [--interval 0,2] [--rounds 3] [--no-host-cost]
// Both clients visit the same fleet server, which runs in another process, in turns (A B A B …); medians are printed.
// CPU is user + system of the client process alone, its start included.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hostCosts } from './host-cost.mjs';

const here = name => fileURLToPath(new URL(name, import.meta.url));
const { values: flags } = parseArgs({
  options: {
    hosts: { type: 'string', default: '200,2000' },
    interval: { type: 'string', default: '0,2' },
    rounds: { type: 'string', default: '3' },
    'no-host-cost': { type: 'boolean', default: false },
  },
});
const numbers = text => text.split(',').map(Number);

/** The clients: the arguments that let each audit the fleet. */
const clients = {
  synaudit: (fleet, interval) => [
    ...[here('../bin/synaudit.js'), 'audit', '-i', fleet.inventoryFile, '--identity', fleet.identityFile],
    ...['--known-hosts', fleet.knownHostsFile, '--ssh-config', 'none', '--interval', String(interval), '-q'],
  ],
  bareLoop: (fleet, interval) => [here('bare-loop.mjs'), fleet.targetsFile, fleet.identityFile, String(interval)],
};
/** Findings (1) are what the fleet is full of; anything else is a client that did not do its work. */
const goodCodes = [0, 1];

async function startServer(hosts) {
  const child = spawn(process.execPath, [here('fleet-server.mjs'), String(hosts)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise(resolve => child.on('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const stop = async () => {
      child.stdin.end();
      await ended;
    };
    return { fleet: JSON.parse(line), stop };
  }
  throw new Error('the fleet server did not start');
}

/** One run of one client; what it used. Its state goes to a directory of its own, not to the user's. */
async function measure(args, directory) {
  const usageFile = join(directory, 'usage.json');
  const env = { ...process.env, BENCH_USAGE: usageFile, XDG_STATE_HOME: join(directory, 'state') };
  const child = spawn(process.execPath, ['--import', here('usage.mjs'), ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', chunk => {
    said = (said + chunk).slice(-2000);
  });
  const code = await new Promise(resolve => child.on('close', resolve));
  if (!goodCodes.includes(code)) throw new Error(`${args[0]} ended with code ${code}: ${said}`);
  return JSON.parse(readFileSync(usageFile, 'utf8'));
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
const rounded = (value, digits = 2) => Number(value.toFixed(digits));

const summary = (runs, hosts) => ({
  cpuMsPerHost: rounded(median(runs.map(run => run.cpuMs)) / hosts),
  hostsPerSecond: rounded(hosts / (median(runs.map(run => run.wallMs)) / 1000), 1),
  peakRssMiB: rounded(median(runs.map(run => run.rssMiB)), 1),
  cpuMsPerHostOfEachRun: runs.map(run => rounded(run.cpuMs / hosts)),
});

async function compare(hosts, intervalSeconds, rounds) {
  const { fleet, stop } = await startServer(hosts);
  const directory = mkdtempSync(join(tmpdir(), 'synaudit-bench-'));
  try {
    const runs = { synaudit: [], bareLoop: [] };
    // A first visit of each kind is a real run of the collector; it is not counted.
    await measure(clients.bareLoop(fleet, intervalSeconds), directory);
    for (let round = 1; round <= rounds; round++) {
      for (const [name, args] of Object.entries(clients)) {
        runs[name].push(await measure(args(fleet, intervalSeconds), directory));
        console.error(`bench: ${hosts} hosts, interval ${intervalSeconds} s, round ${round}/${rounds}: ${name} done`);
      }
    }
    const [synaudit, bareLoop] = [summary(runs.synaudit, hosts), summary(runs.bareLoop, hosts)];
    const ratios = {
      cpuPerHost: rounded(synaudit.cpuMsPerHost / bareLoop.cpuMsPerHost),
      hostsPerSecond: rounded(synaudit.hostsPerSecond / bareLoop.hostsPerSecond),
      peakRss: rounded(synaudit.peakRssMiB / bareLoop.peakRssMiB),
    };
    return { hosts, intervalSeconds, rounds, synaudit, bareLoop, ratios };
  } finally {
    await stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

const fleets = [];
for (const intervalSeconds of numbers(flags.interval)) {
  for (const hosts of numbers(flags.hosts)) {
    // With an interval the bare loop only waits, 64 sessions at a time: one round tells enough.
    fleets.push(await compare(hosts, intervalSeconds, intervalSeconds === 0 ? Number(flags.rounds) : 1));
  }
}
/** CPU of one host more: without the start of the program, which weighs on small fleets. Null with one size of fleet. */
function perFurtherHost(intervalSeconds) {
  const same = fleets.filter(fleet => fleet.intervalSeconds === intervalSeconds).sort((a, b) => a.hosts - b.hosts);
  const [small, large] = [same[0], same[same.length - 1]];
  if (same.length < 2) return null;
  const slope = name =>
    (large[name].cpuMsPerHost * large.hosts - small[name].cpuMsPerHost * small.hosts) / (large.hosts - small.hosts);
  const [synaudit, bareLoop] = [slope('synaudit'), slope('bareLoop')];
  return {
    intervalSeconds,
    synaudit: rounded(synaudit),
    bareLoop: rounded(bareLoop),
    ratio: rounded(synaudit / bareLoop),
  };
}

const cpuMsPerFurtherHost = numbers(flags.interval).map(perFurtherHost);
const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model };
const onHost = flags['no-host-cost'] ? null : await hostCosts();
console.log(JSON.stringify({ machine, fleets, cpuMsPerFurtherHost, onHost }, null, 2));
