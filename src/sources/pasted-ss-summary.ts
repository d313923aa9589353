import type { PastedCounters } from './pasted-counters.ts';

/** `TCP:   192 (estab 99, closed 81, orphaned 0, synrecv 0, timewait 1/0), ports 0`. */
const summary = /^[ ]*TCP:[ ]+\d+[ ]+\(estab \d+,.*?\borphaned (\d{1,12}),.*?\btimewait (\d{1,12})(?:\/\d+)?\)/;

/**
 * `ss -s`: what /proc/net/sockstat has under the same meaning, orphans and TIME_WAIT. Null: it is not in the text.
 * Source: iproute2 misc/ss.c, print_summary().
 */
export function parseSsSummary(lines: readonly string[]): PastedCounters | null {
  const found = lines
    .map(line => summary.exec(line))
    .filter(match => match !== null)
    .at(-1);
  if (found === undefined) return null;
  return {
    source: 'proc/net/sockstat',
    from: 'ss -s',
    values: new Map([
      ['TCP.orphan', Number(found[1])],
      ['TCP.tw', Number(found[2])],
    ]),
    inferred: new Set(),
    partial: 'ss -s does not tell it',
    repeated: [],
  };
}
