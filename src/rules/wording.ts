import type { CounterReading } from '../model/snapshot.ts';

/** `5,120`: digits in groups of three, whatever the locale of the machine. */
export const count = (value: number): string =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 connection`, `812 connections`. */
export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

/** Three significant digits at most: `59.5`, `0.02`, `214`. */
export const rate = (value: number): string => (value >= 100 ? count(value) : String(Number(value.toPrecision(3))));

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

/** `45 s`, `10 min`, `3 h`, `12 days`: one unit, for spans of which the order of magnitude matters. */
export function span(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${count(seconds / 86_400)} days`;
}

/** What a counter did between the samples: `+59.5/s`, or `+119 between the samples` where the time is unknown. */
export function rise({ value, earlier = value, perSecond }: CounterReading): string {
  return perSecond === undefined ? `+${count(value - earlier)} between the samples` : `+${rate(perSecond)}/s`;
}
