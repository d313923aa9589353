import type { Example } from './example.ts';
import { allKey } from './reverse-path-filters.ts';

const eth0 = 'net.ipv4.conf.eth0.rp_filter';
const eth1 = 'net.ipv4.conf.eth1.rp_filter';
const filtered = 'TcpExt.IPReversePathFilter';
const martians = 'rt_cache.in_martian_src';

/** One for every verdict and state. */
export const rpFilterDropsExamples: readonly Example[] = [
  {
    name: 'strict on two interfaces, and it drops now',
    host: {
      settings: { [allKey]: '1', [eth0]: '1', [eth1]: '0', 'net.ipv4.conf.default.rp_filter': '1' },
      counters: { [filtered]: [400, 420], [martians]: [400, 420] },
    },
    verdict: 'fail',
    state: 'active',
    severity: 'high',
  },
  {
    name: 'it dropped often since boot',
    host: { settings: { [allKey]: '0', [eth0]: '1' }, counters: { [filtered]: [9_000, 9_000] } },
    verdict: 'fail',
    state: 'past',
    severity: 'medium',
  },
  {
    name: 'a kernel without the column: sources that were refused, and a filter is on',
    host: { settings: { [allKey]: '1', [eth0]: '1' }, counters: { [martians]: [400, 420] } },
    verdict: 'fail',
    state: 'active',
    severity: 'high',
  },
  {
    name: 'a kernel without the column, and no filter is on',
    host: { settings: { [allKey]: '0', [eth0]: '0' }, counters: { [martians]: [400, 420] } },
    verdict: 'pass',
  },
  {
    name: 'a few stray broadcasts',
    host: { settings: { [allKey]: '1', [eth0]: '1' }, counters: { [filtered]: [31, 31] } },
    verdict: 'pass',
  },
  { name: 'none', host: { counters: { [filtered]: [0, 0] } }, verdict: 'pass' },
  { name: 'a kernel that does not count them', host: { counters: {} }, verdict: 'notchecked' },
  {
    name: 'a number without a time and without anything to compare',
    host: { uptimeSeconds: null, counters: { [filtered]: 7 } },
    verdict: 'notchecked',
  },
  { name: 'no counters', host: {}, verdict: 'notchecked' },
];
