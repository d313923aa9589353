import type { Example } from './example.ts';

const thresholds = {
  'net.ipv4.neigh.default.gc_thresh1': '128',
  'net.ipv4.neigh.default.gc_thresh2': '512',
  'net.ipv4.neigh.default.gc_thresh3': '1024',
  'net.ipv6.neigh.default.gc_thresh1': '128',
  'net.ipv6.neigh.default.gc_thresh2': '512',
  'net.ipv6.neigh.default.gc_thresh3': '1024',
};

/** One for every verdict and state. */
export const neighbourOverflowExamples: readonly Example[] = [
  {
    name: 'new neighbours are refused now',
    host: {
      settings: thresholds,
      counters: {
        'arp_cache.entries': [1_024, 1_024],
        'arp_cache.table_fulls': [812, 840],
        'arp_cache.forced_gc_runs': [900, 928],
        'ndisc_cache.entries': [4, 4],
        'ndisc_cache.table_fulls': [0, 0],
      },
    },
    verdict: 'fail',
    state: 'active',
    severity: 'high',
  },
  {
    name: 'an old kernel that does not count them: full, and collected in vain',
    host: {
      settings: thresholds,
      counters: { 'arp_cache.entries': [1_024, 1_024], 'arp_cache.forced_gc_runs': [900, 928] },
    },
    verdict: 'fail',
    state: 'active',
    severity: 'high',
  },
  {
    name: 'they were refused often since boot',
    host: { settings: thresholds, counters: { 'arp_cache.entries': [700, 702], 'arp_cache.table_fulls': [840, 840] } },
    verdict: 'fail',
    state: 'past',
    severity: 'medium',
  },
  {
    name: 'nearly as many IPv6 neighbours as may be',
    host: {
      settings: thresholds,
      counters: {
        'arp_cache.entries': 40,
        'arp_cache.table_fulls': 0,
        'ndisc_cache.entries': 1_000,
        'ndisc_cache.table_fulls': 0,
      },
    },
    verdict: 'fail',
    state: 'latent',
    severity: 'medium',
  },
  {
    name: 'room enough',
    host: { settings: thresholds, counters: { 'arp_cache.entries': [40, 41], 'arp_cache.table_fulls': [0, 0] } },
    verdict: 'pass',
  },
  {
    name: 'a number without a time and without anything to compare',
    host: { uptimeSeconds: null, counters: { 'arp_cache.entries': 40, 'arp_cache.table_fulls': 7 } },
    verdict: 'notchecked',
  },
  {
    name: 'neither the limit nor refused entries are known',
    host: { counters: { 'arp_cache.entries': 40 } },
    verdict: 'notchecked',
  },
  { name: 'no counters', host: { counters: {} }, verdict: 'notchecked' },
  { name: 'a table without either column', host: { counters: { 'arp_cache.lookups': 1 } }, verdict: 'notapplicable' },
];
