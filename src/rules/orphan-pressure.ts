/**
 * Connections that the program closed, but whose last data the peer has not taken, are orphans; beyond tcp_max_orphans they
 * are reset and that data is lost. It is a reset and no silence, and no SYN is lost, so this is never high.
 * Source: tcp_check_oom() in net/ipv4/tcp.c, tcp_out_of_resources() in net/ipv4/tcp_timer.c; kernel-facts B39.
 */
import { ok } from '../model/reading.ts';
import type { Judgement, Remedy } from '../model/rule.ts';
import type { CounterReading } from '../model/snapshot.ts';
import { defineRule } from './define.ts';
import { counterOf, settingOf } from './inputs.ts';
import { writtenInteger } from './integer.ts';
import { nearLimit, percentOf } from './levels.ts';
import { counterEvidence, gaugeEvidence, risingInWords, settingEvidence } from './movement.ts';
import { count, counted, rate } from './wording.ts';

const key = 'net.ipv4.tcp_max_orphans';

const fix = {
  summary: `find out whose clients take their data so slowly; if they are meant to be that many, twice the ${key}`,
  set: {},
  risk: 'each orphan may hold up to about 64 KB of memory that cannot be swapped out',
} as const;

export default defineRule({
  id: 'orphan-pressure',
  title: 'orphaned connections have room',
  summary:
    'The end of a response is missing, or a connection is reset while it closes: the host has too many closing connections.',
  mechanism: [
    'When a program closes a socket, the kernel still has to deliver what is in its send buffer: the socket is an orphan.',
    'Clients that are slow or gone keep orphans for minutes.',
    'Beyond tcp_max_orphans an orphan is reset when it arises, and its data is thrown away.',
    'Orphans whose peer takes nothing for long are counted twice or four times, so that resets begin at a quarter of the limit.',
    'The number and its limit are those of the whole machine.',
  ],
  proof:
    'orphan of /proc/net/sockstat against tcp_max_orphans, and TcpExt.TCPAbortOnMemory rises; with few orphans that counter means TCP memory (rule tcp-memory-pressure). The kernel logs "too many orphaned sockets".',
  fix,
  references: [
    { title: 'ip-sysctl, tcp_max_orphans', url: 'https://docs.kernel.org/networking/ip-sysctl.html' },
    { title: 'tcp(7), tcp_max_orphans', url: 'https://man7.org/linux/man-pages/man7/tcp.7.html' },
  ],
  reads: {
    orphans: counterOf('proc/net/sockstat', 'TCP.orphan'),
    limit: settingOf(key),
    aborted: counterOf('proc/net/netstat', 'TcpExt.TCPAbortOnMemory'),
  },
  parameters: nearLimit,
  wholeMachine: true,
  check: (facts, { inputs: { orphans, limit: text, aborted }, parameters }) => {
    const limit = writtenInteger(text);
    if (limit === null) return { verdict: 'notchecked', because: `${key} is not a number.` };
    const percent = percentOf(orphans.value, limit);
    const level = levelInWords(orphans, limit);
    const found = { orphans, limit, aborted };
    if (aborted.earlier !== undefined && aborted.value > aborted.earlier && percent >= penalised) {
      return finding('active', found, `Orphans are reset: ${risingInWords(aborted, facts)}. ${level}`);
    }
    if (percent >= parameters.percent) return finding('latent', found, level);
    return { verdict: 'pass', because: level };
  },
  examples: [
    {
      name: 'orphans are reset now',
      host: {
        settings: { [key]: '16384' },
        counters: { 'TCP.orphan': [16_380, 16_384], 'TcpExt.TCPAbortOnMemory': [900, 960] },
      },
      verdict: 'fail',
      state: 'active',
      severity: 'medium',
    },
    {
      name: 'nearly as many as may be',
      host: { settings: { [key]: '16384' }, counters: { 'TCP.orphan': 15_100, 'TcpExt.TCPAbortOnMemory': 0 } },
      verdict: 'fail',
      state: 'latent',
      severity: 'low',
    },
    {
      name: 'connections are reset, and it is not for orphans',
      host: { settings: { [key]: '16384' }, counters: { 'TCP.orphan': [3, 3], 'TcpExt.TCPAbortOnMemory': [900, 960] } },
      verdict: 'pass',
    },
    {
      name: 'not a number',
      host: { settings: { [key]: 'many' }, counters: { 'TCP.orphan': 0, 'TcpExt.TCPAbortOnMemory': 0 } },
      verdict: 'notchecked',
    },
    { name: 'no counters', host: { settings: { [key]: '16384' } }, verdict: 'notchecked' },
    {
      name: 'a network namespace without the key',
      host: { counters: { 'TCP.orphan': 0, 'TcpExt.TCPAbortOnMemory': 0 } },
      verdict: 'notapplicable',
    },
  ],
});

/** Orphans of dead peers count up to four times: tcp_out_of_resources() shifts their number by 2 at most. Unit: %. */
const penalised = 25;

interface Found {
  readonly orphans: CounterReading;
  readonly limit: number;
  readonly aborted: CounterReading;
}

function finding(state: 'active' | 'latent', { orphans, limit, aborted }: Found, because: string): Judgement {
  const active = state === 'active';
  const level = [gaugeEvidence(orphans), ...settingEvidence(key, ok(String(limit)))];
  return {
    verdict: 'fail',
    severity: active ? 'medium' : 'low',
    state,
    title: active ? 'orphaned connections are reset' : 'nearly as many orphaned connections as may be',
    because: `${because} Their last data is lost when they are reset; no SYN is.`,
    confidence: active ? 'medium' : 'high',
    evidence: active ? [counterEvidence(aborted), ...level] : [...level, counterEvidence(aborted)],
    remedy: { ...fix, undo: {} } satisfies Remedy,
  };
}

function levelInWords({ value }: CounterReading, limit: number): string {
  const part = limit > 0 ? ` (${rate(percentOf(value, limit))} %)` : '';
  return `${counted(value, 'orphaned connection')} of ${count(limit)}${part} now.`;
}
