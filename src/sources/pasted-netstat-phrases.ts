/** Sections of `netstat -s` with phrases; every other section prints names. */
export type PhraseSection = 'Ip' | 'Tcp' | 'Udp' | 'TcpExt';

/**
 * What `netstat -s` prints for a field: `#` stands for the number. All spellings that releases of net-tools have had since
 * 1.60, those that come from typing errors included. Source: net-tools statistics.c (Iptab, Tcptab, Udptab, Tcpexttab) at
 * revisions from 1.14 of 2001 to the present. A field that is not here is printed by its name.
 */
const texts: Readonly<Record<PhraseSection, Readonly<Record<string, readonly string[]>>>> = {
  Ip: {
    InReceives: ['# total packets received'],
    InHdrErrors: ['# with invalid headers'],
    InAddrErrors: ['# with invalid addresses'],
    ForwDatagrams: ['# forwarded'],
    InUnknownProtos: ['# with unknown protocol'],
    InDiscards: ['# incoming packets discarded'],
    InDelivers: ['# incoming packets delivered'],
    OutRequests: ['# requests sent out'],
    OutDiscards: ['# outgoing packets dropped'],
    OutNoRoutes: ['# dropped because of missing route'],
    ReasmTimeout: ['# fragments dropped after timeout'],
    ReasmReqds: ['# reassemblies required'],
    ReasmOKs: ['# packets reassembled ok'],
    ReasmFails: ['# packet reassembles failed', '# packet reassemblies failed'],
    FragOKs: ['# fragments received ok', '# outgoing packets fragmented ok'],
    FragFails: ['# fragments failed', '# outgoing packets failed fragmentation'],
    FragCreates: ['# fragments created'],
  },
  Tcp: {
    ActiveOpens: ['# active connections openings', '# active connection openings', '# active opens'],
    PassiveOpens: ['# passive connection openings', '# passive opens'],
    AttemptFails: ['# failed connection attempts'],
    EstabResets: ['# connection resets received'],
    CurrEstab: ['# connections established'],
    InSegs: ['# segments received'],
    OutSegs: ['# segments send out', '# segments sent out'],
    RetransSegs: ['# segments retransmited', '# segments retransmitted'],
    InErrs: ['# bad segments received'],
    OutRsts: ['# resets sent'],
  },
  Udp: {
    InDatagrams: ['# packets received'],
    NoPorts: ['# packets to unknown port received'],
    InErrors: ['# packet receive errors'],
    OutDatagrams: ['# packets sent', '# packets send'],
    RcvbufErrors: ['# receive buffer errors'],
    SndbufErrors: ['# send buffer errors'],
  },
  TcpExt: {
    SyncookiesSent: ['# SYN cookies sent'],
    SyncookiesRecv: ['# SYN cookies received'],
    SyncookiesFailed: ['# invalid SYN cookies received'],
    EmbryonicRsts: ['# resets received for embryonic SYN_RECV sockets'],
    PruneCalled: ['# packets pruned from receive queue because of socket buffer overrun'],
    RcvPruned: ['# packets pruned from receive queue'],
    OfoPruned: ['# packets dropped from out-of-order queue because of socket buffer overrun'],
    OutOfWindowIcmps: ['# ICMP packets dropped because they were out-of-window'],
    LockDroppedIcmps: ['# ICMP packets dropped because socket was locked'],
    TW: ['# TCP sockets finished time wait in fast timer'],
    TWRecycled: ['# time wait sockets recycled by time stamp'],
    TWKilled: ['# TCP sockets finished time wait in slow timer'],
    PAWSPassive: ['# passive connections rejected because of time stamp'],
    PAWSActive: ['# active connections rejected because of time stamp'],
    PAWSEstab: [
      '# packets rejects in established connections because of timestamp',
      '# packetes rejected in established connections because of timestamp',
      '# packets rejected in established connections because of timestamp',
    ],
    DelayedACKs: ['# delayed acks sent'],
    DelayedACKLocked: ['# delayed acks further delayed because of locked socket'],
    DelayedACKLost: ['Quick ack mode was activated # times'],
    ListenOverflows: ['# times the listen queue of a socket overflowed'],
    ListenDrops: ['# SYNs to LISTEN sockets ignored', '# SYNs to LISTEN sockets dropped'],
    TCPPrequeued: ['# packets directly queued to recvmsg prequeue'],
    TCPDirectCopyFromBacklog: [
      '# packets directly received from backlog',
      '# bytes directly in process context from backlog',
    ],
    TCPDirectCopyFromPrequeue: [
      '# packets directly received from prequeue',
      '# bytes directly received in process context from prequeue',
    ],
    TCPPrequeueDropped: ['# packets dropped from prequeue'],
    TCPHPHits: ['# packets header predicted', '# packet headers predicted'],
    TCPHPHitsToUser: [
      '# packets header predicted and directly queued to user',
      '# packet headers predicted and directly queued to user',
    ],
    SockMallocOOM: ['Ran # times out of system memory during packet sending'],
    TCPPureAcks: [
      '# acknowledgments not containing data received',
      '# acknowledgments not containing data payload received',
    ],
    TCPHPAcks: ['# predicted acknowledgments'],
    TCPRenoRecovery: ['# times recovered from packet loss due to fast retransmit'],
    TCPSackRecovery: [
      '# times recovered from packet loss due to SACK data',
      '# times recovered from packet loss by selective acknowledgements',
    ],
    TCPSACKReneging: ['# bad SACKs received', '# bad SACK blocks received'],
    TCPFACKReorder: ['Detected reordering # times using FACK'],
    TCPSACKReorder: ['Detected reordering # times using SACK'],
    TCPTSReorder: ['Detected reordering # times using time stamp'],
    TCPRenoReorder: ['Detected reordering # times using reno fast retransmit'],
    TCPFullUndo: ['# congestion windows fully recovered', '# congestion windows fully recovered without slow start'],
    TCPPartialUndo: ['# congestion windows partially recovered using Hoe heuristic'],
    TCPDSACKUndo: [
      '# congestion window recovered using DSACK',
      '# congestion window recovered without slow start using DSACK',
      '# congestion windows recovered without slow start by DSACK',
    ],
    TCPLossUndo: [
      '# congestion windows recovered after partial ack',
      '# congestion windows recovered without slow start after partial ack',
    ],
    TCPLoss: ['# TCP data loss events'],
    TCPLostRetransmit: ['# retransmits lost'],
    TCPRenoFailures: ['# timeouts after reno fast retransmit'],
    TCPSackFailures: ['# timeouts after SACK recovery'],
    TCPLossFailures: ['# timeouts in loss state'],
    TCPFastRetrans: ['# fast retransmits'],
    TCPForwardRetrans: ['# forward retransmits'],
    TCPSlowStartRetrans: ['# retransmits in slow start'],
    TCPTimeouts: ['# other TCP timeouts'],
    TCPRenoRecoveryFail: ['# reno fast retransmits failed', '# classic Reno fast retransmits failed'],
    TCPSackRecoveryFail: ['# sack retransmits failed', '# SACK retransmits failed'],
    TCPSchedulerFailed: ['# times receiver scheduled too late for direct processing'],
    TCPRcvCollapsed: ['# packets collapsed in receive queue due to low socket buffer'],
    TCPDSACKOldSent: ['# DSACKs sent for old packets'],
    TCPDSACKOfoSent: ['# DSACKs sent for out of order packets'],
    TCPDSACKRecv: ['# DSACKs received'],
    TCPDSACKOfoRecv: ['# DSACKs for out of order packets received'],
    TCPAbortOnSyn: ['# connections reset due to unexpected SYN'],
    TCPAbortOnData: ['# connections reset due to unexpected data'],
    TCPAbortOnClose: ['# connections reset due to early user close'],
    TCPAbortOnMemory: ['# connections aborted due to memory pressure'],
    TCPAbortOnTimeout: ['# connections aborted due to timeout'],
    TCPAbortOnLinger: ['# connections aborted after user close in linger timeout'],
    TCPAbortFailed: ['# times unabled to send RST due to no memory', '# times unable to send RST due to no memory'],
    TCPMemoryPressures: ['TCP ran low on memory # times'],
  },
};

