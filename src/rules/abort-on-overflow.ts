/**
 * A full accept queue normally makes the server silent: it drops the last packet of the handshake, and the client tries again.
 * With tcp_abort_on_overflow it answers with a RST, so that a short stall of the program becomes a failed connection.
 * Source: tcp_check_req() in net/ipv4/tcp_minisocks.c; kernel-facts B6.
 */
import { known, type Reading } from '../model/reading.ts';
import type { Evidence, Judgement, Remedy } from '../model/rule.ts';
import type { CounterReading } from '../model/snapshot.ts';
import { defineRule } from './define.ts';
import { counterOf, optional, settingOf } from './inputs.ts';
import { writtenInteger } from './integer.ts';
import { counterEvidence, evidenceIfRead, risingInWords } from './movement.ts';
import { rises } from './recycle-switch.ts';
import { count } from './wording.ts';

const key = 'net.ipv4.tcp_abort_on_overflow';

const fix = {
  summary: 'net.ipv4.tcp_abort_on_overflow=0: clients try again instead of failing; then find out why a queue is full',
  set: { [key]: '0' },
  risk: 'clients of an overloaded listener wait for seconds instead of failing at once, which some load balancers rely on',
} as const;

export default defineRule({
  id: 'abort-on-overflow',
  title: 'a full accept queue does not reset connections',
  summary: 'Clients get "connection reset" in bursts of load, though the service is up a moment later.',
  mechanism: [
    'A handshake ends with a packet of the client; then the connection waits in the accept queue until the program takes it.',
    'If the queue is full, Linux ignores that packet: the server sends its SYN-ACK again, and mostly there is room by then.',
    'With net.ipv4.tcp_abort_on_overflow=1 it sends a RST instead, and the request is gone.',
    'The client, for which the connection was open already, sees "connection reset by peer".',
    'Only handshakes under way are reset; a SYN that meets a full queue is dropped either way.',
  ],
  proof:
    'The setting is 1, and ListenOverflows rises. EmbryonicRsts rises with it: half-open requests that ended with a RST.',
  fix,
  references: [
    {
      title: 'ip-sysctl: tcp_abort_on_overflow',
      url: 'https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html',
    },
    { title: 'tcp(7), tcp_abort_on_overflow', url: 'https://man7.org/linux/man-pages/man7/tcp.7.html' },
  ],
  reads: {
    abort: settingOf(key),
    overflows: optional(counterOf('proc/net/netstat', 'TcpExt.ListenOverflows')),
    embryonic: optional(counterOf('proc/net/netstat', 'TcpExt.EmbryonicRsts')),
    resets: optional(counterOf('proc/net/snmp', 'Tcp.OutRsts')),
  },
  check: (facts, { inputs: { abort, overflows, embryonic, resets } }): Judgement => {
    const value = writtenInteger(abort);
    if (value === null) return { verdict: 'notchecked', because: `${key} is no number.` };
    if (value === 0) return { verdict: 'pass', because: `${key} is 0.` };

    const setting: Evidence = { source: 'proc/sys/net/ipv4/tcp_abort_on_overflow', field: key, value: abort };
    const remedy: Remedy = { ...fix, undo: { [key]: String(value) } };
    const counters = [embryonic, resets].flatMap(evidenceIfRead);
    const overflow = known(overflows);
    if (overflow !== undefined && rises(overflows)) {
      const proven = rises(embryonic) && rises(resets);
      return {
        verdict: 'fail',
        severity: 'high',
        state: 'active',
        title: 'a full accept queue resets connections',
        because: [
          `An accept queue overflows, and handshakes that meet it are reset: ${risingInWords(overflow, facts)}.`,
          proven
            ? 'EmbryonicRsts and OutRsts rise with it.'
            : 'EmbryonicRsts and OutRsts are not both seen to rise, so these may be SYNs, which are dropped without a RST.',
          'See rule accept-queue-overflow for the queue itself.',
        ].join(' '),
        confidence: proven ? 'high' : 'medium',
        evidence: [counterEvidence(overflow), ...counters, setting],
        remedy,
      };
    }
    return {
      verdict: 'fail',
      severity: 'medium',
      state: 'latent',
      title: 'a full accept queue would reset connections',
      because: `${key} is ${value}: when an accept queue is full, clients get a RST. ${sinceBootInWords(overflows)}`,
      confidence: 'certain',
      evidence: [setting, ...evidenceIfRead(overflows), ...counters],
      remedy,
    };
  },
  examples: [
    {
      name: 'on, and an accept queue overflows',
      host: {
        settings: { [key]: '1' },
        counters: { 'TcpExt.ListenOverflows': [7, 19], 'TcpExt.EmbryonicRsts': [3, 9], 'Tcp.OutRsts': [10, 17] },
      },
      verdict: 'fail',
      state: 'active',
      severity: 'high',
    },
    {
      name: 'on, and no queue overflows now',
      host: { settings: { [key]: '1' }, counters: { 'TcpExt.ListenOverflows': [7, 7] } },
      verdict: 'fail',
      state: 'latent',
      severity: 'medium',
    },
    {
      name: 'on, no counters',
      host: { settings: { [key]: '1' } },
      verdict: 'fail',
      state: 'latent',
      severity: 'medium',
    },
    {
      name: 'off',
      host: { settings: { [key]: '0' }, counters: { 'TcpExt.ListenOverflows': [7, 19] } },
      verdict: 'pass',
    },
    { name: 'a network namespace of its own without the key', host: { settings: {} }, verdict: 'notapplicable' },
    { name: 'settings were not collected', host: { ipv4Readable: false }, verdict: 'notchecked' },
  ],
});

function sinceBootInWords(overflows: Reading<CounterReading>): string {
  if (overflows.state !== 'ok') return 'Whether a queue ever was full is not known.';
  const { value } = overflows.value;
  return value === 0 ? 'No queue was full since boot.' : `ListenOverflows is ${count(value)} since boot.`;
}
