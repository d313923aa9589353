import type { RuleText } from './define.ts';

/** Source: kernel-facts A6, A11; that timestamps=0 makes it worse at first was measured on 3.10 and 4.9. */
export const fix = {
  summary: 'net.ipv4.tcp_tw_recycle=0, keep tcp_timestamps=1 (never 0: that makes it worse at first)',
  set: { 'net.ipv4.tcp_tw_recycle': '0' },
  risk: 'TIME_WAIT lasts 60 s again, so there are more such sockets (about 0.5 KB each); a host with many outgoing connections to few destinations may need a wider ip_local_port_range or tcp_tw_reuse=1',
} as const;

/** What the rule says of itself. */
export const twRecycleText = {
  id: 'tw-recycle',
  title: 'tcp_tw_recycle is off',
  summary:
    'A share of connections from behind NAT times out, single requests work, and no log says anything: the server ignores their SYNs.',
  mechanism: [
    'With tcp_tw_recycle on, a server that closes a connection remembers the last TCP timestamp of the peer’s address.',
    'For 60 s it drops, without any reply, every SYN from that address whose timestamp lies behind the remembered one.',
    'Clients behind one NAT address have unrelated clocks, so the one with the largest timestamp locks the others out.',
    'From Linux 3.17 on (and in late RHEL 7) SYNs without a timestamp are dropped, too.',
    'Clients with a timestamp offset per connection (Linux 4.10–4.11, 6.12.94+, 6.18.17+, 7.0+) are hit without any NAT.',
  ],
  proof:
    'TcpExt.PAWSPassive in /proc/net/netstat: only these drops raise it, and it left with tcp_tw_recycle in Linux 4.12. ListenDrops rises with it from 3.9 on, and proves nothing alone.',
  fix,
  references: [
    {
      title: 'tcp: remove tcp_tw_recycle (4396e46187ca, Linux 4.12)',
      url: 'https://git.kernel.org/linus/4396e46187ca',
    },
    {
      title: 'tcp: don’t allow syn packets without timestamps to pass tcp_tw_recycle logic (a26552afe894, Linux 3.17)',
      url: 'https://git.kernel.org/linus/a26552afe894',
    },
    {
      title: 'RFC 6191: Reducing the TIME-WAIT State Using TCP Timestamps',
      url: 'https://www.rfc-editor.org/rfc/rfc6191',
    },
    { title: 'tcp(7), tcp_tw_recycle', url: 'https://man7.org/linux/man-pages/man7/tcp.7.html' },
  ],
} as const satisfies RuleText;
