// What it costs to compare two stored runs: node bench/diff-cost.mjs [HOSTS]. JSON on stdout. The hosts are those of the demo,
// audited twice, again and again under other names; a third of the later run has its findings fixed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const count = Number(process.argv[2] ?? 10_000);
const program = fileURLToPath(new URL('../bin/synaudit.js', import.meta.url));
const usageHook = fileURLToPath(new URL('usage.mjs', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'synaudit-bench-'));
const runs = join(directory, 'synaudit/runs');
const env = { ...process.env, XDG_STATE_HOME: directory, BENCH_USAGE: join(directory, 'usage.json') };

/** The lines of a run of the demo as a run of many hosts. */
function multiplied(text, { id, fixes }) {
  const records = text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  const hosts = records.filter(({ type }) => type === 'host').sort((a, b) => (a.name < b.name ? -1 : 1));
  const snapshots = new Map(records.filter(({ type }) => type === 'snapshot').map(each => [each.host, each]));
  const lines = [{ ...records.find(({ type }) => type === 'run'), id, hostCount: count }];
  lines.push(...records.filter(({ type }) => type === 'layout'));
  for (let n = 0; n < count; n++) {
    const host = hosts[n % hosts.length];
    const name = `web${String(n).padStart(5, '0')}`;
    const snapshot = snapshots.get(host.name);
    if (snapshot !== undefined) lines.push({ ...snapshot, host: name });
    const verdicts = Object.fromEntries(Object.keys(host.verdicts).map(rule => [rule, 'pass']));
    lines.push(fixes && n % 3 === 0 ? { ...host, name, findings: [], verdicts } : { ...host, name });
  }
  lines.push(records.find(({ type }) => type === 'end'));
  return `${lines.map(line => JSON.stringify(line)).join('\n')}\n`;
}

const figures = {};
try {
  for (const n of [1, 2])
    execFileSync(process.execPath, [program, 'demo', '-q', '--interval', '1'], {
      env,
      stdio: 'ignore',
      timeout: n * 60_000,
    });
  const [first, second] = readdirSync(runs).sort();
  for (const [file, id, fixes] of [
    [first, 'before', false],
    [second, 'after', true],
  ]) {
    const text = readFileSync(join(runs, file), 'utf8');
    rmSync(join(runs, file));
    writeFileSync(join(runs, `${id}.ndjson`), multiplied(text, { id, fixes }));
  }
  const mib = bytes => Math.round(bytes / 2 ** 20);
  figures.runs = { hosts: count, mibEach: mib(statSync(join(runs, 'after.ndjson')).size) };
  for (const format of ['table', 'json', 'html']) {
    const out = join(directory, `out.${format}`);
    const args = [
      '--import',
      usageHook,
      program,
      'diff',
      'before',
      'after',
      '--fail-on',
      'never',
      '--allow-incomplete',
    ];
    writeFileSync(out, execFileSync(process.execPath, [...args, '-f', format], { env, maxBuffer: 2 ** 30 }));
    const { wallMs, cpuMs, rssMiB } = JSON.parse(readFileSync(env.BENCH_USAGE, 'utf8'));
    figures[format] = {
      wallMs: Math.round(wallMs),
      cpuMs: Math.round(cpuMs),
      rssMiB: Math.round(rssMiB),
      kib: Math.round(statSync(out).size / 1_024),
    };
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
console.log(JSON.stringify(figures, null, 2));
