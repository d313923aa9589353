/**
 * Packets that get lost at a network card: its ring is full because the host does not fetch them fast enough, they arrive
 * damaged, or they cannot be sent. SYNs and SYN-ACKs are among them like all others.
 * Source: dev_seq_printf_stats() in net/core/net-procfs.c, Documentation/networking/statistics.rst; kernel-facts B21.
 */
import type { Confidence, Judgement } from '../model/rule.ts';
import type { CounterReading } from '../model/snapshot.ts';
import { defineRule } from './define.ts';
import { counterEvidence, judgeMovement, type Movement } from './movement.ts';
import { type NetworkInterface, type NetworkInterfaces, networkInterfaces } from './network-interfaces.ts';
import { nicDropsExamples } from './nic-drops-examples.ts';
import { nicDropsText } from './nic-drops-text.ts';
import { type Frequent, isToldAsShare, movementInTraffic, recentShare, sharePercent } from './share-of-traffic.ts';
import { perHour, perSecond } from './thresholds.ts';
import { counted, listed, rate } from './wording.ts';

export default defineRule({
  ...nicDropsText,
  reads: { interfaces: networkInterfaces },
  parameters: {
    percent: {
      default: 0.1,
      unit: '% of what the interface received or sent',
      min: 0,
      max: 100,
      reason: 'one in a thousand makes one connection in some hundred late, below it nobody notices',
    },
    perSecond: perSecond(1, 'on a quiet link a single damaged frame is a large share of few'),
    perHour: perHour(60, 'a cable that was plugged in anew, or one burst, is not what people are looking for'),
    dropPercent: {
      default: 1,
      unit: '% of what the interface received, of rx_drop alone',
      min: 0,
      max: 100,
      reason: 'rx_drop counts frames that nobody here wants, too: of other protocols, and of VLANs that are not set up',
    },
    dropPerSecond: {
      default: 50,
      unit: 'per second between the samples, of rx_drop alone',
      min: 0,
      max: 1_000_000,
      reason: 'switches send some unwanted frames a second to every port (STP for each VLAN, LLDP)',
    },
  },
  // cards are the machine's; containers see the other end of a veth
  wholeMachine: true,
  check: (facts, { inputs: { interfaces }, parameters }) => {
    const { cards, isWhole } = interfaces;
    if (cards.length === 0) return isWhole ? noCards : unread;
    const { dropPercent, dropPerSecond, ...frequent } = parameters;
    const drops = { ...frequent, percent: dropPercent, perSecond: dropPerSecond };
    const losses = cards
      .flatMap(card => lossesOf(card))
      .map((loss): Judged => {
        const movement = movementInTraffic(loss.counter, loss.traffic, loss.kind === 'dropped' ? drops : frequent);
        return { ...loss, movement };
      });
    const moved = losses.filter(loss => hasMoved(loss, interfaces)).toSorted(graveFirst);
    const [worst, ...others] = moved;
    if (worst === undefined) return quiet(interfaces, parameters);
    const percent = shareOf(worst);
    const isSure = worst.kind !== 'dropped';
    const confidence: Confidence = isSure ? 'high' : 'low';
    return judgeMovement(worst.movement, facts, {
      ...words[worst.kind](worst.card.name),
      because: [
        ...(isToldAsShare(worst.movement)
          ? []
          : [`That is ${rate(percent)} % of what it ${worst.kind === 'unsent' ? 'sent' : 'received'}.`]),
        ...(isSure ? [] : [unwanted]),
        ...(others.length === 0
          ? []
          : [`Beside it: ${listed(others.slice(0, mostNamed).map(({ counter }) => counter.field))}.`]),
      ],
      evidence: [worst.traffic, ...others.slice(0, mostNamed).map(({ counter }) => counter)].map(counterEvidence),
      remedy: { ...remedies[worst.kind], undo: {} },
      confidence,
      severity: { active: isSure && percent >= grave ? 'high' : 'medium', past: 'medium' },
    });
  },
  examples: nicDropsExamples,
});

/** From this share on one connection in twenty or so is late. Unit: %. */
const grave = 1;
const mostNamed = 3;

interface Limits extends Frequent {
  readonly dropPercent: number;
  readonly dropPerSecond: number;
}

type Kind = keyof typeof words;

interface Loss {
  readonly card: NetworkInterface;
  readonly kind: Kind;
  readonly counter: CounterReading;
  readonly traffic: CounterReading;
}

interface Judged extends Loss {
  readonly movement: Movement;
}

