import type { RuleText } from './define.ts';

/** What stands in the documentation of the rule. */
export const nicDropsText: RuleText = {
  id: 'nic-drops',
  title: 'no packets get lost at the network card',
  summary: 'A share of all connections is late or fails, whatever the service and the client.',
  mechanism: [
    'The card puts packets into a ring in memory, from which the kernel fetches them.',
    'If a burst comes, or the CPU is busy, the ring is full and the card drops what comes next.',
    'Packets that arrive damaged are dropped as well: a cable, a transceiver, a wrong duplex setting.',
    'What cannot be sent is dropped on the way out: then the SYN was taken and its SYN-ACK is lost.',
    'rx_drop is the least certain number, for frames that nobody wants are counted there, too.',
  ],
  proof:
    'fifo or errs (receive) or drop (transmit) of /proc/net/dev rises by more than one packet in a thousand; rx_drop must rise far more to mean anything. TCP counters do not follow.',
  fix: {
    none: 'it depends on what is lost: a larger ring and more queues, another cable or transceiver, another driver; no sysctl does it',
  },
  references: [
    { title: 'Interface statistics', url: 'https://docs.kernel.org/networking/statistics.html' },
    { title: 'ethtool(8), -g, -G and -S', url: 'https://man7.org/linux/man-pages/man8/ethtool.8.html' },
  ],
};
