/**
 * To send a SYN-ACK to a neighbour (a client on the same network, or the gateway to it) the kernel needs an entry in its
 * neighbour table. Where the table holds gc_thresh3 entries and none can be freed, the packet is dropped.
 * Source: neigh_alloc() in net/core/neighbour.c; kernel-facts B19.
 */
import type { Confidence, Judgement } from '../model/rule.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { defineRule } from './define.ts';
import { counterOf, optional } from './inputs.ts';
import { nearLimit } from './levels.ts';
import { judgeMovement, type Movement, quietInWords, sinceBoot } from './movement.ts';
import { neighbourOverflowExamples } from './neighbour-overflow-examples.ts';
import {
  fullness,
  levelInWords,
  type NeighbourTable,
  neighbourTables,
  refusalOf,
  remedyFor,
  remedyRisk,
  tableEvidence,
} from './neighbour-tables.ts';
import { strongestOf } from './strongest.ts';

export default defineRule({
  id: 'neighbour-overflow',
  title: 'the neighbour table has room',
  summary:
    'Some clients on networks of this host get no answer, and connections from here fail with "No buffer space available"; others work.',
  mechanism: [
    'Every host that this machine talks to on its own networks needs an entry in the neighbour table: its MAC address.',
    'The table of each IP version is one for the whole machine, containers included.',
    'From gc_thresh2 on the kernel tries to free entries that are not in use, and at gc_thresh3 it refuses new ones that find no room.',
    'The packet that needed the entry is dropped: a SYN-ACK is never sent, though the SYN was taken.',
    'Flat networks of thousands of hosts, many containers, or a scan from here fill it; the default is 1,024 entries.',
  ],
  proof:
    'table_fulls of /proc/net/stat/arp_cache (ndisc_cache for IPv6) rises, and the kernel logs "neighbor table overflow!". ListenDrops does not follow.',
  fix: {
    summary: 'net.ipv4.neigh.default.gc_thresh1, 2 and 3 = 4096, 8192, 16384 (the same below net.ipv6 for IPv6)',
    set: {
      'net.ipv4.neigh.default.gc_thresh1': '4096',
      'net.ipv4.neigh.default.gc_thresh2': '8192',
      'net.ipv4.neigh.default.gc_thresh3': '16384',
    },
    risk: remedyRisk,
  },
  references: [
    { title: 'ip-sysctl, neigh/default/gc_thresh3', url: 'https://docs.kernel.org/networking/ip-sysctl.html' },
    { title: 'arp(7), gc_thresh3', url: 'https://man7.org/linux/man-pages/man7/arp.7.html' },
  ],
  reads: { tables: neighbourTables, accepted: optional(counterOf('proc/net/snmp', 'Tcp.PassiveOpens')) },
  parameters: { ...nearLimit, ...sinceBoot },
  wholeMachine: true,
  check: (facts, { inputs: { tables, accepted }, parameters }) => {
    const judged = tables.flatMap((table): readonly Judged[] => {
      const refusal = refusalOf(table, parameters.perHour, accepted);
      return refusal === null ? [] : [{ table, refusal }];
    });
    const strongest = strongestIn(judged);
    if (strongest !== null && strongest.refusal.kind !== 'quiet' && strongest.refusal.kind !== 'unknowable') {
      const { table, refusal } = strongest;
      return judgeMovement(refusal, facts, {
        title: { active: 'the neighbour table is full', past: 'the neighbour table was full' },
        lead: {
          active: `${table.family} packets to further neighbours are dropped because the neighbour table is full`,
          past: `${table.family} packets to further neighbours were dropped because the neighbour table was full`,
        },
        because: [
          ...(table.refused.state === 'ok' ? [] : [inferred]),
          `Now: ${levelInWords(table) || 'the level is not known.'}`,
        ],
        evidence: tableEvidence(table).filter(({ field }) => field !== refusal.counter.field),
        remedy: remedyFor(table, facts.snapshot),
        confidence: table.refused.state === 'ok' ? 'high' : 'medium',
      });
    }
    const near = tables.find(table => (fullness(table) ?? 0) >= parameters.percent);
    if (near !== undefined) return nearlyFull(near, facts.snapshot);
    if (strongest?.refusal.kind === 'unknowable') return judgeMovement(strongest.refusal, facts, nothingToTell);
    return quiet(tables, judged);
  },
  examples: neighbourOverflowExamples,
});

const inferred =
  'This kernel does not count refused entries; the table stands at its limit and is collected all the time.';

interface Judged {
  readonly table: NeighbourTable;
  readonly refusal: Movement;
}

function strongestIn([first, ...others]: readonly Judged[]): Judged | null {
  if (first === undefined) return null;
  const refusal = strongestOf(first.refusal, ...others.map(other => other.refusal));
  return [first, ...others].find(judged => judged.refusal === refusal) ?? first;
}

/** Of an `unknowable` counter nothing but its number is told. */
const nothingToTell = { title: { active: '', past: '' }, lead: { active: '', past: '' }, remedy: null };

function nearlyFull(table: NeighbourTable, snapshot: Snapshot): Judgement {
  const confidence: Confidence = 'medium';
  return {
    verdict: 'fail',
    severity: 'medium',
    state: 'latent',
    title: 'the neighbour table is nearly full',
    because: `${levelInWords(table)} At the limit packets to further neighbours are dropped. Permanent entries are counted here, though on newer kernels they take no room.`,
    confidence,
    evidence: tableEvidence(table),
    remedy: remedyFor(table, snapshot),
  };
}

/** Looked at is a table with its counter or its level; without both there is nothing to say. */
function quiet(tables: readonly NeighbourTable[], judged: readonly Judged[]): Judgement {
  const said = [
    ...judged.map(({ refusal }) => quietInWords(refusal.counter)),
    ...tables.map(levelInWords).filter(words => words !== ''),
  ];
  return said.length === 0
    ? { verdict: 'notchecked', because: 'Neither refused entries nor the limit of the neighbour table could be read.' }
    : { verdict: 'pass', because: said.join(' ') };
}