/** A phrase found in a line. */
export interface FoundPhrase {
  readonly section: PhraseSection;
  readonly field: string;
  readonly value: number;
}

interface Phrase {
  readonly section: PhraseSection;
  readonly field: string;
  /** What stands before the number; empty for most. */
  readonly before: string;
  readonly behind: string;
}

/** `Time stamp` and `timestamp`, capitals and runs of spaces are the same to us. */
const normalised = (text: string): string =>
  text.toLowerCase().replace(/\s+/g, ' ').replaceAll('time stamp', 'timestamp');

/** Longest first, as some phrases begin like others. */
const phrases: readonly Phrase[] = Object.entries(texts)
  .flatMap(([section, fields]) =>
    Object.entries(fields).flatMap(([field, spellings]) =>
      spellings.map(spelling => {
        const [before = '', behind = ''] = normalised(spelling).split('#');
        return { section: section as PhraseSection, field, before, behind: behind.trimStart() };
      }),
    ),
  )
  .sort((a, b) => b.behind.length - a.behind.length);

/** By the first word behind the number, or before it. */
const byWord = new Map<string, Phrase[]>();
for (const phrase of phrases) {
  const word = (phrase.before === '' ? phrase.behind : phrase.before).split(' ', 1)[0] as string;
  byWord.set(word, [...(byWord.get(word) ?? []), phrase]);
}

