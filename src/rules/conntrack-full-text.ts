import type { Remedy } from '../model/rule.ts';
import type { ConntrackTable } from './conntrack-table.ts';
import type { RuleText } from './define.ts';

const advice = `find out what fills the table (conntrack -L as root): long idle connections (nf_conntrack_tcp_timeout_established, 5 days by default), or traffic that need not be tracked (NOTRACK)`;
const memory = 'about 0.3 KB of kernel memory per entry; without more hash buckets, lookups get slower';

const fix = {
  summary: `net.netfilter.nf_conntrack_max=262144 on the host, with a quarter of it as hash buckets (nf_conntrack_buckets) or more; and ${advice}`,
  set: { 'net.netfilter.nf_conntrack_max': '262144' },
  risk: memory,
} as const;

/** What stands in the documentation of the rule. */
export const conntrackFullText: RuleText = {
  id: 'conntrack-full',
  title: 'the conntrack table has room',
  summary: 'New connections get no answer while those that exist go on; a stateful firewall or NAT runs on the host.',
  mechanism: [
    'A stateful firewall or NAT keeps an entry for every connection, at most nf_conntrack_max per network namespace.',
    'When the table is full, the first packet of a new connection takes the place of an entry that got no answer yet (early_drop).',
    'Where no such entry is found nearby, the packet is dropped without an answer (drop), and TCP never sees the SYN.',
    'Entries of established connections stay for five days after the last packet, so connections that vanished fill the table.',
    'Newer kernels raise drop for clashes of entries as well, together with insert_failed.',
  ],
  proof:
    'drop or early_drop of /proc/net/stat/nf_conntrack rises while nf_conntrack_count stands at nf_conntrack_max; the kernel logs "nf_conntrack: table full, dropping packet". ListenDrops does not follow.',
  fix,
  references: [
    { title: 'nf_conntrack-sysctl', url: 'https://docs.kernel.org/networking/nf_conntrack-sysctl.html' },
    { title: 'conntrack-tools user manual', url: 'https://conntrack-tools.netfilter.org/manual.html' },
  ],
};

/** About 1.3 GB of entries: more is for somebody to decide who knows the machine. */
const most = 4_194_304;

/** Twice the limit that runs; advice alone where that is not known, or large already. */
export function remedyFor(table: ConntrackTable | null): Remedy {
  if (table === null || table.limit > most / 2) return { summary: advice, set: {}, risk: 'none', undo: {} };
  const { key, limit } = table;
  return {
    summary: `${key}=${2 * limit} on the host, whose limit holds for containers too, with a quarter of it as hash buckets or more; and ${advice}`,
    set: { [key]: String(2 * limit) },
    risk: memory,
    undo: { [key]: String(limit) },
  };
}
