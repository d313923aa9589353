/** Shares and counts in words. */

/** `1,000`. Without ICU, which costs a program's start 20 ms. */
export const grouped = (n: number): string => String(n).replace(/\B(?=(?:\d{3})+$)/g, ',');

/** `21.4 %`, `0.013 %`: more digits where the share is small, and never 0 or 100 % for what is not. */
export function percent(share: number): string {
  const value = share * 100;
  if (value === 0 || value === 100) return `${value} %`;
  if (value > 99.9) return '> 99.9 %';
  if (value >= 1) return `${value.toFixed(1)} %`;
  return value < 1e-6 ? '< 0.000001 %' : `${Number(value.toPrecision(2))} %`;
}

/** Something counted, among so many. */
interface CountedShare {
  readonly count: number;
  readonly attempts: number;
  readonly share: number | null;
}

/** `21.4 % (214 of 1,000)`. */
export const shareText = ({ count, attempts, share }: CountedShare): string =>
  share === null ? 'unknown (no attempt)' : `${percent(share)} (${grouped(count)} of ${grouped(attempts)})`;

/** `18.9–24.1 %`. */
export const intervalText = (interval: { readonly low: number; readonly high: number } | null): string =>
  interval === null ? '–' : `${percent(interval.low).replace(' %', '')}–${percent(interval.high)}`;

/** `p = 0.03`, `p < 0.0001`. */
export const pText = (p: number): string => (p < 0.0001 ? 'p < 0.0001' : `p = ${Number(p.toPrecision(2))}`);
