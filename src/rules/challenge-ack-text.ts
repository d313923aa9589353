import type { RuleText } from './define.ts';

/** Idle time before the first probe of a socket that asked for keepalive. Unit: s. */
export const keepalive = 'net.ipv4.tcp_keepalive_time';
/** Below the shortest idle timeout that clouds have by default: Azure 240 s, AWS 350 s, Google 1,200 s. Unit: s. */
export const patience = 180;

const program =
  'find the connections that stay idle or in CLOSE_WAIT, and let the program close them, or send keepalives (SO_KEEPALIVE)';

/** Where the kernel already probes often enough, what is left is up to the program. */
export const manual = {
  summary: program,
  set: {},
  risk: 'clients that are slow rather than gone lose their connection',
};

/** What the rule says of itself. */
export const challengeAckText = {
  id: 'challenge-ack',
  title: 'no SYN meets a connection that is still open',
  summary:
    'A client that was quiet for some minutes cannot connect at once, or not at all: the server believes that its old connection still lives.',
  mechanism: [
    'A NAT gateway or a load balancer forgets an idle connection, or a client goes without closing, and the server is not told.',
    'Later the same address and port are used for a new connection, and its SYN meets the old socket.',
    'Since RFC 5961 the server answers neither with a SYN-ACK nor with a RST, but with a challenge ACK.',
    'The client sends a RST, the old connection ends, and the next SYN is accepted: newer Linux clients send it at once, others after 1 s.',
    'Where a firewall between drops that ACK or that RST, no SYN succeeds until the old connection is gone.',
  ],
  proof:
    'TcpExt.TCPSYNChallenge rises. SYN-ACKs that come twice raise it as well, on the host that opened the connection. TCPChallengeACK also counts RSTs and ACKs in the window, and ListenDrops stays still.',
  fix: {
    summary: `${program}; ${keepalive}=${patience}, below the idle timeout of the NAT between`,
    set: { [keepalive]: String(patience) },
    risk: 'a small packet every 3 minutes on each idle connection that asked for keepalive; sockets without SO_KEEPALIVE do not heed it',
  },
  references: [
    {
      title: 'RFC 5961, section 4: Blind Reset Attack Using the SYN Bit',
      url: 'https://www.rfc-editor.org/rfc/rfc5961#section-4',
    },
    {
      title: 'SNMP counter, challenge ACK (Linux documentation)',
      url: 'https://docs.kernel.org/networking/snmp_counter.html',
    },
    { title: 'tcp(7), tcp_keepalive_time', url: 'https://man7.org/linux/man-pages/man7/tcp.7.html' },
  ],
} as const satisfies RuleText;
