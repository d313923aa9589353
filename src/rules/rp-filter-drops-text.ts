import type { RuleText } from './define.ts';
import { allKey } from './reverse-path-filters.ts';

export const looseRisk =
  'forged sender addresses are let in if they are routed anywhere: filter them at the edge of the network';

/** What stands in the documentation of the rule. */
export const rpFilterDropsText: RuleText = {
  id: 'rp-filter-drops',
  title: 'the reverse-path filter drops nothing',
  summary:
    'Clients of some networks never get an answer, all others do; the host has more than one interface or route.',
  mechanism: [
    'For every packet that comes in, the kernel looks up the way back to its sender.',
    'In strict mode (rp_filter=1) it drops the packet if that way goes out by another interface; in loose mode (2) only if there is none.',
    'What holds for an interface is the larger of its own value and that of conf.all.',
    'Hosts with two uplinks, policy routing, or a load balancer that delivers by another way meet it.',
    'The packet is dropped before TCP sees it, whatever the port.',
  ],
  proof:
    'TcpExt.IPReversePathFilter rises (before 2.6.36: in_martian_src of /proc/net/stat/rt_cache, which has other reasons as well); with log_martians=1 the kernel logs "martian source". It counts stray broadcasts too, not SYNs alone.',
  fix: {
    summary: 'rp_filter=2 (loose) on the interface that the packets come in by, or a route back by that interface',
    set: { [allKey]: '2' },
    risk: looseRisk,
  },
  references: [
    { title: 'ip-sysctl, rp_filter', url: 'https://docs.kernel.org/networking/ip-sysctl.html' },
    { title: 'RFC 3704: Ingress Filtering for Multihomed Networks', url: 'https://www.rfc-editor.org/rfc/rfc3704' },
  ],
};
