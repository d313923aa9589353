import type { RuleText } from './define.ts';
import { cookiesKey } from './last-quarter.ts';

export const somaxconnKey = 'net.core.somaxconn';

/** With cookies off: nothing else lets SYNs in at once. */
export const cookiesOn = {
  summary:
    'net.ipv4.tcp_syncookies=1 now; then find the flood, or give the listener a larger backlog in its program and restart it',
  set: { [cookiesKey]: '1' },
  risk: 'a connection that came in by a cookie may lack window scaling and SACK if its client sends no timestamps',
} as const;

/** With cookies on: the queue itself is too small, or flooded. */
export const largerQueue = {
  summary:
    'find the flood, or who does not complete handshakes; for honest bursts a larger backlog in the program, the limits above it, and restart it',
  risk: 'each half-open request takes about 0.3 KB; listen() takes the new limit only when the program is restarted',
} as const;

/** What the rule says of itself. */
export const synQueueFullText = {
  id: 'syn-queue-full',
  title: 'no SYN queue is full',
  summary:
    'In a flood or a burst of new connections SYNs are dropped, or answered with cookies, before the program hears of them.',
  mechanism: [
    'A SYN that was answered waits as a half-open request in the SYN queue of its listener until the client completes the handshake.',
    'The queue fills up when SYNs come faster than handshakes end: a flood with forged addresses, lost SYN-ACKs, or an honest burst.',
    'From Linux 4.3 on it holds as many requests as the backlog of listen(), at most net.core.somaxconn; before, net.ipv4.tcp_max_syn_backlog counts too.',
    'When it is full and net.ipv4.tcp_syncookies is 0, further SYNs are dropped.',
    'With cookies on they are answered without a place in the queue; that costs TCP options, and a lost last ACK is never asked for again.',
  ],
  proof:
    'TcpExt.TCPReqQFullDrop (SYNs dropped) or TCPReqQFullDoCookies (SYNs answered with a cookie) rises; many SYN_RECV rows of one port in /proc/net/tcp name the listener. With tcp_syncookies=2 every SYN gets a cookie, and that counter proves nothing.',
  fix: cookiesOn,
  references: [
    {
      title: 'ip-sysctl: tcp_syncookies, tcp_max_syn_backlog, somaxconn',
      url: 'https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html',
    },
    { title: 'tcp: remove max_qlen_log (ef547f2ac16b, Linux 4.3)', url: 'https://git.kernel.org/linus/ef547f2ac16b' },
    {
      title: 'RFC 4987: TCP SYN Flooding Attacks and Common Mitigations',
      url: 'https://www.rfc-editor.org/rfc/rfc4987',
    },
  ],
} as const satisfies RuleText;
