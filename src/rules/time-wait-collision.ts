/**
 * A SYN comes from an address and port whose last connection is still in TIME_WAIT on this server, and its timestamp is older:
 * NAT gave the port to another client, or the client's timestamps jump. The server answers with an ACK of the old connection.
 * Source: tcp_timewait_state_process() in net/ipv4/tcp_minisocks.c; kernel-facts B8, B25.
 */
import { known } from '../model/reading.ts';
import type { Evidence, Remedy } from '../model/rule.ts';
import type { SocketTable } from '../model/snapshot.ts';
import { defineRule } from './define.ts';
import { optional, settingOf, socketTable } from './inputs.ts';
import { lateAnswers } from './late-answers.ts';
import { judgeMovement, type Movement, settingEvidence } from './movement.ts';
import { switchOf } from './recycle-switch.ts';
import { timeWaitCollisionExamples } from './time-wait-collision-examples.ts';
import { fix, timeWaitCollisionText } from './time-wait-collision-text.ts';
import { collisionInputs, collisionsOf } from './time-wait-counters.ts';
import { counted, listed } from './wording.ts';

const rfc1337 = 'net.ipv4.tcp_rfc1337';

export default defineRule({
  ...timeWaitCollisionText,
  reads: {
    ...collisionInputs,
    rfc1337: optional(settingOf(rfc1337)),
    sockets: optional(socketTable),
  },
  parameters: lateAnswers,
  check: (facts, { inputs, parameters }) => {
    const collisions = collisionsOf(inputs, parameters.perHour);
    if (collisions.kind === 'untold') return { verdict: 'notchecked', because: collisions.because };

    const { movement, support, direct } = collisions;
    const holders = holdersOf(known(inputs.sockets));
    return judgeMovement(movement, facts, {
      title: { active: 'SYNs meet their own TIME_WAIT sockets', past: 'SYNs have met their own TIME_WAIT sockets' },
      lead: {
        active: 'SYNs from ports that are still in TIME_WAIT are answered late, with an ACK of the old connection',
        past: 'SYNs from ports that were still in TIME_WAIT were answered late, with an ACK of the old connection',
      },
      because: [
        ...(direct ? [] : ['TCPACKSkippedTimeWait and PAWSEstab rose together; this kernel has no PAWSTimewait.']),
        ...holdersInWords(holders),
        switchOf(inputs.rfc1337).state === 'on' ? strict : retry,
      ],
      evidence: [...support, ...holders.map(holderEvidence), ...settingEvidence(rfc1337, inputs.rfc1337)],
      remedy,
      confidence: direct ? 'high' : 'medium',
      severity: { active: isOften(movement, parameters.perSecond) ? 'high' : 'medium', past: 'medium' },
    });
  },
  examples: timeWaitCollisionExamples,
});

/** Late is no drop: only what happens often is high. A rate that is not known is not often. */
const isOften = ({ counter: { perSecond } }: Movement, threshold: number): boolean =>
  perSecond !== undefined && perSecond >= threshold;

interface Holder {
  readonly address: string;
  readonly timeWait: number;
}

/**
 * From here on an address is named: 282 ports are 1 % of the 28,232 that a Linux client has by default, so that a random one
 * of them is taken once in a hundred times.
 */
const fewestNamed = 282;
const mostNamed = 2;

/** The addresses for which most TIME_WAIT sockets stand, over all listening ports. */
function holdersOf(sockets: SocketTable | undefined): readonly Holder[] {
  const byAddress = new Map<string, number>();
  for (const { address, states } of sockets?.peers ?? []) {
    byAddress.set(address, (byAddress.get(address) ?? 0) + (states.TIME_WAIT ?? 0));
  }
  return [...byAddress]
    .map(([address, timeWait]) => ({ address, timeWait }))
    .filter(({ timeWait }) => timeWait >= fewestNamed)
    .sort((a, b) => b.timeWait - a.timeWait || (a.address < b.address ? -1 : 1))
    .slice(0, mostNamed);
}

function holdersInWords(holders: readonly Holder[]): readonly string[] {
  if (holders.length === 0) return [];
  const named = holders.map(({ address, timeWait }) => `${counted(timeWait, 'TIME_WAIT socket')} of ${address}`);
  return [`Here now: ${listed(named)}, each of which blocks a port of that address for 60 s.`];
}

const holderEvidence = ({ address, timeWait }: Holder): Evidence => ({
  source: 'proc/net/tcp',
  field: `${address} TIME_WAIT`,
  value: timeWait,
});

const retry = 'The client resets the old connection and tries again: newer Linux clients at once, others after 1 s.';
const strict =
  'net.ipv4.tcp_rfc1337 is on, so the RST with which the client tries to end that changes nothing: see rule rfc1337.';

const remedy: Remedy = { ...fix, undo: {} };
