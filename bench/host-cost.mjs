// What one audit costs on the host: processes and CPU of the collector, over trees with more and more TCP sockets.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { collectorScript } from '../modules/collect/script.js';
import { machines } from '../modules/demo/machines.js';
import { movingFiles, standingFiles } from '../modules/demo/tree.js';

const cases = [
  { sockets: 50, tables: 'bounded', repeat: 5 },
  { sockets: 2_000, tables: 'bounded', repeat: 5 },
  { sockets: 20_000, tables: 'bounded', repeat: 3 },
  { sockets: 200_000, tables: 'bounded', repeat: 3 },
  { sockets: 200_000, tables: 'all', repeat: 2 },
];

/** Spread over addresses as those of a busy server: 50 connections each. */
function clientsOf(sockets) {
  const perAddress = Math.min(50, sockets);
  return Array.from({ length: Math.floor(sockets / perAddress) }, (_, index) => ({
    address: `10.${20 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
    port: 8080,
    established: perAddress - 10,
    timeWait: 10,
    lowPorts: 5,
  }));
}

function writeTree(root, sockets) {
  const kind = { ...machines.firing, clients: clientsOf(sockets) };
  const machine = { kind, number: 0, bootId: '00000000-0000-4000-8000-000000000000', hostname: 'web01' };
  for (const [path, entry] of [...standingFiles(machine), ...movingFiles(machine, 0)]) {
    if (typeof entry !== 'string') continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), entry);
  }
}

/** User + system time of the children of a shell that runs the collector again and again. `times` is POSIX. */
function cpuMs({ scriptFile, root, repeat }) {
  const loop = `i=0; while [ $i -lt ${repeat} ]; do sh -s -- "$1" <"$2" >/dev/null; i=$((i+1)); done; times`;
  const said = execFileSync('bash', ['-c', loop, 'bench', root, scriptFile], { encoding: 'utf8' });
  const ofChildren = said.trim().split('\n')[1] ?? '';
  const spent = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => minutes * 60 + Number(seconds),
  );
  return (spent.reduce((sum, seconds) => sum + seconds, 0) * 1000) / repeat;
}

/** Every process of one run, the shell included: forks that strace sees, plus one. Null where there is no strace. */
function processes({ scriptFile, root, trace }) {
  const args = ['-f', '-qq', '-e', 'trace=fork,vfork,clone,clone3', '-o', trace, 'sh', '-s', '--', root];
  const run = spawnSync('strace', args, { input: readFileSync(scriptFile), stdio: ['pipe', 'ignore', 'ignore'] });
  if (run.error) return null;
  const born = readFileSync(trace, 'utf8').match(/ = [1-9]\d*$/gm) ?? [];
  return born.length + 1;
}

/** One entry per case; of an audit with two samples, 1 s apart. */
export async function hostCosts() {
  const directory = mkdtempSync(join(tmpdir(), 'synaudit-bench-'));
  try {
    return cases.map(({ sockets, tables, repeat }, index) => {
      const root = join(directory, String(index));
      const scriptFile = join(directory, `${index}.sh`);
      writeTree(root, sockets);
      const options = { boundary: '0123456789abcdef0123456789abcdef', intervalSeconds: 1, sockets: tables };
      writeFileSync(scriptFile, collectorScript(options));
      const audit = { scriptFile, root, repeat, trace: join(directory, 'trace') };
      const ms = cpuMs(audit);
      const one = { sockets, tables, processes: processes(audit), cpuMs: Number(ms.toFixed(1)) };
      console.error(`bench: on a host with ${sockets} sockets (${tables}) done`);
      return one;
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
