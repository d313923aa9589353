import { known } from '../model/reading.ts';
import type { Finding } from '../model/rule.ts';
import { allFindings, type HostResult } from '../model/run.ts';
import { counter, type Snapshot } from '../model/snapshot.ts';
import { safe } from './line.ts';
import { rankOf, type Standing, standingLooks, standingOf } from './standing.ts';

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
  /** What is otherwise than in the round before; null: nothing, or no round before. */
  readonly changed: string | null;
  /** The round that the result is of, from 1. */
  readonly round: number;
  /** What it counts as in its cohort: `tw-recycle firing`, `ok`, an outcome. */
  readonly cause: string;
  /** Sorts names as people do: `web2` before `web10`. */
  readonly order: string;
  /** What a word of a filter is looked for in: lower case, one text per line. */
  readonly searched: string;
  /** Sorts kernels by number, the oldest first; a host without one last. */
  readonly kernelOrder: string;
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
  readonly round: number;
}

/** Rounds that a trend remembers. */
const trendLength = 40;

export function hostRow({ result, snapshot, round }: Visited, before: HostRow | undefined): HostRow {
  const sample = snapshot === null ? null : dropSample(snapshot);
  const leading = leadingFinding(result);
  const drops = dropRate(sample, before?.sample ?? null) ?? evidenceRate(result);
  const standing = standingOf(result);
  const row: HostRow = {
    name: result.name,
    result,
    standing,
    leading,
    verdict: verdictWords(result, leading),
    nat: natEvidence(result),
    drops,
    trend: drops === null ? (before?.trend ?? []) : [...(before?.trend ?? []), drops].slice(-trendLength),
    sample,
    changed: null,
    round,
    cause: leading === null ? (standing === 'lost' ? result.outcome : 'ok') : causeName(leading),
    order: before?.order ?? nameOrder(result.name),
    searched: '',
    kernelOrder: kernelOrder(result),
  };
  const changed = before === undefined || before.round === round ? null : change(before, row);
  return { ...row, changed, searched: searchedText(row) };
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
  return result.rates?.['TcpExt.PAWSPassive'] ?? null;
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

function change(before: HostRow, now: HostRow): string | null {
  if (before.standing !== now.standing) {
    const isWorse = rankOf(now.standing) < rankOf(before.standing);
    return `${before.standing} → ${now.standing}, ${isWorse ? 'worse' : 'better'}`;
  }
  const named = ({ leading }: HostRow) => (leading === null ? 'nothing' : causeName(leading));
  return named(before) === named(now) ? null : `${named(before)} → ${named(now)}`;
}

function searchedText({ name, result, standing, verdict, leading }: HostRow): string {
  const { word } = standingLooks[standing];
  const texts = [name, result.address, ...result.groups, result.kernel ?? '', result.os ?? '', word, verdict];
  if (leading !== null) texts.push(causeName(leading));
  return texts.map(text => safe(text).toLowerCase()).join('\n');
}

const causeName = ({ rule, state }: Finding): string => (state === null ? rule : `${rule} ${state}`);

/** Numbers padded to a common length, so that plain text order is natural order. */
export const nameOrder = (name: string): string =>
  name.slice(0, 300).replace(/\d+/g, digits => digits.padStart(12, '0'));

const kernelOrder = ({ kernel }: HostResult): string =>
  kernel === null ? '~' : kernel.slice(0, 64).replace(/\d+/g, digits => digits.padStart(8, '0'));
