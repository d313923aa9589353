/**
 * The order in which kernels print counters, which tells what a text that leaves zeros out does say. Kernels append new
 * counters at the end, so a line shows that all names before it exist; one of them that has no line is 0. `+` marks a name
 * that came late into the middle of the list, or that vendors put into old kernels: it shows nothing, and its absence no zero.
 * `-` marks one that has left, or is no counter. Source: snmp4_net_list, snmp4_ipextstats_list and snmp4_ipstats_list in
 * net/ipv4/proc.c, from 2.6.18 to 6.18.
 */
const lists = {
  TcpExt: `
    SyncookiesSent SyncookiesRecv SyncookiesFailed EmbryonicRsts PruneCalled RcvPruned OfoPruned OutOfWindowIcmps
    LockDroppedIcmps ArpFilter TW TWRecycled TWKilled PAWSPassive PAWSActive PAWSEstab +BeyondWindow +TSEcrRejected
    +PAWSOldAck +PAWSTimewait DelayedACKs DelayedACKLocked DelayedACKLost ListenOverflows ListenDrops -TCPPrequeued
    -TCPDirectCopyFromBacklog -TCPDirectCopyFromPrequeue -TCPPrequeueDropped TCPHPHits -TCPHPHitsToUser TCPPureAcks
    TCPHPAcks TCPRenoRecovery TCPSackRecovery TCPSACKReneging -TCPFACKReorder TCPSACKReorder TCPRenoReorder TCPTSReorder
    TCPFullUndo TCPPartialUndo TCPDSACKUndo TCPLossUndo -TCPLoss TCPLostRetransmit TCPRenoFailures TCPSackFailures
    TCPLossFailures TCPFastRetrans -TCPForwardRetrans TCPSlowStartRetrans TCPTimeouts +TCPLossProbes
    +TCPLossProbeRecovery TCPRenoRecoveryFail TCPSackRecoveryFail -TCPSchedulerFailed TCPRcvCollapsed
    +TCPBacklogCoalesce TCPDSACKOldSent TCPDSACKOfoSent TCPDSACKRecv TCPDSACKOfoRecv -TCPAbortOnSyn TCPAbortOnData
    TCPAbortOnClose TCPAbortOnMemory TCPAbortOnTimeout TCPAbortOnLinger TCPAbortFailed TCPMemoryPressures
    +TCPMemoryPressuresChrono TCPSACKDiscard TCPDSACKIgnoredOld TCPDSACKIgnoredNoUndo TCPSpuriousRTOs TCPMD5NotFound
    TCPMD5Unexpected +TCPMD5Failure TCPSackShifted TCPSackMerged TCPSackShiftFallback TCPBacklogDrop +PFMemallocDrop
    TCPMinTTLDrop TCPDeferAcceptDrop IPReversePathFilter TCPTimeWaitOverflow TCPReqQFullDoCookies TCPReqQFullDrop
    +TCPRetransFail +TCPRcvCoalesce +TCPOFOQueue +TCPOFODrop +TCPOFOMerge TCPChallengeACK TCPSYNChallenge TCPFastOpenActive
    +TCPFastOpenActiveFail TCPFastOpenPassive TCPFastOpenPassiveFail TCPFastOpenListenOverflow TCPFastOpenCookieReqd
    +TCPFastOpenBlackhole TCPSpuriousRtxHostQueues BusyPollRxPackets TCPAutoCorking TCPFromZeroWindowAdv
    TCPToZeroWindowAdv TCPWantZeroWindowAdv TCPSynRetrans TCPOrigDataSent TCPHystartTrainDetect TCPHystartTrainCwnd
    TCPHystartDelayDetect TCPHystartDelayCwnd TCPACKSkippedSynRecv TCPACKSkippedPAWS TCPACKSkippedSeq
    TCPACKSkippedFinWait2 TCPACKSkippedTimeWait TCPACKSkippedChallenge TCPWinProbe TCPKeepAlive TCPMTUPFail
    TCPMTUPSuccess TCPDelivered TCPDeliveredCE TCPAckCompressed TCPZeroWindowDrop +TCPRcvQDrop +TCPWqueueTooBig
    TCPFastOpenPassiveAltKey TcpTimeoutRehash TcpDuplicateDataRehash TCPDSACKRecvSegs TCPDSACKIgnoredDubious
    TCPMigrateReqSuccess TCPMigrateReqFailure TCPPLBRehash TCPAORequired TCPAOBad TCPAOKeyNotFound TCPAOGood
    TCPAODroppedIcmps`,
  IpExt: `
    InNoRoutes InTruncatedPkts InMcastPkts OutMcastPkts InBcastPkts OutBcastPkts InOctets OutOctets InMcastOctets
    OutMcastOctets InBcastOctets OutBcastOctets InCsumErrors InNoECTPkts InECT1Pkts InECT0Pkts InCEPkts ReasmOverlaps`,
  Ip: `
    -Forwarding -DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards InDelivers
    OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates`,
} as const;

