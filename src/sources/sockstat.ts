import { CounterTable } from '../model/counter-table.ts';
import { decimal, linesOf, quoted, wordsOf } from './counter-line.ts';
import { type FileSource, ParseError } from './source.ts';

/** `TCP: inuse 5 orphan 0 tw 2` to `TCP.inuse` and so on. Gauges. Unit of `TCP.mem`: pages. */
function parseSockstat(text: string): CounterTable {
  const table = new CounterTable();
  for (const { text: line, number } of linesOf(text)) {
    const [name, ...words] = wordsOf(line);
    if (name?.endsWith(':') !== true || words.length % 2 !== 0) {
      throw new ParseError(`expected "Protocol: name value …", got ${quoted(line)}`, number);
    }
    for (let i = 0; i < words.length; i += 2) {
      table.add(`${name.slice(0, -1)}.${words[i]}`, decimal(words[i + 1] as string, number));
    }
  }
  if (table.size === 0) throw new ParseError('empty');
  return table;
}

/** `/proc/net/sockstat`: sockets in use by protocol. Source: net/ipv4/proc.c, sockstat_seq_show(). */
export const sockstat: FileSource<CounterTable> = {
  path: 'proc/net/sockstat',
  sampled: true,
  parse: parseSockstat,
};

/** `/proc/net/sockstat6`: the same for IPv6. Source: net/ipv6/proc.c, sockstat6_seq_show(). */
export const sockstat6: FileSource<CounterTable> = {
  path: 'proc/net/sockstat6',
  sampled: true,
  parse: parseSockstat,
};
