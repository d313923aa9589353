import type { RuleText } from './define.ts';

/** Nothing on the server is wrong, so there is nothing to set. */
export const fix = {
  summary:
    'let the clients close first, or give them more addresses or ports (more SNAT addresses, no --random-fully, longer reuse of connections); keep net.ipv4.tcp_timestamps=1',
  set: {},
  risk: 'none on this server; timestamps off or TIME_WAIT made longer would make it worse',
} as const;

/** What the rule says of itself. */
export const timeWaitCollisionText = {
  id: 'time-wait-collision',
  title: 'no SYN meets a TIME_WAIT socket of its own',
  summary:
    'Some connections of clients behind NAT begin late, mostly by about 1 s, though the server is idle: their port was used a moment ago.',
  mechanism: [
    'The side that closes first keeps each connection for 60 s in TIME_WAIT, under both addresses and both ports.',
    'A SYN with the same four numbers is accepted only if its sequence number or its timestamp is newer than the last one.',
    'Clients behind one NAT address have unrelated timestamps, and newer kernels choose another offset for every connection.',
    'If the timestamp is older, the server sends a bare ACK of the old connection, and TIME_WAIT begins anew.',
    'The client answers with a RST, which ends TIME_WAIT, and its next SYN is accepted: newer Linux clients send that at once, others after 1 s.',
  ],
  proof:
    'TcpExt.PAWSTimewait rises; before that column existed, TCPACKSkippedTimeWait together with PAWSEstab. PAWSEstab alone proves nothing, ListenDrops stays still. SYNs that fail by sequence number only, without timestamps, have no counter.',
  fix,
  references: [
    {
      title: 'tcp: add LINUX_MIB_PAWS_TW_REJECTED counter (c449d5f3a3d7)',
      url: 'https://git.kernel.org/linus/c449d5f3a3d7',
    },
    {
      title: 'tcp: Reduce SYN resend delay if a suspicous ACK is received (9603d47bad46)',
      url: 'https://git.kernel.org/linus/9603d47bad46',
    },
    {
      title: 'RFC 6191: Reducing the TIME-WAIT State Using TCP Timestamps',
      url: 'https://www.rfc-editor.org/rfc/rfc6191',
    },
    {
      title: 'SNMP counter, PAWS and skipped ACKs (Linux documentation)',
      url: 'https://docs.kernel.org/networking/snmp_counter.html',
    },
  ],
} as const satisfies RuleText;
