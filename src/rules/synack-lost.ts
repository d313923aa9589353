/**
 * The server answers SYNs, and its answers do not arrive, or nothing comes back: an asymmetric route, a firewall on the way
 * out, an address that nobody has. Its half-open requests stay, and their SYN-ACKs are sent again and again. Or the SYN-ACK is
 * refused on this host itself (an OUTPUT rule): then it counts as not sent, and the request is gone with its first timeout.
 * Source: tcp_rtx_synack() in net/ipv4/tcp_output.c, reqsk_timer_handler() in net/ipv4/inet_connection_sock.c, get_openreq4()
 * in net/ipv4/tcp_ipv4.c; kernel-facts B7. Both ways were measured on 6.18.
 */
import { known, type Reading } from '../model/reading.ts';
import type { Evidence, Judgement } from '../model/rule.ts';
import type { CounterReading, SocketTable } from '../model/snapshot.ts';
import { defineRule } from './define.ts';
import { counterOf, optional, settingOf, socketTable } from './inputs.ts';
import { writtenInteger } from './integer.ts';
import { counterEvidence, evidenceIfRead, risingInWords, settingEvidence } from './movement.ts';
import { rises } from './recycle-switch.ts';
import { synackLostExamples } from './synack-lost-examples.ts';
import { local, parameters, retries, synackLostText } from './synack-lost-text.ts';
import { counted, listed, rate } from './wording.ts';

export default defineRule({
  ...synackLostText,
  reads: {
    repeated: counterOf('proc/net/netstat', 'TcpExt.TCPSynRetrans'),
    sockets: socketTable,
    timeouts: optional(counterOf('proc/net/netstat', 'TcpExt.TCPTimeouts')),
    dropped: optional(counterOf('proc/net/netstat', 'TcpExt.ListenDrops')),
    deferred: optional(counterOf('proc/net/netstat', 'TcpExt.TCPDeferAcceptDrop')),
    accepted: optional(counterOf('proc/net/snmp', 'Tcp.PassiveOpens')),
    retries: optional(settingOf(retries)),
  },
  parameters,
  check: (facts, { inputs, parameters: { requests, percent } }) => {
    const { repeated, sockets, timeouts, dropped, deferred, accepted } = inputs;
    if (repeated.earlier === undefined) {
      return notChecked(
        `TCPSynRetrans is known once only (${facts.snapshot.onlyOneSample ?? 'the counter went backwards'}).`,
      );
    }
    const waiting = requestsOf(sockets);
    const share = shareOf(waiting.repeated, known(accepted), lifetime(known(inputs.retries)));
    const isRepeated =
      repeated.value > repeated.earlier && waiting.repeated >= requests && (share ?? percent) >= percent;
    // Requests that are young at the moment of the sample have not been repeated yet: then the counter tells.
    const isStill = repeated.value === repeated.earlier;
    const isUnsent = isStill && neverLeave(waiting, { requests, timeouts: known(timeouts), accepted: known(accepted) });
    if (!isRepeated && !isUnsent) return pass(quietInWords(repeated, waiting, share));

    const other = otherReason(dropped, deferred);
    if (other !== null)
      return notChecked(`${counted(waiting.repeated + waiting.fresh, 'half-open request')}. ${other}`);
    const proof = isUnsent && timeouts.state === 'ok' ? timeouts.value : repeated;
    return {
      verdict: 'fail',
      severity: 'medium',
      state: 'active',
      title: isUnsent ? 'SYN-ACKs do not leave this host' : 'SYN-ACKs of this server stay without an answer',
      because: [
        ...(isUnsent ? unsentInWords : repeatedInWords)(risingInWords(proof, facts), sockets, share),
        'ListenDrops stands still, so no queue of a listener is full.',
      ].join(' '),
      confidence: 'medium',
      evidence: [
        counterEvidence(proof),
        ...busiest(sockets, isUnsent ? all : sentAgain).map(portEvidence),
        ...(isUnsent ? [counterEvidence(repeated)] : []),
        ...evidenceIfRead(dropped),
        ...evidenceIfRead(accepted),
        ...settingEvidence(retries, inputs.retries),
      ],
      remedy: { ...(isUnsent ? local : synackLostText.fix), undo: {} },
    };
  },
  examples: synackLostExamples,
});

const pass = (because: string): Judgement => ({ verdict: 'pass', because });
const notChecked = (because: string): Judgement => ({ verdict: 'notchecked', because });

/** Half-open requests of all ports, by whether their SYN-ACK was sent again. */
interface Requests {
  readonly repeated: number;
  readonly fresh: number;
}

const requestsOf = ({ halfOpen }: SocketTable): Requests => {
  const repeated = sum(halfOpen.map(({ retransmitted }) => retransmitted));
  return { repeated, fresh: Math.max(0, sum(halfOpen.map(({ requests }) => requests)) - repeated) };
};

