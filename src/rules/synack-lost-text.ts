import type { RuleText } from './define.ts';

/** How often an unanswered SYN-ACK is sent again; 5 is the default, 63 s in all. */
export const retries = 'net.ipv4.tcp_synack_retries';

/** Nothing on the host is to be set. */
const fix = {
  summary:
    'follow the way back to these clients: return route (ip route get ADDRESS), firewalls and security groups outwards, a second uplink, and a capture on the client’s side',
  set: {},
  risk: 'none, as long as only looked at',
} as const;

/** The same where the host itself refuses them. */
export const local = {
  summary:
    'look at this host’s own rules for what goes out (nft list ruleset, iptables -S OUTPUT), at tc and eBPF filters, and at tx drops of the interface',
  set: {},
  risk: 'none, as long as only looked at; a rule that drops may be there for a reason',
} as const;

/** Both must be reached: single lost packets and scanners leave a few such requests on every public host. */
export const parameters = {
  requests: {
    default: 10,
    unit: 'half-open requests whose SYN-ACK was sent again',
    min: 1,
    max: 1_000_000,
    reason: 'lone lost packets and scanners that never answer leave a few of them on any public host',
  },
  percent: {
    default: 1,
    unit: '% of the handshakes',
    min: 0,
    max: 100,
    reason: 'of very many handshakes some are always lost on the way; one in a hundred is what clients notice',
  },
} as const;

/** What the rule says of itself. */
export const synackLostText = {
  id: 'synack-lost',
  title: 'SYN-ACKs are answered',
  summary: 'Clients time out although the server answers: its SYN-ACKs, or the replies to them, are lost on the way.',
  mechanism: [
    'The SYN arrives, a half-open request is made, and the SYN-ACK leaves.',
    'If no ACK comes back, the kernel sends the SYN-ACK again after 1, 3, 7, 15 and 31 s, and gives up after 63 s.',
    'The usual reasons: the way back takes another path, where a stateful firewall does not know the connection; a rule drops what goes out; the sender’s address was forged.',
    'The client sees the same as if its SYN had been lost.',
    'Half-open requests that wait make the SYN queue fuller for everybody.',
  ],
  proof:
    'TcpExt.TCPSynRetrans rises, half-open requests (state 03 in /proc/net/tcp) have been repeated, and ListenDrops stands still. TCPSynRetrans also counts our own repeated SYNs, so the requests decide. What this host’s own OUTPUT rules drop counts as never sent: then TCPTimeouts rises instead, requests stay half open for 1 s, and none was repeated.',
  fix,
  references: [
    { title: 'ip-sysctl, tcp_synack_retries', url: 'https://docs.kernel.org/networking/ip-sysctl.html' },
    {
      title: 'SNMP counter, TCPSynRetrans (Linux documentation)',
      url: 'https://docs.kernel.org/networking/snmp_counter.html',
    },
    {
      title: 'RFC 9293, section 3.5: Establishing a Connection',
      url: 'https://www.rfc-editor.org/rfc/rfc9293#section-3.5',
    },
  ],
} as const satisfies RuleText;
