/**
 * SYN cookies are off. A full SYN queue then drops SYNs instead of answering them without a place in the queue, and already at
 * three quarters of tcp_max_syn_backlog SYNs of unknown clients are dropped, which nothing but ListenDrops counts.
 * Source: tcp_conn_request() and tcp_syn_flood_action() in net/ipv4/tcp_input.c; kernel-facts B3, B5.
 */
import { known, type Reading, whyMissing } from '../model/reading.ts';
import type { Evidence, Judgement, Remedy } from '../model/rule.ts';
import type { CounterReading } from '../model/snapshot.ts';
import { defineRule } from './define.ts';
import { optional, settingOf } from './inputs.ts';
import { writtenInteger } from './integer.ts';
import { backlogKey, cookiesKey, lastQuarterInputs, portsInLastQuarter, requestsInWords } from './last-quarter.ts';
import { listenDropInputs, listenDropShares } from './listen-drops.ts';
import { halfOpenEvidence, someOf } from './listener-queues.ts';
import { counterEvidence, evidenceIfRead, risingInWords, settingEvidence } from './movement.ts';
import { rises } from './recycle-switch.ts';
import { syncookiesOffExamples } from './syncookies-off-examples.ts';
import { count } from './wording.ts';

const fix = {
  summary:
    'net.ipv4.tcp_syncookies=1: a full SYN queue then answers with cookies, and the last quarter is not kept back',
  set: { [cookiesKey]: '1' },
  risk: 'a connection that came in by a cookie may lack window scaling and SACK if its client sends no timestamps, and hides that the queue is too small (TCPReqQFullDoCookies tells)',
} as const;

const remedy: Remedy = { ...fix, undo: { [cookiesKey]: '0' } };

export default defineRule({
  id: 'syncookies-off',
  title: 'SYN cookies are on',
  summary:
    'In a burst or a flood of SYNs the server ignores new clients, while those it has seen before still get through.',
  mechanism: [
    'A SYN that is answered waits as a half-open request in the SYN queue of its listener.',
    'With net.ipv4.tcp_syncookies=1 a full queue is no end: the answer carries what the kernel must know (a cookie), and nothing is stored.',
    'With 0 the SYN is dropped, so a flood from forged addresses shuts everybody out.',
    'With 0 the kernel also keeps the last quarter of net.ipv4.tcp_max_syn_backlog for clients that it has measured before, and drops the SYNs of all others.',
    'These drops raise ListenDrops only, and are logged at debug level.',
  ],
  proof:
    'The setting is 0. It acts if ListenDrops rises by more than its named causes explain while the half-open requests of a port (SYN_RECV in /proc/net/tcp) stand at three quarters of tcp_max_syn_backlog.',
  fix,
  references: [
    {
      title: 'ip-sysctl: tcp_syncookies, tcp_max_syn_backlog',
      url: 'https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html',
    },
    {
      title: 'RFC 4987: TCP SYN Flooding Attacks and Common Mitigations',
      url: 'https://www.rfc-editor.org/rfc/rfc4987',
    },
  ],
  reads: {
    cookies: settingOf(cookiesKey),
    drops: optional(listenDropInputs.drops),
    overflows: optional(listenDropInputs.overflows),
    queueFull: listenDropInputs.queueFull,
    rejects: listenDropInputs.rejects,
    sent: listenDropInputs.cookies,
    ...lastQuarterInputs,
  },
  check: (facts, { inputs }): Judgement => {
    const { cookies, drops, overflows, queueFull, rejects, sent, backlog, sockets } = inputs;
    const value = writtenInteger(cookies);
    if (value === null) return { verdict: 'notchecked', because: `${cookiesKey} is no number.` };
    if (value !== 0) return { verdict: 'pass', because: `${cookiesKey} is ${value}.` };

    const settings: readonly Evidence[] = [
      { source: 'proc/sys/net/ipv4/tcp_syncookies', field: cookiesKey, value: cookies },
      ...settingEvidence(backlogKey, backlog),
    ];
    const finding = { verdict: 'fail', remedy } as const;
    const ports = portsInLastQuarter({ cookies: { state: 'ok', value: cookies }, backlog, sockets });
    const rest =
      drops.state === 'ok' && overflows.state === 'ok'
        ? listenDropShares({ drops: drops.value, overflows: overflows.value, queueFull, rejects, cookies: sent }).rest
        : undefined;
    if (rest !== undefined && ports.length > 0 && rest.value > (rest.earlier ?? rest.value)) {
      return {
        ...finding,
        severity: 'high',
        state: 'active',
        title: 'SYNs of new clients are dropped, as SYN cookies are off',
        because: [
          `SYNs are dropped in the last quarter of ${backlogKey}=${known(backlog)}: ${risingInWords(rest, facts)}.`,
          `${someOf(ports, requestsInWords)}: three quarters are taken.`,
          'Clients that this host has measured before still get through.',
        ].join(' '),
        confidence: 'medium',
        evidence: [
          counterEvidence(rest),
          ...evidenceIfRead(drops),
          ...ports.slice(0, mostShown).map(halfOpenEvidence),
          ...settings,
        ],
      };
    }
    return {
      ...finding,
      severity: 'medium',
      state: 'latent',
      title: 'SYN cookies are off',
      because: [`${cookiesKey} is 0: when a SYN queue is full, SYNs are dropped.`, fullInWords(queueFull)].join(' '),
      confidence: 'certain',
      evidence: [...settings, ...evidenceIfRead(queueFull)],
    };
  },
  examples: syncookiesOffExamples,
});

function fullInWords(queueFull: Reading<CounterReading>): string {
  if (queueFull.state !== 'ok')
    return `Whether that has happened is not known (TCPReqQFullDrop: ${whyMissing(queueFull)}).`;
  if (rises(queueFull)) return 'That happens now, see rule syn-queue-full.';
  return `TCPReqQFullDrop is ${count(queueFull.value.value)} since boot.`;
}

/** Ports shown as evidence. */
const mostShown = 3;
