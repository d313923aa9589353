import type { RuleText } from './define.ts';

/** Nothing on the host but the program itself can change it. */
export const fix = {
  summary: 'give listen() a backlog of at least 128 in the configuration or code of the program, and restart it',
  set: {},
  risk: 'the program is restarted; more clients wait in the queue instead of being turned away',
} as const;

/** What the rule says of itself. */
export const zeroBacklogText = {
  id: 'zero-backlog',
  title: 'no listener loses connections to a backlog of 0',
  summary:
    'One client at a time gets through; whoever comes beside it is ignored, and sometimes nobody gets in at all.',
  mechanism: [
    'The backlog that a program gives to listen() is the length of both queues of its socket.',
    'With 0 there is room for one connection that the program has not yet taken; every SYN that comes meanwhile is dropped.',
    'Since Linux 4.3 also the SYN queue was full from the start: every SYN was dropped, or answered with a cookie.',
    'A fix of January 2025 (3479c7549fb1, also in stable kernels) lets one request in again.',
    'Raising net.core.somaxconn does not help, as the smaller of both numbers counts.',
  ],
  proof:
    'Send-Q of the listener is 0 in ss -ltn, and ListenOverflows, TCPReqQFullDrop or TCPReqQFullDoCookies rises. Where every listener shows 0, ss could not ask the kernel, and it proves nothing.',
  fix,
  references: [
    {
      title: 'tcp/dccp: allow a connection when sk_max_ack_backlog is zero (3479c7549fb1)',
      url: 'https://git.kernel.org/linus/3479c7549fb1',
    },
    { title: 'tcp: remove max_qlen_log (ef547f2ac16b, Linux 4.3)', url: 'https://git.kernel.org/linus/ef547f2ac16b' },
    { title: 'listen(2), backlog', url: 'https://man7.org/linux/man-pages/man2/listen.2.html' },
  ],
} as const satisfies RuleText;
