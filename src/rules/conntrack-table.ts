import type { Facts } from '../model/facts.ts';
import type { AbsentWhy, Reading } from '../model/reading.ts';
import type { Evidence } from '../model/rule.ts';
import { type CounterReading, counter, type Snapshot, setting } from '../model/snapshot.ts';
import type { Input } from './inputs.ts';
import { writtenInteger } from './integer.ts';
import { percentOf } from './levels.ts';
import { gaugeEvidence, settingEvidence } from './movement.ts';
import { count, rate } from './wording.ts';

/** Where its statistics are. Missing in kernels without CONFIG_NF_CONNTRACK_PROCFS, though connections are tracked. */
export const conntrackStat = 'proc/net/stat/nf_conntrack';
const countFile = 'proc/sys/net/netfilter/nf_conntrack_count';

/** The limit and, before 2.6.20, the level, as the connection tracking of that time named them. */
const limitKeys = ['net.netfilter.nf_conntrack_max', 'net.ipv4.netfilter.ip_conntrack_max'] as const;
const oldCount = 'net.ipv4.netfilter.ip_conntrack_count';

/** How full the table of tracked connections is. Unit: connections. */
export interface ConntrackTable {
  readonly tracked: number;
  readonly limit: number;
  /** The key that holds the limit on this kernel, and its text. */
  readonly key: string;
  readonly evidence: readonly Evidence[];
}

/** Level and limit of the table, or null where one of them is not known, or a limit of 0 says none. */
export const conntrackTable: Input<ConntrackTable | null> = {
  name: 'nf_conntrack.count',
  read: ({ snapshot }) => ({ state: 'ok', value: tableOf(snapshot) }),
};

function tableOf(snapshot: Snapshot): ConntrackTable | null {
  const key = limitKeys.find(name => setting(snapshot, name).state === 'ok');
  if (key === undefined) return null;
  const text = setting(snapshot, key);
  const limit = text.state === 'ok' ? writtenInteger(text.value) : null;
  const level = levelOf(counter(snapshot, countFile, 'nf_conntrack.count'), setting(snapshot, oldCount));
  if (limit === null || limit <= 0 || level === null) return null;
  return { tracked: level.tracked, limit, key, evidence: [...level.evidence, ...settingEvidence(key, text)] };
}

function levelOf(
  now: Reading<CounterReading>,
  old: Reading<string>,
): { readonly tracked: number; readonly evidence: readonly Evidence[] } | null {
  if (now.state === 'ok') return { tracked: now.value.value, evidence: [gaugeEvidence(now.value)] };
  const tracked = old.state === 'ok' ? writtenInteger(old.value) : null;
  return tracked === null ? null : { tracked, evidence: settingEvidence(oldCount, old) };
}

/** Unit: %. */
export const fullnessOf = ({ tracked, limit }: ConntrackTable): number => percentOf(tracked, limit);

/** `61,000 of 65,536 connections are tracked (93.1 %).` */
export const tableInWords = (table: ConntrackTable | null): string =>
  table === null
    ? 'How full the table is, is not known.'
    : `${count(table.tracked)} of ${count(table.limit)} connections are tracked (${rate(fullnessOf(table))} %).`;

/**
 * Why a rule about connection tracking does not concern a host: neither its files nor its settings are there. Else null. Every
 * kernel has something below /proc/net/stat; where nothing is, these files were not saved, and their absence says nothing.
 */
export function withoutConntrack({ snapshot }: Facts): string | null {
  const traces = [
    counter(snapshot, conntrackStat, 'nf_conntrack.drop'),
    counter(snapshot, countFile, 'nf_conntrack.count'),
    ...limitKeys.map(key => setting(snapshot, key)),
  ];
  const others = [
    counter(snapshot, 'proc/net/stat/rt_cache', 'rt_cache.entries'),
    counter(snapshot, 'proc/net/stat/arp_cache', 'arp_cache.entries'),
  ];
  const isMissing = traces.every(
    reading => isAbsent(reading, 'no-such-file') || isAbsent(reading, 'not-in-this-kernel'),
  );
  const wasSaved = !others.every(reading => isAbsent(reading, 'no-such-file'));
  return isMissing && wasSaved ? 'Connection tracking is not loaded on this host.' : null;
}

const isAbsent = (reading: Reading<unknown>, why: AbsentWhy): boolean =>
  reading.state === 'absent' && reading.why === why;
