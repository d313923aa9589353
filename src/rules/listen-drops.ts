/**
 * What ListenDrops is made of. Every cause of a drop at a listener raises it, and some raise a counter of their own as well;
 * what is left when these are taken away has a cause without a counter. Which of them are part of it depends on the kernel:
 *
 *     always      ListenOverflows (both are raised for the third packet of a handshake)
 *     from 3.9    TCPReqQFullDrop and PAWSPassive: drops of the SYN itself (RHEL 7 has that, RHEL 6 upstream not)
 *     3.9 to 4.6  SyncookiesSent, though these SYNs were answered (9caad864151e ended that in 4.7)
 *
 * Vendors back-port, so the numbers decide and not the version: a sum of parts that exceeds ListenDrops cannot be part of it.
 * Source: tcp_conn_request() in net/ipv4/tcp_input.c, tcp_v4_conn_request() in net/ipv4/tcp_ipv4.c of 3.10; kernel-facts A3, B0.
 */
import type { Reading } from '../model/reading.ts';
import type { CounterReading } from '../model/snapshot.ts';
import { counterOf, optional } from './inputs.ts';
import { isGone } from './recycle-switch.ts';

/** The counters of a listener's drops, as a rule reads them. */
export const listenDropInputs = {
  drops: counterOf('proc/net/netstat', 'TcpExt.ListenDrops'),
  overflows: counterOf('proc/net/netstat', 'TcpExt.ListenOverflows'),
  queueFull: optional(counterOf('proc/net/netstat', 'TcpExt.TCPReqQFullDrop')),
  rejects: optional(counterOf('proc/net/netstat', 'TcpExt.PAWSPassive')),
  cookies: optional(counterOf('proc/net/netstat', 'TcpExt.SyncookiesSent')),
};

interface ListenDropCounters {
  readonly drops: CounterReading;
  readonly overflows: CounterReading;
  readonly queueFull: Reading<CounterReading>;
  readonly rejects: Reading<CounterReading>;
  readonly cookies: Reading<CounterReading>;
}

/** ListenDrops, cut into what has a name and what has none. */
export interface ListenDropShares {
  /** What no counter explains, as a counter of its own. Where kernels differ it is the least that it can be. */
  readonly rest: CounterReading;
  /** The counters that ListenDrops holds on this kernel. */
  readonly parts: readonly CounterReading[];
}

/** Takes the named causes away from ListenDrops, since boot and between the samples. */
export function listenDropShares(counters: ListenDropCounters): ListenDropShares {
  const { drops } = counters;
  const parts = partsOf(counters);
  const left = (grown: Grown): number => Math.max(0, grown(drops) - sum(parts.map(grown)));
  const rise = [drops, ...parts].every(({ earlier }) => earlier !== undefined) ? left(recently) : undefined;
  const value = Math.max(left(sinceBoot), rise ?? 0);
  return { rest: { ...restOf(drops, value), ...(rise !== undefined && restRise(drops, value, rise)) }, parts };
}

/** `unexplained ListenDrops`: no column of a file, so it bears a name that is none. */
const restOf = ({ source, value: all, perHourSinceBoot }: CounterReading, value: number): CounterReading => ({
  source,
  field: 'unexplained ListenDrops',
  value,
  ...(perHourSinceBoot !== undefined && { perHourSinceBoot: all > 0 ? (perHourSinceBoot * value) / all : 0 }),
});

function restRise(drops: CounterReading, value: number, rise: number): Pick<CounterReading, 'earlier' | 'perSecond'> {
  const all = recently(drops);
  const perSecond = drops.perSecond === undefined ? undefined : all > 0 ? (drops.perSecond * rise) / all : 0;
  return { earlier: value - rise, ...(perSecond !== undefined && { perSecond }) };
}

/** By how much a counter grew in some span of time. */
type Grown = (counter: CounterReading) => number;
const sinceBoot: Grown = ({ value }) => value;
const recently: Grown = ({ value, earlier = value }) => value - earlier;

/** Of the sets of parts that kernels had, the largest one that these numbers allow: so the rest is not exaggerated. */
function partsOf(counters: ListenDropCounters): readonly CounterReading[] {
  const { drops, overflows, queueFull, rejects, cookies } = counters;
  const atSyn = [overflows, ...present(queueFull), ...present(rejects)];
  // PAWSPassive left in 4.12, so a kernel without it is one that no longer counts cookies
  const withCookies = isGone(rejects) ? [] : [[...atSyn, ...present(cookies)]];
  return [...withCookies, atSyn].find(parts => areWithin(drops, parts)) ?? [overflows];
}

/**
 * Whether these counters can be part of ListenDrops. The kernel raises and prints them one after another while SYNs come, so a
 * sum that is a little larger proves nothing.
 */
const areWithin = (drops: CounterReading, parts: readonly CounterReading[]): boolean =>
  [sinceBoot, recently].every(grown => sum(parts.map(grown)) <= (grown(drops) + raceDrops) * raceFactor);
const raceDrops = 8;
const raceFactor = 1.01;

const present = (reading: Reading<CounterReading>): readonly CounterReading[] =>
  reading.state === 'ok' ? [reading.value] : [];

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
