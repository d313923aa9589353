/**
 * The dashboard with 10,000 hosts, drawn for real into a terminal that swallows: time per frame while results stream in and while
 * keys are pressed, and memory. Prints one JSON line. Needs `npm run modules`. `node bench/dashboard.mjs [hosts]`
 */
process.env.NODE_ENV = 'production';
delete process.env.CI;
const { EventEmitter } = await import('node:events');
const { openDashboard } = await import('../modules/ui/open.js');

const hosts = Number(process.argv[2] ?? 10_000);
const [columns, rows] = [200, 60];

const output = Object.assign(new EventEmitter(), {
  columns,
  rows,
  bytes: 0,
  at: 0,
  write(text) {
    output.bytes += text.length;
    output.at = performance.now();
    return true;
  },
});
const input = Object.assign(new EventEmitter(), {
  isTTY: true,
  pending: [],
  setEncoding() {},
  setRawMode() {},
  ref() {},
  unref() {},
  pause() {},
  resume() {},
  read: () => input.pending.shift() ?? null,
});
const press = key => {
  input.pending.push(key);
  input.emit('readable');
};

const finding = rate => ({
  rule: 'tw-recycle',
  severity: 'critical',
  state: 'firing',
  title: 'tcp_tw_recycle is dropping SYNs now',
  because: 'SYNs are being dropped now.',
  confidence: 'certain',
  remedy: null,
  waived: null,
  evidence: [{ source: 'proc/net/netstat', field: 'TcpExt.PAWSPassive', value: 5120, earlier: 5001, perSecond: rate }],
});
const result = i => ({
  name: `web${i}.example.com`,
  groups: [`group${i % 40}`],
  address: `10.0.${i >> 8}.${i & 255}`,
  outcome: 'audited',
  kernel: '3.10.0-1160.el7.x86_64',
  cohort: `c${i % 7}`,
  os: 'CentOS Linux 7 (Core)',
  primary: i % 9 === 0 ? 'tw-recycle' : null,
  error: null,
  timing: { connectMs: 4, totalMs: 2100 },
  unread: {},
  notes: [],
  findings: i % 9 === 0 ? [finding(i % 100)] : [],
  verdicts: { 'tw-recycle': i % 9 === 0 ? 'fail' : 'pass' },
  notChecked: {},
  settings: {},
  clients: { connections: 200, addresses: 20, shared: [] },
  namespaces: [],
  quiet: null,
});

const dashboard = openDashboard({
  setup: { command: 'bench', rules: [], commands: () => [], canRetry: false, canExport: false, watchSeconds: null },
  theme: { color: true, ascii: false },
  input,
  output,
  requests: { interrupt() {}, retry() {}, export: () => '' },
});
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const percentile = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
const stats = values => ({
  n: values.length,
  p50: +percentile(values, 0.5).toFixed(1),
  p99: +percentile(values, 0.99).toFixed(1),
  max: +Math.max(...values).toFixed(1),
});

await sleep(100);
dashboard.accept({
  type: 'run',
  run: {
    id: 'bench',
    startedAt: new Date().toISOString(),
    version: '0',
    profile: 'audit',
    intervalMs: 2000,
    subject: 'bench',
    hostCount: hosts,
    failOn: 'high',
    allowIncomplete: false,
  },
});
press('2');

/** Hosts come 20 at a time, as fast as a run of 1,000 a second would bring them; a key between. */
const [batches, keys, settled] = [[], [], []];
const moves = ['j', 'j', '\x1b[6~', 'k', 'G', 'g', 's', 'f', '1', '2', '4', '5', '2'];
/** From an action until the terminal has the frame that it led to; React draws in a task of its own. */
async function timed(into, act) {
  const began = performance.now();
  act();
  await new Promise(resolve => setImmediate(() => setImmediate(resolve)));
  if (output.at >= began) into.push(output.at - began);
}
for (let i = 0; i < hosts; i++) {
  dashboard.accept({ type: 'host', result: result(i), snapshot: null });
  if (i % 100 !== 99) continue;
  await timed(batches, () => dashboard.data()); // shows what is gathered
  await timed(keys, () => press(moves[Math.floor(i / 100) % moves.length]));
}
for (let i = 0; i < 300; i++) await timed(settled, () => press(moves[i % moves.length]));
globalThis.gc?.();
const memory = Math.round(process.memoryUsage().rss / 1_048_576);
dashboard.close();
console.log(
  JSON.stringify({
    hosts,
    columns,
    rows,
    frameMs: stats(batches),
    keyWhileRunningMs: stats(keys),
    keyMs: stats(settled),
    terminalKiB: Math.round(output.bytes / 1024),
    rssMiB: memory,
  }),
);
process.exit(0);
