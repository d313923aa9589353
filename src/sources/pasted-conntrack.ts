import type { PastedCounters } from './pasted-counters.ts';

/** `cpu=0   found=7 invalid=130 insert=0 insert_failed=2 drop=0 early_drop=0 error=0 search_restart=10`. */
const row = /^[ ]*cpu=\d+[ ]+((?:[a-z_]+=\d{1,20}(?:[ ]+|$))+)$/;

/** Where the tool and /proc/net/stat/nf_conntrack use other words. */
const renamed: Readonly<Record<string, string>> = { error: 'icmp_error', clash_resolve: 'clashres' };

/** `conntrack -S`: counters per CPU, summed. Null: it is not in the text. Source: conntrack-tools src/conntrack.c, nfct_stats_cb(). */
export function parseConntrack(lines: readonly string[]): PastedCounters | null {
  const values = new Map<string, number>();
  for (const line of lines) {
    for (const [, name = '', count] of (row.exec(line)?.[1] ?? '').matchAll(/([a-z_]+)=(\d+)/g)) {
      const field = `nf_conntrack.${renamed[name] ?? name}`;
      values.set(field, (values.get(field) ?? 0) + Number(count));
    }
  }
  if (values.size === 0) return null;
  const partial = 'conntrack -S does not print it';
  return {
    source: 'proc/net/stat/nf_conntrack',
    from: 'conntrack -S',
    values,
    inferred: new Set(),
    partial,
    repeated: [],
  };
}
