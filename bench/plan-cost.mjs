// What it costs to resolve ssh_config for 10,000 hosts: node bench/plan-cost.mjs [HOSTS]. JSON on stdout.
// Beside it, what one `ssh -G` costs: asked host by host it would be that times the number of hosts.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionSettings, planHosts } from '../modules/cli/connections.js';
import { readOptions } from '../modules/cli/settings.js';
import { readSshConfig } from '../modules/cli/ssh-config.js';
import { inventoryOf } from '../modules/inventory/argument.js';
import { namedHost } from '../modules/model/host.js';

const count = Number(process.argv[2] ?? 10_000);
const names = Array.from({ length: count }, (_, n) => `web${n}`);
const repeat = (times, text) => Array.from({ length: times }, (_, n) => text(n)).join('');

/** Files of different kinds, each for all hosts. */
const files = {
  'one block per host': `${names.map((name, n) => `Host ${name}\n  HostName 10.0.${n >> 8}.${n & 255}\n  Port 2222\n`).join('')}Host *\n  User audit\n`,
  '500 patterns': repeat(500, n => `Host web${n}* !*9\n  Port ${2000 + n}\n`),
  '200 Match lines, two passes': `CanonicalizeHostname no\n${repeat(200, n => `Match host web${n}?? user root\n  Port ${2000 + n}\nMatch final host *${n}\n  User u${n}\n`)}`,
  'one Match exec for all':
    'Match exec "true"\n  Port 2222\nHost bastion\n  ProxyJump none\nHost *\n  ProxyJump bastion\n',
  'algorithm lists':
    'Host *\n  KexAlgorithms +diffie-hellman-group14-sha1\n  Ciphers ^aes256-ctr\n  IdentityFile ~/.ssh/%h-%r\n',
};

const directory = mkdtempSync(join(tmpdir(), 'synaudit-bench-'));
const world = { env: process.env, home: directory, userName: 'bench', stderr: { write() {}, isTerminal: false } };
const figures = {};
try {
  for (const [kind, text] of Object.entries(files)) {
    const file = join(directory, 'config');
    writeFileSync(file, text);
    const read = readOptions({ sshConfig: file });
    const startedAt = performance.now();
    const sshConfig = await readSshConfig(read, world);
    const readMs = performance.now() - startedAt;
    const hosts = names.map((name, index) => namedHost(name, { file: 'bench', line: index + 1, column: 1 }));
    const connection = connectionSettings(read, world);
    const planned = await planHosts(hosts, { inventory: inventoryOf(hosts), sshConfig, connection, world });
    const totalMs = performance.now() - startedAt;
    figures[kind] = { hosts: planned.length, readMs: Math.round(readMs), totalMs: Math.round(totalMs) };
  }
  const startedAt = performance.now();
  const asked = 20;
  for (const name of names.slice(0, asked)) execFileSync('ssh', ['-G', '-F', 'none', name], { stdio: 'ignore' });
  figures['ssh -G, one host'] = { ms: Math.round((performance.now() - startedAt) / asked) };
} finally {
  rmSync(directory, { recursive: true, force: true });
}
console.log(JSON.stringify(figures, null, 2));
