import { CounterTable } from '../model/counter-table.ts';
import { hexadecimal, linesOf, wordsOf } from './counter-line.ts';
import { type FileSource, ParseError } from './source.ts';

/**
 * Columns of softnet_stat that count, by position; those between were removed or are always 0. A column that this
 * kernel does not print yet is left out. Columns from 12 on are gauges per CPU, not counters.
 * Source: net/core/net-procfs.c, softnet_seq_show().
 */
const columns: ReadonlyArray<readonly [position: number, name: string]> = [
  [0, 'processed'],
  [1, 'dropped'],
  [2, 'time_squeeze'],
  [8, 'cpu_collision'],
  [9, 'received_rps'],
  [10, 'flow_limit_count'],
];

/** Printed since 2.4; later kernels only added columns. */
const columnsEver = 9;

/** Added for readability of evidence, and to tell "no such column" from 0. */
const prefix = 'softnet_stat';

/**
 * `/proc/net/softnet_stat`: one line of hexadecimal columns per CPU, summed over the CPUs. Global, not per namespace.
 * Lines of unequal length are legal: CPUs may come up while it is read.
 */
export const softnetStat: FileSource<CounterTable> = {
  path: 'proc/net/softnet_stat',
  sampled: true,
  parse: text => {
    const sums = new Map<string, number>();
    const lines = linesOf(text);
    if (lines.length === 0) throw new ParseError('empty');
    for (const { text: line, number } of lines) {
      const words = wordsOf(line);
      if (words.length < columnsEver)
        throw new ParseError(`expected at least ${columnsEver} columns, got ${words.length}`, number);
      const values = words.map(word => hexadecimal(word, number));
      for (const [position, name] of columns) {
        const value = values[position];
        if (value !== undefined) sums.set(name, (sums.get(name) ?? 0) + value);
      }
    }
    return CounterTable.of([...sums].map(([name, sum]) => [`${prefix}.${name}`, sum]));
  },
};
