import type { BootSetting, BootSettings } from '../model/snapshot.ts';
import { writtenInteger } from './integer.ts';

/** What one engine would leave in an integer sysctl at boot. */
export interface BootOutcome {
  /** As in messages: `systemd-sysctl`, `sysctl --system`. */
  readonly engine: string;
  /** The value the kernel would hold; null: no line sets it, or the kernel refuses what is written. */
  readonly value: number | null;
  /** The line that decides; null where there is none. */
  readonly line: BootSetting | null;
}

/** The engine that runs at boot, and the other one where both exist: administrators and packages run it later. */
export interface BootOutcomes {
  readonly atBoot: BootOutcome;
  readonly byHand: BootOutcome | null;
}

/** Follows both engines to the value of one integer key. Where systemd runs, it applies the files at boot. */
export function bootOutcomes({ procps, systemd }: BootSettings, key: string): BootOutcomes {
  const lines = procps.get(key);
  const written = {
    engine: 'sysctl --system',
    ...accepted(lines === undefined ? [] : [lines, ...(lines.losers ?? [])]),
  };
  if (systemd === null) return { atBoot: { ...written, engine: 'boot' }, byHand: null };
  // systemd-sysctl writes only the last line of a key, procps all of them: there a refused one leaves the one before in force
  const last = systemd.get(key);
  return { atBoot: { engine: 'systemd-sysctl', ...accepted(last === undefined ? [] : [last]) }, byHand: written };
}

function accepted(strongestFirst: readonly BootSetting[]): Omit<BootOutcome, 'engine'> {
  for (const line of strongestFirst) {
    const value = writtenInteger(line.value);
    if (value !== null) return { value, line };
  }
  return { value: null, line: strongestFirst[0] ?? null };
}

/** `/etc/sysctl.conf:17`. */
export const placeOf = ({ file, line }: BootSetting): string => `${file}:${line}`;

/** `/etc/sysctl.conf:17 (= 1), over /etc/sysctl.d/99-fix.conf:3 (= 0)`: the deciding line and the strongest that says otherwise. */
export function winnerInWords(line: BootSetting): string {
  const other = line.losers?.find(({ value }) => value !== line.value);
  const over = other === undefined ? '' : `, over ${placeOf(other)} (= ${shown(other.value)})`;
  return `${placeOf(line)} (= ${shown(line.value)})${over}`;
}

/** Values come from files: bounded, and visibly ended. */
export const shown = (value: string): string => (value.length > 40 ? `${value.slice(0, 40)}…` : value);
