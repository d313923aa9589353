/**
 * The SYN queue of a listener is full of half-open requests. With SYN cookies off the kernel drops further SYNs; with cookies on
 * it answers them without keeping a request. Source: tcp_syn_flood_action() in net/ipv4/tcp_input.c; kernel-facts B3, B4.
 */
import { known, type Reading, whyMissing } from '../model/reading.ts';
import type { Evidence, Remedy } from '../model/rule.ts';
import type { CounterReading, SocketTable } from '../model/snapshot.ts';
import { defineRule } from './define.ts';
import { counterOf, optional, settingOf, socketTable } from './inputs.ts';
import { writtenInteger } from './integer.ts';
import { backlogKey, cookiesKey } from './last-quarter.ts';
import { listenDropInputs } from './listen-drops.ts';
import { type HalfOpen, halfOpenEvidence, halfOpenPorts, listenersOf, someOf } from './listener-queues.ts';
import { evidenceIfRead, judgeMovement, movementOf, quietInWords, settingEvidence, sinceBoot } from './movement.ts';
import { isGone, rises } from './recycle-switch.ts';
import { synQueueFullExamples } from './syn-queue-full-examples.ts';
import { cookiesOn, largerQueue, somaxconnKey, synQueueFullText } from './syn-queue-full-text.ts';
import { count, counted } from './wording.ts';

export default defineRule({
  ...synQueueFullText,
  reads: {
    dropped: counterOf('proc/net/netstat', 'TcpExt.TCPReqQFullDrop'),
    answered: optional(counterOf('proc/net/netstat', 'TcpExt.TCPReqQFullDoCookies')),
    sent: listenDropInputs.cookies,
    returned: optional(counterOf('proc/net/netstat', 'TcpExt.SyncookiesRecv')),
    drops: optional(listenDropInputs.drops),
    overflows: optional(listenDropInputs.overflows),
    cookies: optional(settingOf(cookiesKey)),
    backlog: optional(settingOf(backlogKey)),
    somaxconn: optional(settingOf(somaxconnKey)),
    sockets: optional(socketTable),
  },
  parameters: sinceBoot,
  check: (facts, { inputs, parameters: { perHour } }) => {
    const { dropped, answered, sent, returned, drops, overflows, cookies, backlog, somaxconn, sockets } = inputs;
    const switched = numberOf(cookies);
    const ports = portsOf(known(sockets));
    const settings: readonly Evidence[] = [
      ...settingEvidence(cookiesKey, cookies),
      ...settingEvidence(backlogKey, backlog),
      ...settingEvidence(somaxconnKey, somaxconn),
    ];
    const cookieCounters = [answered, sent, returned].flatMap(evidenceIfRead);
    const requests = ports.slice(0, mostShown).map(({ port }) => halfOpenEvidence(port));
    const remedy = switched === 0 ? { ...cookiesOn, undo: { [cookiesKey]: '0' } } : largerQueueFor(backlog, somaxconn);
    const movement = movementOf(dropped, { perHour, shareOf: drops });

    if (movement.kind !== 'rising' && answered.state === 'ok' && rises(answered) && switched !== 2) {
      return judgeMovement({ kind: 'rising', counter: answered.value }, facts, {
        title: { active: 'a SYN queue is full, SYNs are answered with cookies', past: '' },
        lead: { active: 'A SYN queue is full; SYNs are still answered, with cookies', past: '' },
        because: [
          portsInWords(ports),
          ...(rises(overflows)
            ? ['ListenOverflows rises, too: where the accept queue is also full, the SYN is dropped.']
            : []),
          ...(switched === null ? [`${cookiesKey} is not known; with 2 every SYN is counted here.`] : []),
        ],
        evidence: [...requests, ...[sent, returned, overflows].flatMap(evidenceIfRead), ...settings],
        remedy,
        confidence: switched === null ? 'medium' : 'high',
        severity: { active: 'medium', past: 'medium' },
      });
    }
    if (movement.kind === 'quiet') return { verdict: 'pass', because: passInWords(dropped, answered, switched) };
    return judgeMovement(movement, facts, {
      title: { active: 'a SYN queue is full, SYNs are dropped', past: 'a SYN queue was full, SYNs were dropped' },
      lead: { active: 'SYNs are dropped at a full SYN queue', past: 'SYNs were dropped at a full SYN queue' },
      because: [...(movement.kind === 'rising' ? [portsInWords(ports)] : []), cookiesInWords(cookies)],
      evidence: [...requests, ...evidenceIfRead(drops), ...cookieCounters, ...settings],
      remedy,
    });
  },
  examples: synQueueFullExamples,
});

