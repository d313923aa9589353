/** How much of a limit is used. A limit of 0 or less is used up by nothing. Unit: %. */
export const percentOf = (level: number, limit: number): number => (limit > 0 ? (100 * level) / limit : 100);

/** From where on a level is near its limit: a tenth is left. */
export const nearLimit = {
  percent: {
    default: 90,
    unit: '% of the limit',
    min: 1,
    max: 100,
    reason: 'a tenth is what an ordinary burst takes, so above it the next burst meets the limit',
  },
} as const;
