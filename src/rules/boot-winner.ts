import type { BootSetting, BootSettings, LaterWrite } from '../model/snapshot.ts';
import { writtenInteger } from './integer.ts';

/** A line that sets a key at boot, with who writes it if its file does not tell. */
export type BootLine = BootSetting & Pick<LaterWrite, 'by' | 'condition'>;

/** What a boot, or one engine run by hand, would leave in an integer sysctl. */
export interface BootOutcome {
  /** As in messages: `systemd-sysctl`, `sysctl --system`. */
  readonly engine: string;
  /** The value the kernel would hold; null: no line sets it, or the kernel refuses what is written. */
  readonly value: number | null;
  /** The line that decides; null where there is none. */
  readonly line: BootLine | null;
  /** Whether that line is none of the engine's: tuned, ufw or rc.local write after it. */
  readonly isLater: boolean;
  /** Writes behind that line which may change the value: they have a condition, or a value that cannot be told. */
  readonly maybe: readonly LaterWrite[];
}

/** The boot, and the other engine where both exist: administrators and packages run it later. */
export interface BootOutcomes {
  readonly atBoot: BootOutcome;
  readonly byHand: BootOutcome | null;
}

const followed = new WeakMap<BootSettings, Map<string, BootOutcomes>>();

/** What a boot leaves in one integer key. Hosts with equal files share their BootSettings, so it is followed once for all. */
export function bootOutcomes(boot: BootSettings, key: string): BootOutcomes {
  const outcomes = followed.get(boot) ?? new Map<string, BootOutcomes>();
  followed.set(boot, outcomes);
  const known = outcomes.get(key) ?? follow(boot, key);
  outcomes.set(key, known);
  return known;
}

/** Follows the boot and both engines to the value of the key. Where systemd runs, it applies the files at boot. */
function follow({ procps, systemd, commandLine, later }: BootSettings, key: string): BootOutcomes {
  const onCommandLine = [commandLine.get(key)].filter(isThere);
  const lines = [procps.get(key)].filter(isThere).flatMap(({ losers = [], ...winner }) => [winner, ...losers]);
  const writes = later.get(key) ?? [];
  if (systemd === null)
    return { atBoot: afterwards(accepted('boot', [...lines, ...onCommandLine]), writes), byHand: null };
  // systemd-sysctl writes only the last line of a key, procps all of them: there a refused one leaves the one before in force
  const last = [systemd.get(key)].filter(isThere);
  return {
    atBoot: afterwards(accepted('systemd-sysctl', [...last, ...onCommandLine]), writes),
    byHand: accepted('sysctl --system', lines),
  };
}

const isThere = <T>(value: T | undefined): value is T => value !== undefined;

/** The strongest line that the kernel takes; if it takes none, the strongest. */
function accepted(engine: string, strongestFirst: readonly BootSetting[]): BootOutcome {
  const outcome = { engine, isLater: false, maybe: [] };
  for (const [index, line] of strongestFirst.entries()) {
    const value = writtenInteger(line.value);
    if (value !== null) return { ...outcome, value, line: over(line, strongestFirst.slice(index + 1)) };
  }
  return { ...outcome, value: null, line: strongestFirst[0] ?? null };
}

/** What comes after the engine, in the order of the boot. */
function afterwards(ofEngine: BootOutcome, writes: readonly LaterWrite[]): BootOutcome {
  let outcome = ofEngine;
  let maybe: LaterWrite[] = [];
  for (const write of writes) {
    const { effect, condition, ...line } = write;
    const value = writtenInteger(write.value);
    const isBound = effect === 'raises' || effect === 'lowers';
    if (effect === 'unknown' || (value !== null && (condition !== undefined || (isBound && outcome.value === null)))) {
      maybe.push(write);
    } else if (value !== null && holds(effect, value, outcome.value)) {
      const overruled = outcome.line === null ? [] : [outcome.line];
      if (!isSameLine(line, outcome.line)) outcome = { ...outcome, value, line: over(line, overruled), isLater: true };
      maybe = [];
    }
  }
  // tuned applies sysctl files once more: as a rule the line that had won wins again
  return { ...(isSameLine(outcome.line, ofEngine.line) ? ofEngine : outcome), maybe };
}

const isSameLine = (a: BootLine | null, b: BootLine | null): boolean =>
  a !== null && b !== null && placeOf(a) === placeOf(b) && a.value === b.value;

const holds = (effect: LaterWrite['effect'], value: number, before: number | null): boolean =>
  before === null || effect === undefined || (effect === 'raises' ? value > before : value < before);

/** A line with those that it overrules, the strongest first. */
function over(line: BootLine, others: readonly BootSetting[]): BootLine {
  const losers = [...(line.losers ?? []), ...others.flatMap(({ losers = [], ...other }) => [other, ...losers])];
  return losers.length === 0 ? line : { ...line, losers };
}

/** `/etc/sysctl.conf:17`. */
export const placeOf = ({ file, line }: Pick<BootSetting, 'file' | 'line'>): string => `${file}:${line}`;

/** `/etc/tuned/web/tuned.conf:12 (= 1, by tuned profile web)`. */
export const lineInWords = (line: Pick<BootLine, 'file' | 'line' | 'value' | 'by'>): string =>
  `${placeOf(line)} (${[`= ${shown(line.value)}`, ...(line.by === undefined ? [] : [line.by])].join(', ')})`;

/** `/etc/sysctl.conf:17 (= 1), over /etc/sysctl.d/99-fix.conf:3 (= 0)`: the deciding line and the strongest that says otherwise. */
export function winnerInWords(line: BootLine): string {
  const other = line.losers?.find(({ value }) => value !== line.value);
  return other === undefined ? lineInWords(line) : `${lineInWords(line)}, over ${lineInWords(other)}`;
}

/** Values come from files: bounded, and visibly ended. */
export const shown = (value: string): string => (value.length > 40 ? `${value.slice(0, 40)}…` : value);
