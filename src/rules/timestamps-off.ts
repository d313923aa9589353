/**
 * Timestamps off is old advice against tcp_tw_recycle, and for speed. It loses nothing today; it takes away what keeps old
 * segments apart (PAWS), measures round trips, and lets a port be used again. Source: RFC 7323; kernel-facts A6.
 */
import type { Facts } from '../model/facts.ts';
import { ok } from '../model/reading.ts';
import type { Evidence, Finding, Judgement, Remedy } from '../model/rule.ts';
import { defineRule } from './define.ts';
import { settingOf } from './inputs.ts';
import { settingEvidence } from './movement.ts';
import { recycleKey, recycleOf, type Switch, switchOf, timestampsKey, withoutRecycle } from './recycle-switch.ts';

const fix = {
  summary: `${timestampsKey}=1, the default`,
  set: { [timestampsKey]: '1' },
  risk: '12 bytes more in each segment of new connections; with net.ipv4.tcp_tw_recycle on it would drop SYNs, so that must be 0 first',
} as const;

export default defineRule({
  id: 'timestamps-off',
  title: 'TCP timestamps are on',
  summary:
    'No SYN is lost, but connections are less robust, and ports that were just used are free later than they could be.',
  mechanism: [
    'Timestamps let the receiver tell old segments from new ones when sequence numbers wrap (PAWS), within seconds on fast links.',
    'They give a round-trip time for every segment, also for repeated ones, and so better timeouts.',
    'A SYN from a port that is still in TIME_WAIT is accepted if its timestamp is newer; without timestamps only its sequence number counts.',
    'tcp_tw_reuse of outgoing connections needs them as well, and SYN cookies carry window scaling and SACK in them.',
    'Where tcp_tw_recycle is on, timestamps off only hide it, and from Linux 3.17 on make it worse for the first minute.',
  ],
  proof: 'The running value of net.ipv4.tcp_timestamps is 0. 2 is on, too: without the random offset.',
  fix,
  references: [
    { title: 'RFC 7323: TCP Extensions for High Performance', url: 'https://www.rfc-editor.org/rfc/rfc7323' },
    {
      title: 'RFC 6191: Reducing the TIME-WAIT State Using TCP Timestamps',
      url: 'https://www.rfc-editor.org/rfc/rfc6191',
    },
    { title: 'ip-sysctl, tcp_timestamps', url: 'https://docs.kernel.org/networking/ip-sysctl.html' },
  ],
  reads: { timestamps: settingOf(timestampsKey) },
  check: (facts, { inputs }) => {
    const timestamps = switchOf(ok(inputs.timestamps));
    if (timestamps.state === 'hidden') {
      return { verdict: 'notchecked', because: `${timestampsKey}: ${timestamps.why}.` };
    }
    if (timestamps.state === 'on') return { verdict: 'pass', because: `${timestampsKey} is ${timestamps.text}.` };
    return found(facts, recycleOf(facts));
  },
  examples: [
    {
      name: 'off',
      host: { settings: { [timestampsKey]: '0' }, counters: {} },
      verdict: 'fail',
      state: 'off',
      severity: 'low',
    },
    {
      name: 'off, which hides tcp_tw_recycle',
      host: { settings: { [timestampsKey]: '0', [recycleKey]: '1' }, counters: { 'TcpExt.PAWSPassive': [215, 215] } },
      verdict: 'fail',
      state: 'hides-recycle',
      severity: 'low',
    },
    { name: 'on', host: { settings: { [timestampsKey]: '1' } }, verdict: 'pass' },
    { name: 'on, without a random offset', host: { settings: { [timestampsKey]: '2' } }, verdict: 'pass' },
    { name: 'not a number', host: { settings: { [timestampsKey]: 'off' } }, verdict: 'notchecked' },
    { name: 'sysctls could not be read', host: { ipv4Readable: false }, verdict: 'notchecked' },
    { name: 'a network namespace without the key', host: {}, verdict: 'notapplicable' },
  ],
});

const cost = 'Costs protection against old segments (PAWS), round-trip times, and early reuse of ports.';

function found(facts: Facts, recycle: Switch): Judgement {
  const common = { verdict: 'fail', severity: 'low', confidence: 'certain' } as const;
  const evidence = settingEvidence(timestampsKey, ok('0'));
  if (recycle.state === 'on') {
    return {
      ...common,
      state: 'hides-recycle',
      title: 'TCP timestamps are off, which hides tcp_tw_recycle',
      because: `${timestampsKey} is 0 while ${recycleKey} is ${recycle.text}. The way out is ${recycleKey}=0 first, and timestamps back to 1 after that: the other way round SYNs are dropped. ${cost}`,
      evidence: [...evidence, ...recycleEvidence(recycle)],
      remedy: recycleFirst,
    };
  }
  const unseen = recycle.state === 'hidden' && withoutRecycle(facts) === null;
  const caution = unseen ? [`${recycleKey} is not visible from here (${recycle.why}); it must be 0 first.`] : [];
  return {
    ...common,
    state: 'off',
    title: 'TCP timestamps are off',
    because: [`${timestampsKey} is 0.`, cost, ...caution].join(' '),
    evidence: [...evidence, ...recycleEvidence(recycle)],
    remedy: unseen ? recycleFirst : { ...fix, undo: { [timestampsKey]: '0' } },
  };
}

const recycleEvidence = (recycle: Switch): readonly Evidence[] =>
  recycle.state === 'hidden' ? [] : settingEvidence(recycleKey, ok(recycle.text));

/** Nothing is set here: done before the fix of tw-recycle, it would start the fault. */
const recycleFirst: Remedy = {
  summary: `first ${recycleKey}=0 (rule tw-recycle), after that ${timestampsKey}=1`,
  set: {},
  risk: 'in the wrong order SYNs are dropped',
  undo: {},
} satisfies Finding['remedy'];
