/**
 * This host as a client: all local ports towards one destination are taken, so connect() fails and the SYN never leaves. The
 * other side is innocent, whatever its operators are told. TCP has no counter for it; what is judged is the level.
 * Source: __inet_hash_connect() in net/ipv4/inet_hashtables.c; kernel-facts B37.
 */
import type { Reading } from '../model/reading.ts';
import type { Confidence, Evidence, Judgement, Remedy } from '../model/rule.ts';
import type { Destination } from '../model/snapshot.ts';
import { defineRule } from './define.ts';
import { optional, settingOf, socketTable } from './inputs.ts';
import { type PortRun, portRange, reservedPorts, usablePorts } from './local-ports.ts';
import { settingEvidence, settingSource } from './movement.ts';
import { portExhaustionExamples } from './port-exhaustion-examples.ts';
import {
  fix,
  parameters,
  portExhaustionText,
  rangeKey,
  reservedKey,
  reuseKey,
  widest,
} from './port-exhaustion-text.ts';
import { switchOf, timestampsKey } from './recycle-switch.ts';
import { count, counted, rate } from './wording.ts';

export default defineRule({
  ...portExhaustionText,
  reads: {
    sockets: socketTable,
    range: settingOf(rangeKey),
    reserved: optional(settingOf(reservedKey)),
    reuse: optional(settingOf(reuseKey)),
    timestamps: optional(settingOf(timestampsKey)),
  },
  parameters,
  check: (_facts, { inputs, parameters: { nearPercent, exhaustedPercent } }) => {
    const range = portRange(inputs.range);
    if (range === null) return { verdict: 'notchecked', because: `${rangeKey} is no range of ports.` };
    const ports = portsOf(range, inputs);
    const fullest = fullestOf(inputs.sockets.destinations, ports);
    if (fullest === null) return { verdict: 'pass', because: 'No outgoing connection is open.' };
    if (fullest.percent < nearPercent) return { verdict: 'pass', because: levelInWords(fullest, ports) };
    const exhausted = fullest.percent >= exhaustedPercent && fullest.percent <= 100;
    return finding(exhausted ? 'exhausted' : 'near', fullest, ports);
  },
  examples: portExhaustionExamples,
});

/** What there is to connect with. */
interface Ports {
  readonly range: PortRun;
  readonly usable: number;
  /** Whether the reserved ports are known; if not, there may be fewer. */
  readonly complete: boolean;
  /** The running value of tcp_tw_reuse: on for all, for loopback only (2), or off; null where the host has no such key. */
  readonly reuse: { readonly text: string; readonly for: 'all' | 'loopback' | 'none' } | null;
  readonly timestamps: boolean;
  readonly evidence: readonly Evidence[];
}

type Settings = Readonly<Record<'reserved' | 'reuse' | 'timestamps', Reading<string>>>;

function portsOf(range: PortRun, { reserved, reuse, timestamps }: Settings): Ports {
  const none = reserved.state === 'absent' && reserved.why === 'not-in-this-kernel';
  const runs = none ? [] : reserved.state === 'ok' ? reservedPorts(reserved.value) : null;
  const reused = switchOf(reuse);
  const stamps = switchOf(timestamps).state !== 'off';
  const whom = reused.state !== 'on' || !stamps ? 'none' : reused.text === '2' ? 'loopback' : 'all';
  return {
    range,
    usable: usablePorts(range, runs ?? []),
    complete: runs !== null,
    reuse: reused.state === 'hidden' ? null : { text: reused.text, for: whom },
    timestamps: stamps,
    evidence: [
      { source: settingSource(rangeKey), field: rangeKey, value: textOf(range) },
      ...(runs === null || runs.length === 0 ? [] : settingEvidence(reservedKey, reserved)),
      ...settingEvidence(reuseKey, reuse),
    ],
  };
}

const textOf = ({ first, last }: PortRun): string => `${first} ${last}`;

/** A destination, and how many of the ports it holds against new connections. */
interface Taken extends Destination {
  readonly taken: number;
  /** Above 100 where connections leave from several addresses, each of which has these ports. */
  readonly percent: number;
}

function fullestOf(destinations: readonly Destination[], ports: Ports): Taken | null {
  let fullest: Taken | null = null;
  for (const destination of destinations) {
    const { connections, timeWait } = destination;
    const taken = isReusable(destination, ports) ? Math.max(0, connections - timeWait) : connections;
    const percent = ports.usable > 0 ? (100 * taken) / ports.usable : 100;
    if (connections > 0 && (fullest === null || percent > fullest.percent))
      fullest = { ...destination, taken, percent };
  }
  return fullest;
}

/** Ports in TIME_WAIT do not count where they can be taken again. */
const isReusable = ({ address }: Destination, { reuse }: Ports): boolean =>
  reuse?.for === 'all' || (reuse?.for === 'loopback' && (address.startsWith('127.') || address === '::1'));

function finding(state: 'exhausted' | 'near', fullest: Taken, ports: Ports): Judgement {
  const exhausted = state === 'exhausted';
  const { address, port } = fullest;
  return {
    verdict: 'fail',
    severity: exhausted ? 'high' : 'medium',
    state,
    title: exhausted ? 'no local port is left for a destination' : 'local ports for a destination run out',
    because: [
      levelInWords(fullest, ports),
      exhausted ? 'Further connections to it fail here, and no SYN leaves.' : 'When they are used up, no SYN leaves.',
      ...(fullest.percent > 100
        ? ['They leave from several local addresses; of which one is short of ports is not known.']
        : []),
      ...(ports.complete ? [] : [`${reservedKey} is not known, so there may be fewer ports.`]),
    ].join(' '),
    confidence: confidenceOf(fullest, ports),
    evidence: [
      { source: 'proc/net/tcp', field: `${socketName(address, port)} connections`, value: fullest.connections },
      { source: 'proc/net/tcp', field: `${socketName(address, port)} TIME_WAIT`, value: fullest.timeWait },
      ...ports.evidence,
    ],
    remedy: remedyFor(fullest, ports),
  };
}

function confidenceOf({ percent }: Taken, { complete }: Ports): Confidence {
  if (percent > 100) return 'low';
  return complete ? 'high' : 'medium';
}

function levelInWords({ address, port, connections, timeWait, taken, percent }: Taken, { usable }: Ports): string {
  const free = taken < connections ? `; ${reuseKey} frees the latter` : '';
  return `${counted(connections, 'socket')} to ${socketName(address, port)} (${count(timeWait)} in TIME_WAIT${free}), ${rate(percent)} % of ${counted(usable, 'local port')}.`;
}

const socketName = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** Below this share TIME_WAIT is not what uses the ports up. */
const worthReuse = 0.25;

/** What helps this host: the range if it can be wider, early reuse if the host has it and TIME_WAIT takes the ports. */
function remedyFor({ connections, timeWait, taken }: Taken, ports: Ports): Remedy {
  const { range, reuse, timestamps } = ports;
  const set: Record<string, string> = {};
  const undo: Record<string, string> = {};
  if (range.first > widest.first || range.last < widest.last) {
    set[rangeKey] = fix.set[rangeKey];
    undo[rangeKey] = textOf(range);
  }
  if (reuse !== null && taken === connections && timestamps && timeWait >= worthReuse * connections) {
    set[reuseKey] = fix.set[reuseKey];
    undo[reuseKey] = reuse.text;
  }
  const changes = Object.entries(set).map(([key, value]) => `${key}=${value}`);
  return { ...fix, summary: [...changes, better].join('; '), set, undo };
}

const better = 'keep connections open for more than one request, or use more destination or source addresses';
