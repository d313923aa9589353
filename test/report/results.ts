import { createTally } from '../../src/engine/summary.ts';
import type { Finding } from '../../src/model/rule.ts';
import { type HostResult, noFleet, type RunEvent, type RunInfo } from '../../src/model/run.ts';
import type { Outcome } from '../../src/model/visit.ts';
import { type FormatName, sinks } from '../../src/report/index.ts';
import type { SinkContext } from '../../src/report/sink.ts';

export const run: RunInfo = {
  id: '20261122T194947Z-3f9c01',
  startedAt: '2026-11-22T19:49:47.000Z',
  version: '0.1.0',
  profile: 'audit',
  intervalMs: 2_000,
  subject: 'inventory.yaml',
  hostCount: 0,
  failOn: 'high',
  allowIncomplete: false,
};

export const result = (name: string, change: Partial<HostResult> = {}): HostResult => ({
  name,
  groups: ['web'],
  address: `${name}.example.com`,
  hostname: name,
  outcome: 'audited',
  kernel: '6.1.0-18-amd64',
  cohort: null,
  os: 'Debian GNU/Linux 12 (bookworm)',
  primary: null,
  error: null,
  timing: { connectMs: 4, totalMs: 2_100 },
  unread: {},
  notes: [],
  findings: [],
  verdicts: { 'tw-recycle': 'notapplicable' },
  notChecked: {},
  settings: {},
  clients: null,
  namespaces: [],
  quiet: null,
  ...change,
});

export const failed = (
  name: string,
  outcome: Outcome,
  change: Partial<NonNullable<HostResult['error']>> = {},
): HostResult =>
  result(name, {
    outcome,
    verdicts: {},
    kernel: null,
    os: null,
    error: {
      phase: 'connect',
      code: 'refused',
      message: `connection refused by ${name}.example.com port 22`,
      hint: 'is sshd running, and on this port?',
      retryable: true,
      ...change,
    },
  });

export const firing = (perSecond: number, change: Partial<Finding> = {}): Finding => ({
  rule: 'tw-recycle',
  severity: 'critical',
  state: 'firing',
  title: 'tcp_tw_recycle is off',
  because: `SYNs are being dropped now: PAWSPassive +${perSecond}/s, 5,120 since boot.`,
  confidence: 'certain',
  evidence: [{ source: 'proc/net/netstat', field: 'TcpExt.PAWSPassive', value: 5_120, earlier: 5_001, perSecond }],
  remedy: {
    summary: 'net.ipv4.tcp_tw_recycle=0, keep tcp_timestamps=1.',
    set: { 'net.ipv4.tcp_tw_recycle': '0' },
    risk: 'TIME_WAIT lasts 60 s again.',
    undo: { 'net.ipv4.tcp_tw_recycle': '1' },
  },
  waived: null,
  ...change,
});

export const recycling = (name: string, perSecond: number, line = 4): HostResult =>
  result(name, {
    kernel: '3.10.0-1160.el7.x86_64',
    primary: 'tw-recycle',
    verdicts: { 'tw-recycle': 'fail' },
    findings: [firing(perSecond)],
    settings: {
      'net.ipv4.tcp_tw_recycle': { value: '1', boot: { value: '1', file: '/etc/sysctl.d/30-tuning.conf', line } },
    },
  });

export function eventsOf(results: readonly HostResult[], change: Partial<RunInfo> = {}): RunEvent[] {
  const tally = createTally();
  for (const each of results) tally.add(each);
  const info = { ...run, hostCount: results.length, ...change };
  return [
    { type: 'run', run: info },
    ...results.map(each => ({ type: 'host', result: each, snapshot: null }) as const),
    {
      type: 'end',
      finishedAt: '2026-11-22T19:50:25.000Z',
      interrupted: false,
      summary: tally.summary(info, { interrupted: false, internalError: false }),
      fleet: noFleet,
    },
  ];
}

const next = {
  always: ['synaudit report -f json'],
  ifIncomplete: 'again with --retry latest',
  ifInterrupted: 'again with --resume latest',
};

export function rendered(format: FormatName, events: readonly RunEvent[], change: Partial<SinkContext> = {}): string {
  let text = '';
  const write = (part: string) => {
    text += part;
  };
  const sink = sinks[format]({
    write,
    width: 80,
    color: false,
    verbose: false,
    next,
    glossary: () => undefined,
    ...change,
  });
  for (const event of events) sink(event);
  return text;
}