/** The ring before the errors, because drivers count what it lost as an error as well. */
const lossesOf = (card: NetworkInterface): readonly Loss[] => [
  { card, kind: 'overrun', counter: card.receiveFifo, traffic: card.received },
  { card, kind: 'damaged', counter: card.receiveErrors, traffic: card.received },
  { card, kind: 'unsent', counter: card.sendDropped, traffic: card.sent },
  { card, kind: 'dropped', counter: card.receiveDropped, traffic: card.received },
];

/** What rx_drop did since boot says nothing; and the idle half of a bond drops most of what it hears. */
function hasMoved({ kind, movement, counter, traffic }: Judged, { isBonded }: NetworkInterfaces): boolean {
  if (kind !== 'dropped') return movement.kind === 'rising' || movement.kind === 'risen';
  const isIdleHalf = isBonded && (recentShare(counter, traffic) ?? 0) >= mostlyDropped;
  return movement.kind === 'rising' && !isIdleHalf;
}
/** Unit: %. */
const mostlyDropped = 50;

/** What rises before what rose; then in the order of the kinds; then by share. */
function graveFirst(a: Judged, b: Judged): number {
  const rank = ({ movement, kind }: Judged): number => (movement.kind === 'rising' ? 0 : 10) + kinds.indexOf(kind);
  return rank(a) - rank(b) || shareOf(b) - shareOf(a);
}

const shareOf = ({ movement, counter, traffic }: Judged): number =>
  (movement.kind === 'rising' ? recentShare(counter, traffic) : undefined) ??
  sharePercent(counter.value, traffic.value);

const words = {
  overrun: (name: string) => ({
    title: { active: `${name} loses packets: its ring is full`, past: `${name} lost packets: its ring was full` },
    lead: {
      active: `${name} loses packets because its ring is full`,
      past: `${name} lost packets because its ring was full`,
    },
  }),
  damaged: (name: string) => ({
    title: { active: `packets arrive damaged at ${name}`, past: `packets arrived damaged at ${name}` },
    lead: { active: `Packets arrive damaged at ${name}`, past: `Packets arrived damaged at ${name}` },
  }),
  unsent: (name: string) => ({
    title: {
      active: `${name} drops packets instead of sending them`,
      past: `${name} dropped packets instead of sending them`,
    },
    lead: {
      active: `${name} drops packets, SYN-ACKs too, instead of sending them`,
      past: `${name} dropped packets, SYN-ACKs too, instead of sending them`,
    },
  }),
  dropped: (name: string) => ({
    title: { active: `${name} drops a part of what it receives`, past: '' },
    lead: { active: `${name} drops a part of what it receives`, past: '' },
  }),
};
const kinds = Object.keys(words);

const unwanted =
  'The number holds frames that nobody here wants (other protocols, VLANs that are not set up) as well as losses; ethtool -S tells them apart.';

const remedies = {
  overrun: {
    summary:
      'a larger ring (ethtool -g shows how far it can go, ethtool -G IF rx N sets it), more queues, interrupts on more CPUs',
    set: {},
    risk: 'changing the ring takes the link down for a moment',
  },
  damaged: {
    summary: 'look at cable, transceiver, duplex and MTU on both ends; ethtool -S tells which error it is',
    set: {},
    risk: 'none, if the link is taken out of use meanwhile',
  },
  unsent: {
    summary:
      'find out why the card does not send: link flapping, a full queue, a driver that hangs (ethtool -S, kernel log)',
    set: {},
    risk: 'none',
  },
  dropped: {
    summary:
      'tell losses from unwanted frames by ethtool -S and tcpdump; then a larger ring, or silence at the switch port',
    set: {},
    risk: 'none',
  },
} as const;

const noCards: Judgement = { verdict: 'notapplicable', because: 'There is no network card, only virtual interfaces.' };
const unread: Judgement = { verdict: 'notchecked', because: 'Not all counters of the network cards could be read.' };

function quiet({ cards, isWhole }: NetworkInterfaces, limits: Limits): Judgement {
  if (!isWhole) return unread;
  const names = cards.slice(0, mostNamed).map(({ name }) => name);
  const more = cards.length - names.length;
  const all = listed(more > 0 ? [...names, counted(more, 'other card')] : names);
  const { percent, perSecond, perHour, dropPercent, dropPerSecond } = limits;
  const because = `Losses at ${all} are below ${percent} % of the packets, ${perSecond} per second or ${perHour} per hour; rx_drop is below ${dropPercent} % or ${dropPerSecond} per second.`;
  return { verdict: 'pass', because };
}
