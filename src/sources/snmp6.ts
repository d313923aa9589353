import { CounterTable } from '../model/counter-table.ts';
import { decimal, linesOf, quoted, wordsOf } from './counter-line.ts';
import { type FileSource, ParseError } from './source.ts';

/**
 * `/proc/net/snmp6`: one IPv6 counter per line, `Ip6InReceives 12`. Absent where IPv6 is not built in or disabled.
 * Source: net/ipv6/proc.c, snmp6_seq_show().
 */
export const snmp6: FileSource<CounterTable> = {
  path: 'proc/net/snmp6',
  sampled: true,
  parse: text => {
    const table = new CounterTable();
    for (const { text: line, number } of linesOf(text)) {
      const words = wordsOf(line);
      const [name, value] = words;
      if (name === undefined || value === undefined || words.length !== 2) {
        throw new ParseError(`expected "name value", got ${quoted(line)}`, number);
      }
      table.add(name, decimal(value, number));
    }
    if (table.size === 0) throw new ParseError('empty');
    return table;
  },
};
