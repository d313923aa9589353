import { CounterTable } from '../model/counter-table.ts';
import { detached } from '../text/detached.ts';
import { decimal, linesOf, quoted, wordsOf } from './counter-line.ts';
import { type FileSource, ParseError } from './source.ts';

/** Column names of both halves, in the order the kernel prints them since 2.1. Source: net/core/net-procfs.c. */
const receive = ['bytes', 'packets', 'errs', 'drop', 'fifo', 'frame', 'compressed', 'multicast'];
const transmit = ['bytes', 'packets', 'errs', 'drop', 'fifo', 'colls', 'carrier', 'compressed'];
const names = [...receive.map(name => `rx_${name}`), ...transmit.map(name => `tx_${name}`)];

/** Kernels before 2.6.29 print this for an interface whose driver counts nothing. */
const uncounted = 'No statistics available.';

/** `/proc/net/dev`: counters per interface, as `eth0.rx_drop`. Units: bytes and packets. */
export const netDev: FileSource<CounterTable> = {
  path: 'proc/net/dev',
  sampled: true,
  parse: text => {
    const table = new CounterTable();
    const lines = linesOf(text);
    if (lines[0]?.text.startsWith('Inter-|') !== true)
      throw new ParseError('the heading "Inter-| Receive" is missing', 1);
    for (const { text: line, number } of lines.slice(2)) {
      const colon = line.lastIndexOf(':');
      const name = line.slice(0, colon).trim();
      if (colon < 1 || name === '') throw new ParseError(`expected "interface: …", got ${quoted(line)}`, number);
      const words = wordsOf(line, colon + 1);
      if (words.join(' ') === uncounted) continue;
      if (words.length !== names.length)
        throw new ParseError(`${names.length} columns expected, ${words.length} found`, number);
      const values = words.map(word => decimal(word, number));
      // a NUL is in no line, so this stands for no other names
      const step = detached(`${name}\0`);
      table.addLine(step, () => names.map(column => detached(`${name}.${column}`))).push(...values);
    }
    return table;
  },
};
