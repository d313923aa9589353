/**
 * A program called listen() with backlog 0. Its queues hold one connection at most, so that every client that comes beside
 * another one is dropped; on kernels from 4.3 to the fix of January 2025 the SYN queue counts as full even when it is empty.
 * Source: sk_acceptq_is_full() in include/net/sock.h, inet_csk_reqsk_queue_is_full() in include/net/inet_connection_sock.h;
 * kernel-facts B11.
 */
import { known, type Reading, whyMissing } from '../model/reading.ts';
import type { Evidence, Judgement, Remedy } from '../model/rule.ts';
import type { CounterReading, Listener, SocketTable } from '../model/snapshot.ts';
import { defineRule } from './define.ts';
import { counterOf, optional, settingOf, socketTable } from './inputs.ts';
import { writtenInteger } from './integer.ts';
import { cookiesKey } from './last-quarter.ts';
import { listenDropInputs } from './listen-drops.ts';
import { isFull, listenersOf, queueEvidence, queueInWords, someOf } from './listener-queues.ts';
import { evidenceIfRead, judgeMovement, type Movement, movementOf, sinceBoot } from './movement.ts';
import { isGone } from './recycle-switch.ts';
import { counted } from './wording.ts';
import { zeroBacklogExamples } from './zero-backlog-examples.ts';
import { fix, zeroBacklogText } from './zero-backlog-text.ts';

const remedy: Remedy = { ...fix, undo: {} };

export default defineRule({
  ...zeroBacklogText,
  reads: {
    sockets: optional(socketTable),
    overflows: optional(listenDropInputs.overflows),
    queueFull: listenDropInputs.queueFull,
    cookies: optional(counterOf('proc/net/netstat', 'TcpExt.TCPReqQFullDoCookies')),
    drops: optional(listenDropInputs.drops),
    syncookies: optional(settingOf(cookiesKey)),
  },
  parameters: sinceBoot,
  check: (facts, { inputs, parameters: { perHour } }) => {
    const { overflows, queueFull, cookies, drops, syncookies } = inputs;
    if (inputs.sockets.state !== 'ok') {
      return { verdict: 'notchecked', because: `Sockets: ${whyMissing(inputs.sockets)}.` };
    }
    const sockets = inputs.sockets.value;
    const refused = [overflows, queueFull, ...(countsEverySyn(syncookies) ? [] : [cookies])];
    const listeners = listenersOf(sockets);
    const zero = listeners.filter(({ limit }) => limit === 0);
    if (zero.length === 0) return withoutZero(listeners, refused);

    const elsewhere = otherFullQueue(sockets, listeners);
    const movement = strongest(
      refused.flatMap(reading =>
        reading.state === 'ok' ? [movementOf(reading.value, { perHour, shareOf: drops })] : [],
      ),
    );
    if (movement === null || (movement.kind === 'rising' && elsewhere !== null)) return latent(zero, elsewhere);
    const { field } = movement.counter;
    return judgeMovement(movement, facts, {
      title: {
        active: 'a listener with backlog 0 drops connections',
        past: 'a listener has backlog 0, and connections were dropped',
      },
      lead: {
        active: 'Connections are refused a place in a queue',
        past: 'Connections were refused a place in a queue',
      },
      because: [
        zeroInWords(zero),
        'Its queue holds one connection at most, so clients that come at the same time are dropped.',
      ],
      evidence: [
        ...zero.slice(0, mostShown).flatMap(listener => [limitEvidence(listener), queueEvidence(listener)]),
        ...[...refused, drops].filter(reading => known(reading)?.field !== field).flatMap(evidenceIfRead),
      ],
      remedy,
      confidence: listeners.some(({ limit }) => limit !== null && limit > 0) ? 'high' : 'medium',
    });
  },
  examples: zeroBacklogExamples,
});

/** With tcp_syncookies=2 every SYN gets a cookie, and TCPReqQFullDoCookies says nothing of a queue. */
const countsEverySyn = (syncookies: Reading<string>): boolean =>
  syncookies.state === 'ok' && writtenInteger(syncookies.value) === 2;

/** `ss` is asked only where a queue was ever full, so a missing limit is not always a gap. */
function withoutZero(listeners: readonly Listener[], refused: readonly Reading<CounterReading>[]): Judgement {
  const unknown = listeners.filter(({ limit }) => limit === null).length;
  if (unknown === 0)
    return { verdict: 'pass', because: `None of ${counted(listeners.length, 'listener')} has backlog 0.` };
  const neverFull =
    refused.every(reading => isGone(reading) || known(reading)?.value === 0) &&
    refused.some(({ state }) => state === 'ok');
  if (neverFull) {
    return {
      verdict: 'pass',
      because: 'No queue of a listener was full since boot, so their limits were not asked for.',
    };
  }
  return {
    verdict: 'notchecked',
    because: `The limits of ${unknown} of ${counted(listeners.length, 'listener')} are not known (ss is missing, was not run, or could not ask the kernel).`,
  };
}

/** The counter that rises most; else the one that rose most since boot; null where none does either. */
function strongest(movements: readonly Movement[]): Movement | null {
  const grown = ({ counter: { value, earlier = 0 } }: Movement): number => value - earlier;
  const rising = movements.filter(({ kind }) => kind === 'rising').toSorted((a, b) => grown(b) - grown(a));
  const risen = movements.filter(({ kind }) => kind === 'risen').toSorted((a, b) => b.counter.value - a.counter.value);
  return rising[0] ?? risen[0] ?? null;
}

/** In words, a queue of another listener that is full now while nothing waits at those with backlog 0; else null. */
function otherFullQueue({ halfOpen }: SocketTable, listeners: readonly Listener[]): string | null {
  const zeroPorts = new Set(listeners.filter(({ limit }) => limit === 0).map(({ port }) => port));
  const isWaiting =
    listeners.some(({ limit, queued }) => limit === 0 && queued > 0) ||
    halfOpen.some(({ port, requests }) => zeroPorts.has(port) && requests > 0);
  if (isWaiting) return null;
  const others = listeners.filter(({ limit }) => limit !== 0);
  const full = others.find(listener => isFull(listener, null));
  if (full !== undefined) return queueInWords(full);
  const requested = halfOpen.find(({ port, requests }) =>
    others.some(listener => listener.port === port && listener.limit !== null && requests >= listener.limit),
  );
  return requested === undefined ? null : `:${requested.port} (${counted(requested.requests, 'half-open request')})`;
}

const latent = (zero: readonly Listener[], elsewhere: string | null): Judgement => ({
  verdict: 'fail',
  severity: 'medium',
  state: 'latent',
  title: 'a listener has backlog 0',
  because: [
    zeroInWords(zero),
    'Its queue holds one connection at most, so clients that come at the same time will be dropped.',
    ...(elsewhere === null ? [] : [`What is dropped now is more likely lost at ${elsewhere}.`]),
  ].join(' '),
  confidence: 'high',
  evidence: zero.slice(0, mostShown).map(limitEvidence),
  remedy,
});

const zeroInWords = (zero: readonly Listener[]): string =>
  `Backlog 0: ${someOf(zero, ({ address, port, queued }) => `${address} port ${port} (${counted(queued, 'connection')} in its queue)`)}.`;

const limitEvidence = ({ address, port }: Listener): Evidence => ({
  source: 'ss -ltn',
  field: `${address}:${port} Send-Q`,
  value: 0,
});

/** Listeners shown as evidence. */
const mostShown = 3;
