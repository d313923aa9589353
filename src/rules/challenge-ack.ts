/**
 * A SYN comes for a connection that this server still has open: NAT, a load balancer or a rebooted client forgot it and uses
 * the port again. The server answers with a challenge ACK instead of a SYN-ACK; the client must reset the old one first.
 * Source: tcp_validate_incoming() in net/ipv4/tcp_input.c, RFC 5961 section 4; kernel-facts B10.
 */
import { known, type Reading } from '../model/reading.ts';
import type { Evidence, Remedy } from '../model/rule.ts';
import type { CounterReading, SocketTable } from '../model/snapshot.ts';
import { challengeAckExamples } from './challenge-ack-examples.ts';
import { challengeAckText, keepalive, manual, patience } from './challenge-ack-text.ts';
import { defineRule } from './define.ts';
import { counterOf, optional, settingOf, socketTable } from './inputs.ts';
import { writtenInteger } from './integer.ts';
import { lateAnswers } from './late-answers.ts';
import { evidenceIfRead, judgeMovement, movementOf, settingEvidence } from './movement.ts';
import { counted } from './wording.ts';

export default defineRule({
  ...challengeAckText,
  reads: {
    challenged: counterOf('proc/net/netstat', 'TcpExt.TCPSYNChallenge'),
    sent: optional(counterOf('proc/net/netstat', 'TcpExt.TCPChallengeACK')),
    accepted: optional(counterOf('proc/net/snmp', 'Tcp.PassiveOpens')),
    opened: optional(counterOf('proc/net/snmp', 'Tcp.ActiveOpens')),
    idle: optional(settingOf(keepalive)),
    sockets: optional(socketTable),
  },
  parameters: lateAnswers,
  check: (facts, { inputs: { challenged, sent, accepted, opened, idle, sockets }, parameters }) => {
    const client = opensMore(opened, accepted);
    const movement = movementOf(challenged, { ...parameters, shareOf: client ? opened : accepted });
    return judgeMovement(movement, facts, {
      title: {
        active: 'SYNs meet connections that are still open',
        past: 'SYNs have met connections that were still open',
      },
      lead: {
        active: 'SYNs for connections that are open here are answered with a challenge ACK, not with a SYN-ACK',
        past: 'SYNs for connections that were open here were answered with a challenge ACK, not with a SYN-ACK',
      },
      because: [
        ...(client ? [asClient] : []),
        ...waitingInWords(known(sockets)),
        'The other side forgot these connections, mostly because they were idle for longer than a NAT or load balancer keeps them.',
      ],
      evidence: [...evidenceIfRead(sent), ...waitingEvidence(known(sockets)), ...settingEvidence(keepalive, idle)],
      remedy: remedyFor(known(idle)),
      confidence: client ? 'medium' : 'high',
    });
  },
  examples: challengeAckExamples,
});

/** Measured: a SYN-ACK that comes twice raises the counter on the client, where nobody waits for anything. */
const asClient =
  'This host opens more connections than it accepts, and SYN-ACKs that come twice on these are counted here, too.';

/** Between the samples if there were two, else since boot. */
function opensMore(opened: Reading<CounterReading>, accepted: Reading<CounterReading>): boolean {
  const grown = ({ value, earlier = 0 }: CounterReading): number => value - earlier;
  return opened.state === 'ok' && accepted.state === 'ok' && grown(opened.value) > grown(accepted.value);
}

/** As many connections that the program did not close are no accident. */
const fewestWaiting = 100;

const waitingOf = (sockets: SocketTable | undefined): number => sockets?.states.CLOSE_WAIT ?? 0;

const waitingInWords = (sockets: SocketTable | undefined): readonly string[] =>
  waitingOf(sockets) < fewestWaiting
    ? []
    : [
        `${counted(waitingOf(sockets), 'connection')} in CLOSE_WAIT: a program here does not close what its clients closed.`,
      ];

const waitingEvidence = (sockets: SocketTable | undefined): readonly Evidence[] =>
  waitingOf(sockets) < fewestWaiting
    ? []
    : [{ source: 'proc/net/tcp', field: 'CLOSE_WAIT', value: waitingOf(sockets) }];

/** Keepalive helps only where it is rarer than the patience of the networks between. */
function remedyFor(idle: string | undefined): Remedy {
  const running = idle === undefined ? null : writtenInteger(idle);
  if (running === null || running <= patience) return { ...manual, undo: {} };
  return { ...challengeAckText.fix, undo: { [keepalive]: String(running) } };
}
