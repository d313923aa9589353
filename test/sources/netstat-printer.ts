/** A counter as `netstat -s` prints it, `#` for the number; left out: by its name. */
export type Phrases = Readonly<Record<string, string>>;

/** Printed also where they are 0: `number` in statistics.c; all others are `opt_number`. */
const alwaysPrinted: ReadonlySet<string> = new Set([
  'TCPHPHits',
  'InReceives',
  'ForwDatagrams',
  'InDiscards',
  'InDelivers',
  'OutRequests',
]);

/** Phrases of net-tools 2.10 for what the tests look at. */
export const recentPhrases: Phrases = {
  InReceives: '# total packets received',
  InHdrErrors: '# with invalid headers',
  InAddrErrors: '# with invalid addresses',
  ForwDatagrams: '# forwarded',
  InDiscards: '# incoming packets discarded',
  InDelivers: '# incoming packets delivered',
  OutRequests: '# requests sent out',
  OutNoRoutes: '# dropped because of missing route',
  SyncookiesSent: '# SYN cookies sent',
  SyncookiesRecv: '# SYN cookies received',
  SyncookiesFailed: '# invalid SYN cookies received',
  EmbryonicRsts: '# resets received for embryonic SYN_RECV sockets',
  PruneCalled: '# packets pruned from receive queue because of socket buffer overrun',
  RcvPruned: '# packets pruned from receive queue',
  TW: '# TCP sockets finished time wait in fast timer',
  PAWSPassive: '# passive connections rejected because of time stamp',
  PAWSActive: '# active connections rejected because of time stamp',
  PAWSEstab: '# packetes rejected in established connections because of timestamp',
  DelayedACKLost: 'Quick ack mode was activated # times',
  ListenOverflows: '# times the listen queue of a socket overflowed',
  ListenDrops: '# SYNs to LISTEN sockets dropped',
  TCPHPHits: '# packet headers predicted',
  TCPSACKReorder: 'Detected reordering # times using SACK',
  TCPMemoryPressures: 'TCP ran low on memory # times',
};

/** The same of net-tools 1.60, where they differ. */
export const oldPhrases: Phrases = {
  ...recentPhrases,
  PAWSEstab: '# packets rejects in established connections because of timestamp',
  ListenDrops: '# SYNs to LISTEN sockets ignored',
  TCPHPHits: '# packets header predicted',
};

/** Prints sections as `netstat -s` does: printval() of net-tools statistics.c. */
export function printNetstat(
  sections: Readonly<Record<string, readonly (readonly [string, number])[]>>,
  phrases: Phrases,
): string {
  return Object.entries(sections)
    .map(([title, counters]) => {
      const lines = counters.flatMap(([name, value]) => {
        if (value === 0 && !alwaysPrinted.has(name)) return [];
        const phrase = phrases[name];
        return [`    ${phrase === undefined ? `${name}: ${value}` : phrase.replace('#', String(value))}\n`];
      });
      return `${title}:\n${lines.join('')}`;
    })
    .join('');
}
