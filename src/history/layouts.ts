/**
 * Writes tables of many equal keys (the counters of a kernel, its sysctls) as the keys once and the values per host: a tenth of
 * the size, and a tenth of the work. A layout always stands in the file before the first record that uses it.
 */
export interface Layouts {
  /** Number of the layout of these keys; `announce` is called the first time it is seen. */
  idOf(keys: readonly string[]): number;
}

export function createLayouts(announce: (id: number, keys: readonly string[]) => void): Layouts {
  const ids = new Map<string, number>();
  // tables of one kernel share the array of their names
  const seen = new WeakMap<readonly string[], number>();
  return {
    idOf(keys) {
      const same = seen.get(keys);
      if (same !== undefined) return same;
      const joined = keys.join(' ');
      const id = ids.get(joined) ?? ids.size;
      if (!ids.has(joined)) {
        ids.set(joined, id);
        announce(id, keys);
      }
      seen.set(keys, id);
      return id;
    },
  };
}

/** A table as stored: number of its layout, then the values in the order of its keys. */
export type StoredTable<T> = readonly [layout: number, values: readonly T[]];

export const storedTable = <T>(layouts: Layouts, keys: readonly string[], values: readonly T[]): StoredTable<T> => [
  layouts.idOf(keys),
  values,
];
