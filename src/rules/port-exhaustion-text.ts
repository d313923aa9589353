import type { RuleText } from './define.ts';

export const rangeKey = 'net.ipv4.ip_local_port_range';
export const reservedKey = 'net.ipv4.ip_local_reserved_ports';
export const reuseKey = 'net.ipv4.tcp_tw_reuse';

/** As wide as it gets without privileged ports. */
export const widest = { first: 1_024, last: 65_535 };

const widestText = `${widest.first} ${widest.last}`;

/** Both changes together; a host gets those of them that help it. */
export const fix = {
  summary: `${rangeKey}=${widestText} and, for ports in TIME_WAIT, ${reuseKey}=1; better: keep connections open, use more destination or source addresses`,
  set: { [rangeKey]: widestText, [reuseKey]: '1' },
  risk: 'a service that starts later can find its port taken by an outgoing connection (list such ports in net.ipv4.ip_local_reserved_ports); early reuse needs timestamps on both ends; never tcp_tw_recycle, which drops the SYNs of others',
} as const;

/** A share of the ports towards one destination. */
export const parameters = {
  nearPercent: {
    default: 90,
    unit: '% of the local ports',
    min: 1,
    max: 100,
    reason: 'with a tenth left the kernel searches long for each port, and the next burst finds none',
  },
  exhaustedPercent: {
    default: 98,
    unit: '% of the local ports',
    min: 1,
    max: 100,
    reason: 'ports that are bound for something else are skipped, so that it fails before the last one is used',
  },
} as const;

/** What the rule says of itself. */
export const portExhaustionText = {
  id: 'port-exhaustion',
  title: 'enough local ports for outgoing connections',
  summary:
    'Connections of this host to one backend fail with "cannot assign requested address", while the backend is idle and sees no SYN.',
  mechanism: [
    'Each connection to one address and port needs a local port of its own, of net.ipv4.ip_local_port_range without the reserved ones.',
    'By default these are 28,232; each stays taken for 60 s more where this host closes first (TIME_WAIT).',
    'So about 470 connections a second to one destination use them all up.',
    'Then connect() fails at once with EADDRNOTAVAIL, and no SYN leaves the host.',
    'With tcp_tw_reuse a port in TIME_WAIT can be taken again after 1 s, if both ends use timestamps.',
  ],
  proof:
    'The number of sockets towards one destination stands at the size of the port range; no counter tells of it. Counted over all local addresses, of which each has ports of its own.',
  fix,
  references: [
    { title: 'ip-sysctl, ip_local_port_range, tcp_tw_reuse', url: 'https://docs.kernel.org/networking/ip-sysctl.html' },
    { title: 'connect(2), EADDRNOTAVAIL', url: 'https://man7.org/linux/man-pages/man2/connect.2.html' },
  ],
} as const satisfies RuleText;
