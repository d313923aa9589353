/**
 * Listeners drop, and no counter of a known cause rises with it. What is left of ListenDrops when those are taken away has few
 * possible causes, which are named here with what speaks for them. Source: kernel-facts A3, B0, B5, B13, B23, B26; measured on
 * 6.18: a SYN without a route back raises ListenDrops and OutNoRoutes by one each.
 */
import { known, type Reading } from '../model/reading.ts';
import type { Remedy } from '../model/rule.ts';
import type { CounterReading } from '../model/snapshot.ts';
import { defineRule } from './define.ts';
import { counterOf, optional, settingOf } from './inputs.ts';
import { writtenInteger } from './integer.ts';
import { cookiesKey, lastQuarterInputs, portsInLastQuarter, requestsInWords } from './last-quarter.ts';
import { type ListenDropShares, listenDropInputs, listenDropShares } from './listen-drops.ts';
import { someOf } from './listener-queues.ts';
import { counterEvidence, evidenceIfRead, judgeMovement, movementOf, settingEvidence } from './movement.ts';
import { rises } from './recycle-switch.ts';
import { unexplainedListenDropsExamples } from './unexplained-listen-drops-examples.ts';
import { fix, parameters, unexplainedListenDropsText } from './unexplained-listen-drops-text.ts';
import { count, counted, listed, rise } from './wording.ts';

const remedy: Remedy = { ...fix, undo: {} };

export default defineRule({
  ...unexplainedListenDropsText,
  reads: {
    ...listenDropInputs,
    accepted: optional(counterOf('proc/net/snmp', 'Tcp.PassiveOpens')),
    unrouted: optional(counterOf('proc/net/snmp', 'Ip.OutNoRoutes')),
    unreachable: optional(counterOf('proc/net/snmp', 'Icmp.InDestUnreachs')),
    pressure: optional(counterOf('proc/net/netstat', 'TcpExt.TCPMemoryPressures')),
    syncookies: optional(settingOf(cookiesKey)),
    ...lastQuarterInputs,
  },
  parameters,
  check: (facts, { inputs, parameters: { drops: fewest, perHour, perMille } }) => {
    const { drops, accepted, unrouted, unreachable, pressure, syncookies, backlog, sockets } = inputs;
    const shares = listenDropShares(inputs);
    const { rest } = shares;
    const isNoticed = (grown: Grown): boolean =>
      accepted.state !== 'ok' || grown(rest) * 1000 >= grown(accepted.value) * perMille;
    const isRising = recently(rest) >= fewest && isNoticed(recently);
    const movement = movementOf(rest, {
      perHour,
      perSecond: isRising ? 0 : Number.POSITIVE_INFINITY,
      shareOf: accepted,
    });
    const isTooFew = (movement.kind === 'rising' && !isRising) || (movement.kind === 'risen' && !isNoticed(sinceBoot));
    if (movement.kind === 'quiet' || isTooFew) return { verdict: 'pass', because: explainedInWords(drops, shares) };

    const ports = portsInLastQuarter({ cookies: syncookies, backlog, sockets });
    if (movement.kind === 'rising' && ports.length > 0) {
      const because = `The rest of ListenDrops (${rise(rest)}) is explained: the last quarter of the backlog at ${someOf(ports, requestsInWords)}, see rule syncookies-off.`;
      return { verdict: 'pass', because };
    }
    const grown = movement.kind === 'rising' ? recently : sinceBoot;
    const covers = (reading: Reading<CounterReading>): boolean =>
      reading.state === 'ok' && grown(rest) > 0 && grown(reading.value) >= grown(rest);
    const byRoute = covers(unrouted);
    const byIcmp = !byRoute && covers(unreachable);
    return judgeMovement(movement, facts, {
      title: {
        active: 'SYNs are dropped at listeners for a reason without a counter',
        past: 'SYNs were dropped at listeners for a reason without a counter',
      },
      lead: {
        active: 'Listeners drop, and no counter of a known cause explains it',
        past: 'Listeners dropped, and no counter of a known cause explains it',
      },
      because: [
        ...partsInWords(shares),
        ...(byRoute ? [noRoute] : []),
        ...(byIcmp ? [icmpErrors] : []),
        ...(rises(pressure) ? ['TCPMemoryPressures rises, too: there may be no memory for requests.'] : []),
        ...(isOff(syncookies) ? [`${cookiesKey} is 0, so it may be the last quarter of tcp_max_syn_backlog.`] : []),
        ...(byRoute || byIcmp ? [] : [candidates]),
      ],
      evidence: [
        counterEvidence(drops),
        ...shares.parts.map(counterEvidence),
        ...[unrouted, unreachable, accepted].flatMap(evidenceIfRead),
        ...settingEvidence(cookiesKey, syncookies),
      ],
      remedy,
      confidence: byIcmp ? 'low' : byRoute ? 'high' : 'medium',
      severity: byIcmp ? { active: 'medium', past: 'low' } : { active: 'high', past: 'medium' },
    });
  },
  examples: unexplainedListenDropsExamples,
});

/** By how much a counter grew in a span of time. */
type Grown = (counter: CounterReading) => number;
const sinceBoot: Grown = ({ value }) => value;
const recently: Grown = ({ value, earlier = value }) => value - earlier;

const isOff = (syncookies: Reading<string>): boolean => writtenInteger(known(syncookies) ?? '') === 0;

const noRoute = 'OutNoRoutes grew by at least as much: SYNs of clients to which this host has no route back.';
const icmpErrors =
  'InDestUnreachs grew by at least as much, so these may be half-open requests that ICMP errors ended (a scan, a flood with forged addresses), by which no SYN is lost.';
const candidates =
  'Possible are a missing route back, memory, a refusal by a security module, and SYNs to a broadcast or multicast address.';

/** `Explained since boot: ListenOverflows (12) and PAWSPassive (4).` */
function partsInWords({ parts }: ListenDropShares): readonly string[] {
  const named = parts.filter(({ value }) => value > 0).map(({ field, value }) => `${bare(field)} (${count(value)})`);
  return named.length === 0 ? [] : [`Explained since boot: ${listed(named)}.`];
}

function explainedInWords(drops: CounterReading, shares: ListenDropShares): string {
  if (drops.value === 0) return 'ListenDrops is 0.';
  const { rest } = shares;
  const left =
    rest.value === 0
      ? 'all of it with a known cause'
      : `of which ${counted(rest.value, 'drop')} without a counter of their own are too few to matter`;
  return [`ListenDrops is ${count(drops.value)} since boot, ${left}.`, ...partsInWords(shares)].join(' ');
}

const bare = (field: string): string => field.replace(/^TcpExt\./, '');
