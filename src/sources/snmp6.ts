import { decimal, linesOf, quoted } from './counter-line.ts';
import { type FileSource, ParseError } from './source.ts';

/**
 * `/proc/net/snmp6`: one IPv6 counter per line, `Ip6InReceives 12`. Absent where IPv6 is not built in or disabled.
 * Source: net/ipv6/proc.c, snmp6_seq_show().
 */
export const snmp6: FileSource<ReadonlyMap<string, number>> = {
  path: 'proc/net/snmp6',
  sampled: true,
  parse: text => {
    const table = new Map<string, number>();
    linesOf(text).forEach((line, index) => {
      const words = line.split(/[ \t]+/).filter(word => word !== '');
      const [name, value] = words;
      if (name === undefined || value === undefined || words.length !== 2) {
        throw new ParseError(`expected "name value", got ${quoted(line)}`, index + 1);
      }
      table.set(name, decimal(value, index + 1));
    });
    if (table.size === 0) throw new ParseError('empty');
    return table;
  },
};
