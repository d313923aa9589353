import type { Reading } from '../model/reading.ts';
import type { Gleaned } from '../sources/pasted.ts';

/** Running settings as texts tell them. */
interface PastedSettings {
  readonly settings: ReadonlyMap<string, Reading<string>>;
  /** All keys of net.ipv4 are there: one that is missing this kernel does not have. */
  readonly isWhole: boolean;
}

/**
 * Settings from all texts of a host. What a kernel printed stands before what a sysctl file says; where there is nothing else,
 * the file is taken at its word (`writtenOnly` tells which keys these are, and people are told). Where all that runs is known,
 * a file adds nothing: a key that is only in the file is not in this kernel.
 */
export function settingsOfPasted(gleaned: readonly Gleaned[], isTreeWhole: boolean): PastedSettings {
  const isWhole = isTreeWhole || gleaned.some(({ sysctl }) => sysctl?.isWhole === true);
  const settings = new Map<string, Reading<string>>();
  if (!isWhole) {
    for (const { sysctl } of gleaned) for (const [key, value] of sysctl?.written ?? []) settings.set(key, value);
  }
  for (const { sysctl } of gleaned) for (const [key, value] of sysctl?.running ?? []) settings.set(key, value);
  return { settings, isWhole };
}

/** Keys whose value comes from a sysctl file alone. */
export function writtenOnly(gleaned: readonly Gleaned[], isTreeWhole: boolean): readonly string[] {
  const running = new Set(gleaned.flatMap(({ sysctl }) => [...(sysctl?.running.keys() ?? [])]));
  return [...settingsOfPasted(gleaned, isTreeWhole).settings.keys()].filter(key => !running.has(key));
}
