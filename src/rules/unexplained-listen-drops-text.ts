import type { RuleText } from './define.ts';
import { perHour } from './thresholds.ts';

/** What is to be looked at, in the order in which it is found most often. */
export const fix = {
  summary:
    'look for what has no counter of its own: a route back to every client (ip route get ADDRESS), tcp_syncookies=0, memory, SELinux or eBPF programs; ss -ltm shows the drops of each listener (d in skmem)',
  set: {},
  risk: 'none: it only looks',
} as const;

/** What the rule says of itself. */
export const unexplainedListenDropsText = {
  id: 'unexplained-listen-drops',
  title: 'ListenDrops has a cause that is known',
  summary: 'SYNs are dropped at listeners, and none of the counters of the usual causes says why.',
  mechanism: [
    'Whatever drops a SYN or the end of a handshake at a listener raises ListenDrops; a full accept queue, a full SYN queue and tcp_tw_recycle raise a counter of their own as well.',
    'What is left when these are taken away has no counter: no route back to the client, the last quarter of tcp_max_syn_backlog with cookies off, no memory for the request, a refusal by SELinux or another security module, a SYN to a broadcast or multicast address.',
    'A half-open request that an ICMP error ends is also counted, and not a drop of a SYN: scans and floods with forged addresses cause these.',
    'Up to Linux 4.6 every SYN that was answered with a cookie counts, too, and up to 3.8 no drop of a SYN does; the numbers tell which of it holds here.',
    'The rest is a lower bound: where the counters allow two readings, the smaller one is taken.',
  ],
  proof:
    'ListenDrops minus ListenOverflows, TCPReqQFullDrop, PAWSPassive and, where it is part of it, SyncookiesSent. Ip.OutNoRoutes rises with it where a route is missing; Icmp.InDestUnreachs where ICMP ends requests.',
  fix,
  references: [
    {
      title: 'SNMP counter: TcpExtListenDrops, TcpExtListenOverflows',
      url: 'https://www.kernel.org/doc/html/latest/networking/snmp_counter.html',
    },
    {
      title: 'tcp: increment sk_drops for listeners (9caad864151e, Linux 4.7)',
      url: 'https://git.kernel.org/linus/9caad864151e',
    },
    { title: 'ss(8), skmem', url: 'https://man7.org/linux/man-pages/man8/ss.8.html' },
  ],
} as const satisfies RuleText;

/** From where on a rest is no accident. */
export const parameters = {
  drops: {
    default: 3,
    unit: 'drops between the samples',
    min: 1,
    max: 1_000_000,
    reason: 'port scans and ICMP errors end single requests on any host that the Internet can reach',
  },
  perHour: perHour(
    10,
    'what scans and ICMP errors leave on a healthy host is a few a day, and more on the days of a flood',
  ),
  perMille: {
    default: 1,
    unit: '‰ of the accepted connections',
    min: 0,
    max: 1_000,
    reason: 'below one in a thousand no client complains, and a busy host has more accidents than an idle one',
  },
} as const;