/** A number with a word behind it; no part of another number, of a word, or below 0. */
const numbered = /(?<![\d,.\p{L}-])(\d{1,20}|\d{1,3}(?:,\d{3}){1,6}) (?=\p{L})/gu;
/** Before the first counter of a line stand marks, another number, the name of the section; a word is somebody's talk. */
const mayStandBefore = /^(?:(?:tcp|tcpext|ip|udp): )?[^\p{L}]*$/u;

/**
 * The counters that a line tells, whatever stands behind them; several where line ends were lost. In another section than
 * its own a phrase means something else (`packets received` of Udp6), hence `section`; null: the line stands alone.
 */
export function phrasesOf(line: string, section: string | null): readonly FoundPhrase[] {
  const text = normalised(line).trimStart();
  const inside = numberInside(text, section);
  if (inside !== null) return [inside];
  const found: FoundPhrase[] = [];
  for (const match of text.matchAll(numbered)) {
    if (found.length === 0 && !mayStandBefore.test(text.slice(0, match.index))) return [];
    const rest = text.slice(match.index + match[0].length);
    const phrase = candidates(rest, section).find(({ before, behind }) => before === '' && endsAfter(rest, behind));
    if (phrase === undefined) continue;
    found.push({ section: phrase.section, field: phrase.field, value: Number((match[1] ?? '').replaceAll(',', '')) });
  }
  return found;
}

const candidates = (text: string, section: string | null): readonly Phrase[] =>
  (byWord.get(text.split(' ', 1)[0] as string) ?? []).filter(phrase => section === null || section === phrase.section);

/** `Detected reordering 3 times using SACK`. */
function numberInside(text: string, section: string | null): FoundPhrase | null {
  for (const { before, behind, section: own, field } of candidates(text, section)) {
    if (before === '' || !text.startsWith(before)) continue;
    const [, number, tail] = /^(\d{1,20}) (.*)$/.exec(text.slice(before.length)) ?? [];
    if (number === undefined || tail === undefined || !endsAfter(tail, behind)) continue;
    return { section: own, field, value: Number(number) };
  }
  return null;
}

/** Whether the phrase stands at the beginning, as whole words. */
const endsAfter = (text: string, phrase: string): boolean =>
  text.startsWith(phrase) && !/^[\p{L}\d]/u.test(text.slice(phrase.length, phrase.length + 1));
