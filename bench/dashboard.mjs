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

const finding = (state, rate) => ({
  rule: 'tw-recycle',
  severity: state === 'firing' ? 'critical' : 'medium',
  state,
  title: state === 'firing' ? 'tcp_tw_recycle is dropping SYNs now' : 'tcp_tw_recycle waits for the first NAT',
  because: 'SYNs are being dropped now.',
  confidence: 'certain',
  remedy: null,
  waived: null,
  evidence: [{ source: 'proc/net/netstat', field: 'TcpExt.PAWSPassive', value: 5120, earlier: 5001, perSecond: rate }],
});
const systems = [
  'CentOS Linux 7 (Core)',
  'Debian GNU/Linux 9 (stretch)',
  'Ubuntu 24.04.1 LTS',
  'Rocky Linux 9.4 (Blue Onyx)',
];
/** A fleet as people have it: many kernels, several states, one host in 50 that does not answer. */
function result(i) {
  const state = i % 9 === 0 ? 'firing' : i % 7 === 0 ? 'latent' : null;
  const isLost = i % 50 === 1;
  return {
    name: `web${i}.example.com`,
    groups: [`group${i % 40}`],
    address: `10.0.${i >> 8}.${i & 255}`,
    outcome: isLost ? 'unreachable' : 'audited',
    kernel: isLost ? null : `${3 + (i % 4)}.${i % 20}.0-${1000 + (i % 61)}.el7.x86_64`,
    cohort: isLost ? null : `c${i % 7}`,
    os: isLost ? null : systems[i % 4],
    primary: state,
    error: isLost
      ? { phase: 'connect', code: 'refused', message: 'connection refused', hint: 'is sshd there?', retryable: true }
      : null,
    timing: { connectMs: 4, totalMs: 2100 },
    unread: {},
    notes: [],
    findings: state === null || isLost ? [] : [finding(state, i % 100)],
    verdicts: Object.fromEntries(
      rules.map(({ id }, n) => [id, n === 0 && state !== null ? 'fail' : n % 5 === 4 ? 'notchecked' : 'pass']),
    ),
    notChecked: {},
    settings: {},
    clients: isLost
      ? null
      : {
          connections: 200,
          addresses: 20,
          shared: i % 3 === 0 ? [{ address: '10.8.0.5', connections: i % 200, because: ['declared:vpc'] }] : [],
        },
    namespaces: [],
    quiet: null,
  };
}
const rules = ['tw-recycle', ...Array.from({ length: 28 }, (_, i) => `rule-${i}`)].map(id => ({
  id,
  title: `${id} is well`,
  sections: [],
}));
/** Hosts answer in no order: every index once, by steps that share no factor with their number. */
const order = Array.from({ length: hosts }, (_, i) => (i * 7919) % hosts);

const dashboard = openDashboard({
  setup: {
    command: 'bench',
    rules,
    commands: () => [],
    canRetry: false,
    canExport: false,
    canFix: false,
    watchSeconds: null,
  },
  theme: { color: true, ascii: false },
  input,
  output,
  requests: { interrupt() {}, retry() {}, export: () => '', fix: async () => [] },
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

/** Hosts come 100 at a time, as a run of 1,000 a second brings them between two batches; a key between. */
const [batches, keys, settled] = [[], [], []];
const moves = [
  'j',
  'j',
  '\x1b[6~',
  'k',
  'G',
  'g',
  's',
  's',
  'f',
  'S',
  '1',
  'j',
  '2',
  '4',
  'G',
  '5',
  'j',
  '2',
  's',
  '/',
  '4',
  '\r',
];
const slowest = { key: '', ms: 0 };
const cpu = [];
/**
 * From an action until the terminal has the frame that it led to; React draws in a task of its own. Processor time (all threads)
 * is told apart: on a machine that does other things, too, only that compares.
 */
async function timed(into, act, key) {
  const used = process.cpuUsage();
  const began = performance.now();
  act();
  await new Promise(resolve => setImmediate(() => setImmediate(resolve)));
  if (output.at < began) return;
  const { user, system } = process.cpuUsage(used);
  cpu.push((user + system) / 1_000);
  into.push(output.at - began);
  if (key !== undefined && output.at - began > slowest.ms)
    Object.assign(slowest, { key, ms: +(output.at - began).toFixed(1) });
}
for (let i = 0; i < hosts; i++) {
  dashboard.accept({ type: 'host', result: result(order[i]), snapshot: null });
  if (i % 100 !== 99) continue;
  await timed(batches, () => dashboard.data()); // shows what is gathered
  const key = moves[Math.floor(i / 100) % moves.length];
  await timed(keys, () => press(key), key);
}
for (let i = 0; i < 600; i++) {
  const key = moves[i % moves.length];
  await timed(settled, () => press(key), key);
}
/** A watch: everything is there, and 100 hosts at a time answer anew; in each of the views of lists. */
const rounds = { fleet: [], hosts: [], rules: [], problems: [] };
for (const [i, view] of Object.keys(rounds).entries()) {
  press('1245'[i]);
  for (let i = 0; i < 100; i++) {
    for (let j = 0; j < 100; j++)
      dashboard.accept({ type: 'host', result: result(order[i * 100 + j]), snapshot: null });
    await timed(rounds[view], () => dashboard.data());
  }
}
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
    frameOfFullFleetMs: stats(Object.values(rounds).flat()),
    p50ByView: Object.fromEntries(Object.entries(rounds).map(([view, values]) => [view, stats(values).p50])),
    cpuMs: stats(cpu),
    slowest,
    terminalKiB: Math.round(output.bytes / 1024),
    rssMiB: memory,
  }),
);
process.exit(0);