/** Sections whose missing names can be told to be 0. */
export type OrderedSection = keyof typeof lists;

/** Last names that every kernel from 2.6.18 on has: up to here a section that was seen to end shows zeros, too. */
const everywhere: Readonly<Record<OrderedSection, string | null>> = {
  TcpExt: 'TCPMemoryPressures',
  IpExt: null,
  Ip: 'FragCreates',
};

/** Names that every whole section shows: they are printed also where they are 0, or no host has them at 0. */
const alwaysPrinted: Readonly<Record<OrderedSection, readonly string[]>> = {
  TcpExt: ['TCPHPHits'],
  IpExt: ['InOctets'],
  Ip: ['InReceives', 'ForwDatagrams', 'InDiscards', 'InDelivers', 'OutRequests'],
};

interface Order {
  readonly names: readonly string[];
  readonly position: ReadonlyMap<string, number>;
  /** Names whose absence shows a zero. */
  readonly steady: ReadonlySet<string>;
  /** Number of names that every kernel has. */
  readonly ever: number;
}

const orderOf = (section: OrderedSection): Order => {
  const marked = lists[section].trim().split(/\s+/);
  const names = marked.map(name => name.replace(/^[+-]/, ''));
  const last = everywhere[section];
  return {
    names,
    position: new Map(names.map((name, position) => [name, position])),
    steady: new Set(marked.filter(name => !/^[+-]/.test(name))),
    ever: last === null ? 0 : names.indexOf(last) + 1,
  };
};

const orders: Readonly<Record<OrderedSection, Order>> = {
  TcpExt: orderOf('TcpExt'),
  IpExt: orderOf('IpExt'),
  Ip: orderOf('Ip'),
};

export const isOrdered = (section: string): section is OrderedSection => Object.hasOwn(orders, section);

/** The section of a name that stands without one, if the name tells. */
export const sectionOf = (field: string): OrderedSection | null =>
  orders.TcpExt.position.has(field) ? 'TcpExt' : orders.IpExt.position.has(field) ? 'IpExt' : null;

/** What was seen of a section. */
export interface SeenSection {
  /** In the order of the text. */
  readonly fields: readonly string[];
  /** Lines were cut out between two of the fields: then others may have been, without a trace. */
  readonly isCut: boolean;
  /** The next section began right behind the last line: nothing was cut off at the end. */
  readonly isEnded: boolean;
}

/** Names that the text shows to be 0 by leaving them out. */
export function zerosOf(section: OrderedSection, { fields, isCut, isEnded }: SeenSection): readonly string[] {
  if (isCut || !alwaysPrinted[section].every(name => fields.includes(name))) return [];
  const { names, position, steady, ever } = orders[section];
  const last = Math.max(-1, ...fields.map(field => (steady.has(field) ? (position.get(field) ?? -1) : -1)));
  const shown = new Set(fields);
  const end = isEnded ? Math.max(last, ever) : last;
  return names.slice(0, Math.max(0, end)).filter(name => steady.has(name) && !shown.has(name));
}
