/** Thresholds as rules declare them (define.ts): what differs between rules is the number and the reason for it. */

/** A rate that counts: between the two samples. Unit: 1/s. */
export const perSecond = (usual: number, reason: string) => ({
  default: usual,
  unit: 'per second between the samples',
  min: 0,
  max: 1_000_000,
  reason,
});

/** An average that counts where nothing was seen between the samples. Unit: 1/h. */
export const perHour = (usual: number, reason: string) => ({
  default: usual,
  unit: 'per hour since boot',
  min: 0,
  max: 1_000_000,
  reason,
});
