import type { Example } from './example.ts';

const max = 'net.netfilter.nf_conntrack_max';
const limit = { [max]: '65536' };
const statistics = 'proc/net/stat/nf_conntrack' as const;
const level = 'proc/sys/net/netfilter/nf_conntrack_count' as const;

/** One for every verdict and state. */
export const conntrackFullExamples: readonly Example[] = [
  {
    name: 'full, and packets are dropped',
    host: {
      settings: limit,
      counters: {
        'nf_conntrack.count': [65_536, 65_536],
        'nf_conntrack.drop': [900, 940],
        'nf_conntrack.early_drop': [4, 4],
        'nf_conntrack.insert_failed': [2, 2],
      },
    },
    verdict: 'fail',
    state: 'active',
    severity: 'high',
  },
  {
    name: 'full, and entries without an answer make room',
    host: {
      settings: limit,
      counters: {
        'nf_conntrack.count': [65_536, 65_536],
        'nf_conntrack.drop': [0, 0],
        'nf_conntrack.early_drop': [4, 44],
      },
    },
    verdict: 'fail',
    state: 'active',
    severity: 'medium',
  },
  {
    name: 'full, and the kernel has no statistics',
    host: { settings: limit, missing: [statistics], counters: { 'nf_conntrack.count': [65_536, 65_536] } },
    verdict: 'fail',
    state: 'active',
    severity: 'high',
  },
  {
    name: 'it was full often since boot',
    host: {
      settings: limit,
      counters: {
        'nf_conntrack.count': [812, 812],
        'nf_conntrack.drop': [5_000, 5_000],
        'nf_conntrack.early_drop': [0, 0],
      },
    },
    verdict: 'fail',
    state: 'past',
    severity: 'medium',
  },
  {
    name: 'nearly full',
    host: { settings: limit, counters: { 'nf_conntrack.count': 61_000, 'nf_conntrack.drop': 0 } },
    verdict: 'fail',
    state: 'latent',
    severity: 'medium',
  },
  {
    name: 'nearly full, under the names of 2.6.18',
    host: {
      settings: { 'net.ipv4.netfilter.ip_conntrack_max': '65536', 'net.ipv4.netfilter.ip_conntrack_count': '65001' },
      missing: [statistics, level],
    },
    verdict: 'fail',
    state: 'latent',
    severity: 'medium',
  },
  {
    name: 'drop rises with insert_failed: clashes, and room enough',
    host: {
      settings: limit,
      counters: {
        'nf_conntrack.count': [812, 820],
        'nf_conntrack.drop': [40, 43],
        'nf_conntrack.insert_failed': [40, 43],
        'nf_conntrack.early_drop': [0, 0],
      },
    },
    verdict: 'pass',
  },
  { name: 'no connection tracking', host: { missing: [statistics, level] }, verdict: 'notapplicable' },
  {
    name: 'a number without a time and without anything to compare',
    host: { uptimeSeconds: null, settings: limit, counters: { 'nf_conntrack.count': 812, 'nf_conntrack.drop': 7 } },
    verdict: 'notchecked',
  },
  { name: 'neither its level nor its statistics could be read', host: { settings: limit }, verdict: 'notchecked' },
];