interface Against {
  readonly requests: number;
  readonly timeouts: CounterReading | undefined;
  readonly accepted: CounterReading | undefined;
}

/**
 * Requests whose SYN-ACK the host itself refuses live for 1 s, until the first timeout, and none is repeated. Half as many are
 * looked for, because the client's next SYN may just be due. Timeouts of connections count as well, so most of the handshakes
 * of a second must be unfinished: with a round trip of 0.3 s a quarter is.
 */
function neverLeave({ repeated, fresh }: Requests, { requests, timeouts, accepted }: Against): boolean {
  if (timeouts?.earlier === undefined || repeated > 0 || fresh < requests / 2) return false;
  const share = shareOf(fresh, accepted, 1);
  return timeouts.value - timeouts.earlier >= fresh && share !== null && share >= mostUnfinished;
}
const mostUnfinished = 50;

/** What else lets half-open requests wait; a counter that is missing is no proof that it does not. */
function otherReason(dropped: Reading<CounterReading>, deferred: Reading<CounterReading>): string | null {
  if (known(dropped)?.earlier === undefined)
    return 'ListenDrops is not known for both samples, so it may be the listener.';
  if (rises(dropped)) return 'ListenDrops rises, too: handshakes end in a full queue, and not on the way.';
  if (rises(deferred))
    return 'TCPDeferAcceptDrop rises, too: a listener with TCP_DEFER_ACCEPT waits for data by design.';
  return null;
}

/**
 * How many of the handshakes stay unanswered. Unit: %; null where it cannot be told. A request without an answer waits for
 * `seconds`, so those that wait now are those of that time; accepted ones are counted between the samples.
 */
function shareOf(waiting: number, accepted: CounterReading | undefined, seconds: number): number | null {
  if (accepted?.perSecond === undefined) return null;
  const handshakes = waiting + accepted.perSecond * seconds;
  return handshakes > 0 ? (100 * waiting) / handshakes : null;
}

/** How long a half-open request lives: the SYN-ACK is sent again after 1, 3, 7 … s. Unit: s. */
function lifetime(text: string | undefined): number {
  const times = text === undefined ? null : writtenInteger(text);
  return 2 ** (Math.min(Math.max(times ?? usualRetries, 0), mostRetries) + 1) - 1;
}
const usualRetries = 5;
/** Beyond it every further wait is 120 s (TCP_RTO_MAX), and the estimate does not depend on it any more. */
const mostRetries = 7;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Why that is nothing. */
function quietInWords(counter: CounterReading, waiting: Requests, share: number | null): string {
  const requests = `${counted(waiting.repeated, 'half-open request')} had a SYN-ACK sent again`;
  const of = share === null ? '' : ` (${rate(share)} % of the handshakes)`;
  const now = counter.value === counter.earlier ? '; TCPSynRetrans stands still' : '';
  return `${requests}${of}${now}.`;
}

type Words = (rise: string, sockets: SocketTable, share: number | null) => readonly string[];

const repeatedInWords: Words = (rise, sockets, share) => [
  `SYNs are answered, and nothing comes back: ${rise}.`,
  `${portsInWords(sockets, sentAgain)} had their SYN-ACK sent again${share === null ? '' : `, ${rate(share)} % of the handshakes`}.`,
  'A scan or a flood with forged addresses looks the same; a capture on the client’s side tells whether the SYN-ACK arrives.',
];

const unsentInWords: Words = (rise, sockets) => [
  `SYN-ACKs time out, and none is sent again: ${rise}.`,
  `${portsInWords(sockets, all)} wait for an ACK.`,
  'So the host itself refuses to send them: a rule for what goes out, or a queue of the interface.',
];

const mostNamed = 3;

/** The ports with most of them: a host may have thousands. */
const busiest = ({ halfOpen }: SocketTable, numberOf: (port: HalfOpen) => number): readonly HalfOpen[] =>
  halfOpen
    .filter(port => numberOf(port) > 0)
    .sort((a, b) => numberOf(b) - numberOf(a))
    .slice(0, mostNamed);

const portsInWords = (sockets: SocketTable, numberOf: (port: HalfOpen) => number): string =>
  listed(busiest(sockets, numberOf).map(port => `${counted(numberOf(port), 'half-open request')} on :${port.port}`));

type HalfOpen = SocketTable['halfOpen'][number];

const all = ({ requests }: HalfOpen): number => requests;
const sentAgain = ({ retransmitted }: HalfOpen): number => retransmitted;

const portEvidence = ({ port, requests, retransmitted }: HalfOpen): Evidence => ({
  source: 'proc/net/tcp',
  field: retransmitted > 0 ? `:${port} SYN_RECV retransmitted` : `:${port} SYN_RECV`,
  value: retransmitted > 0 ? retransmitted : requests,
});
