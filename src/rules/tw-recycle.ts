/**
 * A share of connections times out, nothing is in any log: the server ignores SYNs whose timestamp lies behind one that it
 * remembers of the same address, up to 60 s after that connection closed. Clients behind NAT share an address, not a clock.
 * Source: tcp_conn_request() and tcp_peer_is_proven() in net/ipv4/tcp_{input,metrics}.c, up to Linux 4.11; kernel-facts A.
 */
import type { Facts } from '../model/facts.ts';
import type { Reading } from '../model/reading.ts';
import type { Confidence, Judgement, Severity } from '../model/rule.ts';
import type { CounterReading } from '../model/snapshot.ts';
import { clientsShare } from './clients-in-words.ts';
import { defineRule } from './define.ts';
import { counterOf, optional, settingOf } from './inputs.ts';
import { recycleOf, rejects, rises, type Switch, switchOf, timestampsKey, withoutRecycle } from './recycle-switch.ts';
import { twRecycleExamples } from './tw-recycle-examples.ts';
import { fix, twRecycleText } from './tw-recycle-text.ts';
import { evidenceOf, sentences, titles } from './tw-recycle-words.ts';
import { count } from './wording.ts';

/** Rungs of the ladder that are findings, from the top. DESIGN.md, "The headline rule". */
export type Rung = 'firing' | 'fired' | 'exposed' | 'latent' | 'inert';

/** What the ladder looks at. */
export interface Situation {
  readonly facts: Facts;
  readonly recycle: Switch;
  readonly timestamps: Switch;
  readonly rejected: Reading<CounterReading>;
  /** ListenDrops: supports, never proves. */
  readonly dropped: Reading<CounterReading>;
}

export default defineRule({
  ...twRecycleText,
  reads: {
    timestamps: optional(settingOf(timestampsKey)),
    rejected: optional(rejects),
    dropped: optional(counterOf('proc/net/netstat', 'TcpExt.ListenDrops')),
  },
  appliesNot: withoutRecycle,
  check: (facts, { inputs }) =>
    climb({
      facts,
      recycle: recycleOf(facts),
      timestamps: switchOf(inputs.timestamps),
      rejected: inputs.rejected,
      dropped: inputs.dropped,
    }),
  examples: twRecycleExamples,
});

/** The first rung that holds. */
function climb(situation: Situation): Judgement {
  const { facts, recycle, timestamps, rejected } = situation;
  const total = rejected.state === 'ok' ? rejected.value.value : 0;
  if (recycle.state === 'off') return pass(total);
  if (rises(rejected)) return finding('firing', situation);
  if (recycle.state === 'hidden') return total > 0 ? finding('fired', situation) : hidden(recycle.why, rejected);
  if (timestamps.state === 'off') return finding('inert', situation);
  if (total > 0) return finding('fired', situation);
  return finding(clientsShare(facts) ? 'exposed' : 'latent', situation);
}

function pass(total: number): Judgement {
  const history = total > 0 ? ` It was on earlier in this boot: PAWSPassive is ${count(total)}.` : '';
  return { verdict: 'pass', because: `net.ipv4.tcp_tw_recycle is 0.${history}` };
}

function hidden(why: string, rejected: Reading<CounterReading>): Judgement {
  const counters =
    rejected.state === 'ok' ? 'PAWSPassive is 0, so it has dropped nothing here' : 'PAWSPassive is unknown, too';
  return { verdict: 'notchecked', because: `net.ipv4.tcp_tw_recycle is not visible from here (${why}); ${counters}.` };
}

function finding(state: Rung, situation: Situation): Judgement {
  const { recycle, facts } = situation;
  return {
    verdict: 'fail',
    severity: state === 'latent' && facts.profile === 'readiness' ? 'high' : severities[state],
    state,
    title: titles[state],
    because: sentences(state, situation).join(' '),
    confidence: confidenceOf(state, situation),
    evidence: evidenceOf(situation),
    remedy: { ...fix, undo: { 'net.ipv4.tcp_tw_recycle': recycle.state === 'on' ? recycle.text : '1' } },
  };
}

const severities: Readonly<Record<Rung, Severity>> = {
  firing: 'critical',
  fired: 'critical',
  exposed: 'critical',
  latent: 'medium',
  inert: 'low',
};

function confidenceOf(state: Rung, { facts, recycle, timestamps, rejected }: Situation): Confidence {
  if (state === 'firing') return 'certain';
  if (rejected.state !== 'ok') return 'low';
  if (recycle.state === 'hidden' || timestamps.state === 'hidden') return 'medium';
  if (state === 'fired' || state === 'inert') return 'high';
  const { clients } = facts;
  if (clients.state !== 'ok') return 'medium';
  const known = state === 'exposed' ? clients.value.serverClosesFirst === true : clients.value.complete;
  return known ? 'high' : 'medium';
}