/** Ports shown as evidence. */
const mostShown = 3;

/** A port with half-open requests, and the limit of its listener where `ss` told it. */
interface Queue {
  readonly port: HalfOpen;
  readonly limit: number | null;
}

/** Most requests first. Several listeners share a port with SO_REUSEPORT: then the limits add up. */
function portsOf(sockets: SocketTable | undefined): readonly Queue[] {
  if (sockets === undefined) return [];
  const listeners = listenersOf(sockets);
  return halfOpenPorts(sockets).map(port => {
    const limits = listeners.flatMap(listener => (listener.port === port.port ? [listener.limit] : []));
    const isKnown = limits.length > 0 && limits.every(limit => limit !== null);
    return { port, limit: isKnown ? limits.reduce<number>((total, limit) => total + (limit ?? 0), 0) : null };
  });
}

function portsInWords(ports: readonly Queue[]): string {
  if (ports.length === 0) return 'No half-open request is seen at this moment, so the port is not known.';
  const inWords = ({ port: { port, requests }, limit }: Queue): string =>
    `:${port} (${counted(requests, 'request')}${limit === null ? '' : `, limit ${count(limit)}`})`;
  return `Half-open now: ${someOf(ports, inWords)}.`;
}

/** Cookies that were sent are SYNs that were answered: history, and no finding. */
function passInWords(dropped: CounterReading, answered: Reading<CounterReading>, switched: number | null): string {
  const drops = quietInWords(dropped);
  if (answered.state !== 'ok' || answered.value.value === 0) return drops;
  const sent = `TCPReqQFullDoCookies is ${count(answered.value.value)} since boot`;
  return switched === 2
    ? `${drops} ${sent}, as ${cookiesKey}=2 answers every SYN with a cookie.`
    : `${drops} ${sent}: these SYNs were answered, with cookies.`;
}

function cookiesInWords(cookies: Reading<string>): string {
  if (numberOf(cookies) === 0) return `${cookiesKey} is 0; with 1 these SYNs would be answered.`;
  if (isGone(cookies)) return 'This kernel has no SYN cookies.';
  return cookies.state === 'ok'
    ? `${cookiesKey} is not 0 any more; with cookies no SYN is dropped for this reason.`
    : `${cookiesKey} is not known (${whyMissing(cookies)}).`;
}

/** Limits are only raised, and only those that this kernel shows. */
function largerQueueFor(backlog: Reading<string>, somaxconn: Reading<string>): Remedy {
  const small = [
    [somaxconnKey, numberOf(somaxconn)],
    [backlogKey, numberOf(backlog)],
  ] as const;
  const raised = small.flatMap(([key, value]) =>
    value !== null && value >= 0 && value < enough ? [[key, value]] : [],
  );
  return {
    ...largerQueue,
    set: Object.fromEntries(raised.map(([key]) => [key, String(enough)])),
    undo: Object.fromEntries(raised.map(([key, value]) => [key, String(value)])),
  };
}

/** The default of somaxconn since 5.4. */
const enough = 4096;

const numberOf = (reading: Reading<string>): number | null =>
  reading.state === 'ok' ? writtenInteger(reading.value) : null;
