import { known } from '../model/reading.ts';
import type { Finding } from '../model/rule.ts';
import { allFindings, type HostResult } from '../model/run.ts';
import { counter, type Listener, type Snapshot } from '../model/snapshot.ts';
import type { Phase } from '../model/visit.ts';
import { safe } from './line.ts';
import { rankOf, type Standing, standingOf } from './standing.ts';

/** One reading of the counter that only recycle drops raise: TcpExt.PAWSPassive, with the host's own clock. */
export interface DropSample {
  readonly value: number;
  readonly uptimeSeconds: number;
}

/** A host as the tables show it: made once when its result comes, read many times. */
export interface HostRow {
  readonly name: string;
  readonly result: HostResult;
  readonly standing: Standing;
  /** The finding that leads: the primary cause, else the worst. */
  readonly leading: Finding | null;
  /** In words. */
  readonly verdict: string;
  readonly nat: NatEvidence;
  /** SYNs dropped by recycle. Unit: 1/s; null where no two samples tell. */
  readonly drops: number | null;
  /** Rates of the rounds of a watch, oldest first. Unit: 1/s. */
  readonly trend: readonly number[];
  readonly sample: DropSample | null;
  /** Null where the sockets are not known: a stored run keeps none. */
  readonly listeners: readonly Listener[] | null;
  /** When each phase began, as seen here. Unit: ms since the visit began; empty for a stored run. */
  readonly phases: Readonly<Partial<Record<Phase, number>>>;
  /** What is otherwise than in the round before; null: nothing, or no round before. */
  readonly changed: string | null;
  /** The round that the result is of, from 1. */
  readonly round: number;
  /** Sorts names as people do: `web2` before `web10`. */
  readonly order: string;
}

/** How far clients share addresses. */
export interface NatEvidence {
  /** Share of connections that come from shared addresses, 0 to 1; null: not known. */
  readonly share: number | null;
  readonly words: string;
}

/** What the dashboard keeps of a visit beside its result. */
export interface Visited {
  readonly result: HostResult;
  readonly snapshot: Snapshot | null;
  readonly phases: HostRow['phases'];
  readonly round: number;
}

/** Rounds that a trend remembers. */
const trendLength = 40;
/** Listeners kept per host, those with the fullest queue. */
const listenersKept = 16;

export function hostRow({ result, snapshot, phases, round }: Visited, before: HostRow | undefined): HostRow {
  const sample = snapshot === null ? null : dropSample(snapshot);
  const leading = leadingFinding(result);
  const drops = dropRate(sample, before?.sample ?? null) ?? evidenceRate(result);
  const row: HostRow = {
    name: result.name,
    result,
    standing: standingOf(result),
    leading,
    verdict: verdictWords(result, leading),
    nat: natEvidence(result),
    drops,
    trend: drops === null ? (before?.trend ?? []) : [...(before?.trend ?? []), drops].slice(-trendLength),
    sample,
    listeners: snapshot === null ? null : fullestListeners(snapshot),
    phases,
    changed: null,
    round,
    order: before?.order ?? nameOrder(result.name),
  };
  return before === undefined || before.round === round ? row : { ...row, changed: change(before, row) };
}

function dropSample(snapshot: Snapshot): DropSample | null {
  const reading = known(counter(snapshot, 'proc/net/netstat', 'TcpExt.PAWSPassive'));
  const uptimeSeconds = known(
    snapshot.samples[snapshot.samples.length - 1]?.uptimeSeconds ?? { state: 'absent', why: 'not-collected' },
  );
  return reading === undefined || uptimeSeconds === undefined ? null : { value: reading.value, uptimeSeconds };
}

/** Between two rounds of a watch: the whole time between them. Null after a reboot, and in the first round. */
function dropRate(now: DropSample | null, before: DropSample | null): number | null {
  if (now === null || before === null) return null;
  const seconds = now.uptimeSeconds - before.uptimeSeconds;
  return seconds > 0 && now.value >= before.value ? (now.value - before.value) / seconds : null;
}

/** Between the two samples of one visit, as the rules saw it. */
function evidenceRate(result: HostResult): number | null {
  for (const { evidence } of allFindings(result))
    for (const { field, perSecond } of evidence)
      if (field === 'TcpExt.PAWSPassive' && perSecond !== undefined) return perSecond;
  return null;
}

function leadingFinding(result: HostResult): Finding | null {
  const open = allFindings(result).filter(({ waived }) => waived === null);
  const primary = open.find(({ rule }) => rule === result.primary);
  if (primary !== undefined) return primary;
  return [...open].sort((a, b) => rankOf(a.severity) - rankOf(b.severity))[0] ?? null;
}

function verdictWords(result: HostResult, leading: Finding | null): string {
  if (result.error !== null) return safe(`${result.outcome}: ${result.error.message}`);
  const findings = allFindings(result);
  if (leading !== null) {
    const others = findings.filter(({ waived }) => waived === null).length - 1;
    return safe(`${leading.title}${others > 0 ? ` (+${others})` : ''}`);
  }
  return [cleanWords(result), ...(findings.length > 0 ? [`${findings.length} waived`] : [])].join(' · ');
}

function cleanWords({ verdicts, notChecked, outcome }: HostResult): string {
  const recycle = verdicts['tw-recycle'];
  const unchecked = Object.keys(notChecked).length;
  const what =
    recycle === 'notapplicable'
      ? 'ok, recycle is not in this kernel'
      : recycle === 'pass'
        ? 'ok, recycle is off'
        : 'ok';
  const parts = [recycle === 'notchecked' ? 'recycle could not be judged' : what];
  if (unchecked > 0) parts.push(`${unchecked} ${unchecked === 1 ? 'rule' : 'rules'} not checked`);
  if (outcome === 'partial') parts.push('read in part');
  return parts.join(' · ');
}

function natEvidence({ clients, error }: HostResult): NatEvidence {
  if (clients === null) return { share: null, words: error === null ? 'unknown' : '–' };
  const shared = clients.shared.reduce((sum, { connections }) => sum + connections, 0);
  const [first] = clients.shared;
  if (first === undefined) return { share: 0, words: 'none seen' };
  const share = clients.connections === 0 ? 0 : Math.min(1, shared / clients.connections);
  const more = clients.shared.length > 1 ? ` +${clients.shared.length - 1}` : '';
  return { share, words: `${String(Math.round(share * 100)).padStart(3)} % ${safe(first.address)}${more}` };
}

function fullestListeners({ sockets }: Snapshot): readonly Listener[] | null {
  const table = known(sockets);
  if (table === undefined) return null;
  const fill = ({ queued, limit }: Listener) => (limit === null || limit === 0 ? queued : queued / limit);
  return [...table.listeners].sort((a, b) => fill(b) - fill(a) || a.port - b.port).slice(0, listenersKept);
}

function change(before: HostRow, now: HostRow): string | null {
  if (before.standing !== now.standing) {
    const isWorse = rankOf(now.standing) < rankOf(before.standing);
    return `${before.standing} → ${now.standing}, ${isWorse ? 'worse' : 'better'}`;
  }
  const named = ({ leading }: HostRow) => (leading === null ? '' : `${leading.rule} ${leading.state ?? ''}`.trim());
  return named(before) === named(now) ? null : `${named(before) || 'nothing'} → ${named(now) || 'nothing'}`;
}

/** Numbers padded to a common length, so that plain text order is natural order. */
export const nameOrder = (name: string): string =>
  name.slice(0, 300).replace(/\d+/g, digits => digits.padStart(12, '0'));
