/**
 * A socket of this host or a peer signs its segments (BGP, mostly), and the other end does not, or with another key: every
 * segment is dropped without an answer, the SYN first. Source: tcp_inbound_hash() in net/ipv4/tcp.c, before
 * tcp_inbound_md5_hash(); RFC 2385, RFC 5925; kernel-facts B27.
 */
import { known } from '../model/reading.ts';
import { defineRule } from './define.ts';
import { counterOf, optional } from './inputs.ts';
import { counterEvidence, judgeMovement, movementOf, sinceBoot } from './movement.ts';
import { strongestOf } from './strongest.ts';

const fix = {
  summary:
    'compare the keys, key ids and addresses on both ends (tcp_md5sig of the daemon, vrf, source address); the kernel log names the peer',
  set: {},
  risk: 'a session with the wrong key stays down until both ends agree; never take the key away to make it work',
} as const;

const netstat = 'proc/net/netstat';

export default defineRule({
  id: 'md5-mismatch',
  title: 'signed connections agree on their keys',
  summary: 'A session that is protected by TCP-MD5 or TCP-AO does not come up: its SYNs get no answer at all.',
  mechanism: [
    'A program can demand that every segment of a peer is signed with a key: TCP-MD5 (RFC 2385) or TCP-AO (RFC 5925).',
    'The kernel checks the signature before anything else, the SYN’s too.',
    'A segment whose signature is missing, not expected, or wrong is dropped without an answer.',
    'It concerns only peers with a key, BGP and LDP neighbours for the most part; other clients notice nothing.',
  ],
  proof:
    'One of TCPMD5NotFound (signature missing), TCPMD5Unexpected (no key for it here), TCPMD5Failure (wrong), TCPAORequired, TCPAOKeyNotFound and TCPAOBad rises, and nothing else does.',
  fix,
  references: [
    {
      title: 'RFC 2385: Protection of BGP Sessions via the TCP MD5 Signature Option',
      url: 'https://www.rfc-editor.org/rfc/rfc2385',
    },
    { title: 'RFC 5925: The TCP Authentication Option', url: 'https://www.rfc-editor.org/rfc/rfc5925' },
    { title: 'TCP Authentication Option Linux implementation', url: 'https://docs.kernel.org/networking/tcp_ao.html' },
  ],
  reads: {
    notFound: counterOf(netstat, 'TcpExt.TCPMD5NotFound'),
    unexpected: counterOf(netstat, 'TcpExt.TCPMD5Unexpected'),
    failure: optional(counterOf(netstat, 'TcpExt.TCPMD5Failure')),
    required: optional(counterOf(netstat, 'TcpExt.TCPAORequired')),
    keyNotFound: optional(counterOf(netstat, 'TcpExt.TCPAOKeyNotFound')),
    bad: optional(counterOf(netstat, 'TcpExt.TCPAOBad')),
    accepted: optional(counterOf('proc/net/snmp', 'Tcp.PassiveOpens')),
  },
  parameters: sinceBoot,
  check: (facts, { inputs: { notFound, unexpected, accepted, ...newer }, parameters }) => {
    const often = { perHour: parameters.perHour, shareOf: accepted };
    const others = [unexpected, ...Object.values(newer).flatMap(reading => known(reading) ?? [])];
    const movement = strongestOf(movementOf(notFound, often), ...others.map(counter => movementOf(counter, often)));
    const { field } = movement.counter;
    return judgeMovement(movement, facts, {
      title: {
        active: 'signed segments are dropped: the keys do not agree',
        past: 'signed segments were dropped: the keys did not agree',
      },
      lead: {
        active: `Segments are dropped without an answer because ${reasons[field] ?? unknownReason}`,
        past: `Segments were dropped without an answer because ${reasons[field] ?? unknownReason}`,
      },
      because: ['Only peers with a key are concerned, of TCP-MD5 or TCP-AO (BGP, for the most part).'],
      evidence: [notFound, ...others].filter(other => other.field !== field && other.value > 0).map(counterEvidence),
      remedy: { ...fix, undo: {} },
    });
  },
  examples: [
    {
      name: 'a peer that does not sign',
      host: {
        counters: {
          'TcpExt.TCPMD5NotFound': [60, 62],
          'TcpExt.TCPMD5Unexpected': [0, 0],
          'TcpExt.TCPMD5Failure': [3, 3],
        },
      },
      verdict: 'fail',
      state: 'active',
      severity: 'high',
    },
    {
      name: 'a wrong TCP-AO key since boot',
      host: {
        counters: {
          'TcpExt.TCPMD5NotFound': [0, 0],
          'TcpExt.TCPMD5Unexpected': [0, 0],
          'TcpExt.TCPAOBad': [5_000, 5_000],
        },
      },
      verdict: 'fail',
      state: 'past',
      severity: 'medium',
    },
    {
      name: 'nobody signs',
      host: { counters: { 'TcpExt.TCPMD5NotFound': [0, 0], 'TcpExt.TCPMD5Unexpected': [0, 0] } },
      verdict: 'pass',
    },
    {
      name: 'a number without a time and without anything to compare',
      host: { uptimeSeconds: null, counters: { 'TcpExt.TCPMD5NotFound': 7, 'TcpExt.TCPMD5Unexpected': 0 } },
      verdict: 'notchecked',
    },
    { name: 'no counters', host: {}, verdict: 'notchecked' },
    { name: 'a kernel without the columns', host: { counters: {} }, verdict: 'notapplicable' },
  ],
});

const reasons: Readonly<Record<string, string>> = {
  'TcpExt.TCPMD5NotFound': 'the peer does not sign (MD5), though a key is set for it here',
  'TcpExt.TCPMD5Unexpected': 'the peer signs (MD5), and no key is set for it here',
  'TcpExt.TCPMD5Failure': 'the MD5 signature is wrong',
  'TcpExt.TCPAORequired': 'the peer does not sign (TCP-AO), though a key is set for it here',
  'TcpExt.TCPAOKeyNotFound': 'the peer signs (TCP-AO), and its key is not known here',
  'TcpExt.TCPAOBad': 'the TCP-AO signature is wrong',
};
const unknownReason = 'their signature does not fit';
