/**
 * More connections wait in TIME_WAIT than tcp_max_tw_buckets allows; further ones are destroyed at once. No SYN is lost, so
 * this is never high: what is lost is the protection against old segments, and a repeated FIN of the peer is answered by RST.
 * Source: inet_twsk_alloc(), tcp_time_wait() in net/ipv4/tcp_minisocks.c; kernel-facts B38.
 */
import { ok, type Reading } from '../model/reading.ts';
import type { Evidence, Judgement, Remedy } from '../model/rule.ts';
import type { CounterReading } from '../model/snapshot.ts';
import { defineRule } from './define.ts';
import { counterOf, optional, settingOf } from './inputs.ts';
import { writtenInteger } from './integer.ts';
import { nearLimit, percentOf } from './levels.ts';
import { gaugeEvidence, judgeMovement, movementOf, quietInWords, settingEvidence } from './movement.ts';
import { perHour } from './thresholds.ts';
import { count, counted, rate } from './wording.ts';

const key = 'net.ipv4.tcp_max_tw_buckets';
/** Twice the default of large machines; 128 MiB if all are used. */
const ample = 262_144;

const fix = {
  summary: `${key}=${ample}; where clients can reuse connections, or close first, fewer arise`,
  set: { [key]: String(ample) },
  risk: 'about 0.5 KB of kernel memory for each TIME_WAIT socket, 128 MiB if all are used',
} as const;

export default defineRule({
  id: 'time-wait-overflow',
  title: 'TIME_WAIT has room',
  summary:
    'Now and then a connection ends with a reset instead of a clean close, and old segments can reach a new connection.',
  mechanism: [
    'The side that closes first keeps the connection for 60 s in TIME_WAIT.',
    'tcp_max_tw_buckets bounds their number; it is a guard against floods, not a tuning knob.',
    'Beyond it the kernel destroys the connection at once, logs "time wait bucket table overflow" and counts it.',
    'If the last ACK was lost, the peer repeats its FIN and is answered with a RST.',
    'Low values come from old advice that calls TIME_WAIT a waste.',
  ],
  proof:
    'TcpExt.TCPTimeWaitOverflow rises; tw of /proc/net/sockstat stands at tcp_max_tw_buckets. It drops no SYN: ListenDrops does not follow it.',
  fix,
  references: [
    { title: 'ip-sysctl, tcp_max_tw_buckets', url: 'https://docs.kernel.org/networking/ip-sysctl.html' },
    { title: 'RFC 9293, section 3.6: Closing a Connection', url: 'https://www.rfc-editor.org/rfc/rfc9293#section-3.6' },
  ],
  reads: {
    overflows: counterOf('proc/net/netstat', 'TcpExt.TCPTimeWaitOverflow'),
    waiting: optional(counterOf('proc/net/sockstat', 'TCP.tw')),
    limit: optional(settingOf(key)),
    accepted: optional(counterOf('proc/net/snmp', 'Tcp.PassiveOpens')),
  },
  parameters: {
    ...nearLimit,
    perHour: perHour(60, 'no SYN is lost, and less than one a minute is a burst that is long over'),
  },
  check: (facts, { inputs: { overflows, waiting, limit, accepted }, parameters }) => {
    const level = levelOf(waiting, limit);
    const movement = movementOf(overflows, { perHour: parameters.perHour, shareOf: accepted });
    if (movement.kind === 'quiet') return quiet(level, quietInWords(overflows), parameters.percent);
    return judgeMovement(movement, facts, {
      title: { active: 'TIME_WAIT overflows', past: 'TIME_WAIT has overflowed' },
      lead: { active: 'Connections skip TIME_WAIT', past: 'Connections skipped TIME_WAIT' },
      because: [...levelInWords(level), 'No SYN is lost by that, but a repeated FIN is answered with a reset.'],
      evidence: level === null ? [] : levelEvidence(level),
      remedy: remedyFor(level),
      severity: { active: 'medium', past: 'low' },
    });
  },
  examples: [
    {
      name: 'it overflows now',
      host: {
        settings: { [key]: '5000' },
        counters: { 'TcpExt.TCPTimeWaitOverflow': [120_000, 120_400], 'TCP.tw': [5_000, 5_000] },
      },
      verdict: 'fail',
      state: 'active',
      severity: 'medium',
    },
    {
      name: 'it overflowed often since boot',
      host: { counters: { 'TcpExt.TCPTimeWaitOverflow': [120_000, 120_000] } },
      verdict: 'fail',
      state: 'past',
      severity: 'low',
    },
    {
      name: 'nearly full',
      host: { settings: { [key]: '5000' }, counters: { 'TcpExt.TCPTimeWaitOverflow': 0, 'TCP.tw': 4_700 } },
      verdict: 'fail',
      state: 'latent',
      severity: 'low',
    },
    {
      name: 'room enough',
      host: { settings: { [key]: '131072' }, counters: { 'TcpExt.TCPTimeWaitOverflow': [0, 0], 'TCP.tw': [812, 790] } },
      verdict: 'pass',
    },
    {
      name: 'it never overflowed, and the level is not known',
      host: { counters: { 'TcpExt.TCPTimeWaitOverflow': [0, 0] } },
      verdict: 'pass',
    },
    {
      name: 'a number without a time and without anything to compare',
      host: { uptimeSeconds: null, counters: { 'TcpExt.TCPTimeWaitOverflow': 7 } },
      verdict: 'notchecked',
    },
    { name: 'no counters', host: {}, verdict: 'notchecked' },
    { name: 'a kernel without the column', host: { counters: {} }, verdict: 'notapplicable' },
  ],
});

interface Level {
  readonly waiting: CounterReading;
  readonly limit: number;
}

/** Both numbers, or null where one is not known. */
function levelOf(waiting: Reading<CounterReading>, limit: Reading<string>): Level | null {
  const number = limit.state === 'ok' ? writtenInteger(limit.value) : null;
  return waiting.state === 'ok' && number !== null ? { waiting: waiting.value, limit: number } : null;
}

function quiet(level: Level | null, counter: string, near: number): Judgement {
  if (level === null || percentOf(level.waiting.value, level.limit) < near) {
    return { verdict: 'pass', because: [counter, ...levelInWords(level)].join(' ') };
  }
  return {
    verdict: 'fail',
    severity: 'low',
    state: 'latent',
    title: 'TIME_WAIT is nearly full',
    because: [...levelInWords(level), `None has overflowed of late: ${counter}`].join(' '),
    confidence: 'high',
    evidence: levelEvidence(level),
    remedy: remedyFor(level),
  };
}

function levelInWords(level: Level | null): readonly string[] {
  if (level === null) return ['How many sockets are in TIME_WAIT, or how many may be, is not known.'];
  const { waiting, limit } = level;
  const part = limit > 0 ? ` (${rate(percentOf(waiting.value, limit))} %)` : '';
  return [`${counted(waiting.value, 'socket')} of ${count(limit)}${part} in TIME_WAIT now.`];
}

const levelEvidence = ({ waiting, limit }: Level): readonly Evidence[] => [
  gaugeEvidence(waiting),
  ...settingEvidence(key, ok(String(limit))),
];

/** A larger limit helps only where it is small; a number that is not known is not overwritten. */
function remedyFor(level: Level | null): Remedy {
  if (level !== null && level.limit < ample) return { ...fix, undo: { [key]: String(level.limit) } };
  return {
    summary: 'let clients close first, or keep connections open for more than one request, so that fewer arise',
    set: {},
    risk: 'none on this server',
    undo: {},
  };
}
