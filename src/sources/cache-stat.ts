import { CounterTable } from '../model/counter-table.ts';
import { hexadecimal, linesOf, wordsOf } from './counter-line.ts';
import { type FileSource, ParseError } from './source.ts';

/**
 * The format of `/proc/net/stat/*`: a line of names, then one line of hexadecimal values per CPU. Counters are summed
 * over the CPUs; `entries` is one global number printed on every line. Old kernels print fewer names.
 */
function parseCacheStat(prefix: string, text: string): CounterTable {
  const [header, ...rows] = linesOf(text);
  if (header === undefined) throw new ParseError('empty');
  const names = wordsOf(header.text);
  const sums = new Array<number>(names.length).fill(0);
  for (const { text: row, number } of rows) {
    const words = wordsOf(row);
    if (words.length !== names.length) {
      throw new ParseError(`${names.length} names but ${words.length} values`, number);
    }
    words.forEach((word, column) => {
      const value = hexadecimal(word, number);
      sums[column] = names[column] === 'entries' ? value : (sums[column] ?? 0) + value;
    });
  }
  if (rows.length === 0) throw new ParseError('names without values');
  return CounterTable.of(names.map((name, column) => [`${prefix}.${name}`, sums[column] ?? 0]));
}

const cacheStat = (name: string): FileSource<CounterTable> => ({
  path: `proc/net/stat/${name}`,
  sampled: true,
  parse: text => parseCacheStat(name, text),
});

/** Connection tracking: insert_failed, drop, early_drop … Source: net/netfilter/nf_conntrack_standalone.c. */
export const conntrackStat = cacheStat('nf_conntrack');
/** IPv4 neighbour table: table_fulls, unresolved_discards … Global. Source: net/core/neighbour.c. */
export const arpCacheStat = cacheStat('arp_cache');
/** IPv6 neighbour table. Source: net/core/neighbour.c. */
export const ndiscCacheStat = cacheStat('ndisc_cache');
/** IPv4 route cache: in_martian_src, in_no_route … Source: net/ipv4/route.c, rt_cpu_seq_show(). */
export const routeCacheStat = cacheStat('rt_cache');
