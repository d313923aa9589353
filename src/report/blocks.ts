import type { Finding } from '../model/rule.ts';
import { severities } from '../model/rule.ts';
import { allFindings, type HostResult } from '../model/run.ts';
import type { Outcome, VisitError } from '../model/visit.ts';

/** Hosts that share something, and the one that stands for them. */
interface Folded {
  readonly hosts: string[];
}

/** Equal findings of many hosts: same rule, state, severity and remedy, in the same kind of network namespace. */
export interface FindingBlock extends Folded {
  /** That of the worst host. */
  finding: Finding;
  /** The network namespace it was found in, `nginx[4711]`, or `nginx` where there are several; null: the host's own. */
  owner: string | null;
  worstHost: string;
  /** Whether others say something else, for instance another rate. */
  varies: boolean;
  /** `/etc/sysctl.conf:17` to the number of hosts where that line sets a key of the remedy at boot. */
  readonly setBy: Map<string, number>;
}

/** Hosts that were not audited for the same reason. */
export interface FailureBlock extends Folded {
  readonly outcome: Outcome;
  /** Of the first host. */
  readonly error: Omit<VisitError, 'outcome'>;
  /** Whether the others say something else, for instance another address. */
  varies: boolean;
}

/** What a table keeps of a run: folded, so that memory grows with what differs and with names only. */
export interface Blocks {
  readonly findings: Map<string, FindingBlock>;
  readonly waived: Map<string, FindingBlock>;
  readonly failures: Map<string, FailureBlock>;
  /** `rule: reason` to hosts on which the rule could not be checked. */
  readonly notChecked: Map<string, string[]>;
  /** `source: reason` to hosts of which it could not be read. */
  readonly unread: Map<string, string[]>;
  readonly notes: Map<string, string[]>;
  /** Audited, nothing found, the headline rule checked: its verdict to number of hosts. */
  readonly clean: Map<string, number>;
  /** What flat counters exclude on the first clean host, and where to look next. */
  quiet: HostResult['quiet'];
}

export const emptyBlocks = (): Blocks => ({
  findings: new Map(),
  waived: new Map(),
  failures: new Map(),
  notChecked: new Map(),
  unread: new Map(),
  notes: new Map(),
  clean: new Map(),
  quiet: null,
});

/** The rule whose verdict is told also where nothing is wrong. */
export const headlineRule = 'tw-recycle';

/** Files one result. */
export function addResult(blocks: Blocks, result: HostResult): void {
  const { name } = result;
  for (const note of result.notes) addHost(blocks.notes, note, name);
  if (result.error !== null) {
    addFailure(blocks.failures, result, result.error);
    return;
  }
  for (const [source, reason] of Object.entries(result.unread)) addHost(blocks.unread, `${source}: ${reason}`, name);
  for (const [rule, reason] of Object.entries(result.notChecked))
    addHost(blocks.notChecked, `${rule}: ${reason}`, name);
  for (const finding of result.findings) {
    addFinding(finding.waived === null ? blocks.findings : blocks.waived, { finding, owner: null }, result);
  }
  for (const { owner, findings } of result.namespaces) {
    for (const finding of findings)
      addFinding(finding.waived === null ? blocks.findings : blocks.waived, { finding, owner }, result);
  }
  const verdict = result.verdicts[headlineRule] ?? 'pass';
  if (allFindings(result).length > 0 || verdict === 'notchecked') return;
  blocks.quiet ??= result.quiet;
  blocks.clean.set(verdict, (blocks.clean.get(verdict) ?? 0) + 1);
}

/** Worst first: severity, then what acts now, then what has acted since boot, then how many hosts. */
export function worstFirst(blocks: Iterable<FindingBlock>): FindingBlock[] {
  return [...blocks].sort(
    (a, b) =>
      severities.indexOf(a.finding.severity) - severities.indexOf(b.finding.severity) ||
      weigh(b.finding).perSecond - weigh(a.finding).perSecond ||
      Number(hasActed(b)) - Number(hasActed(a)) ||
      b.hosts.length - a.hosts.length,
  );
}

/** Any counter that moved since boot: what has dropped SYNs comes before what only could. */
const hasActed = ({ finding }: FindingBlock): boolean =>
  finding.evidence.some(
    ({ source, value }) => source.startsWith('proc/net/') && typeof value === 'number' && value > 0,
  );

function addHost(map: Map<string, string[]>, key: string, host: string): void {
  const hosts = map.get(key);
  if (hosts === undefined) map.set(key, [host]);
  else hosts.push(host);
}

/** A process number says nothing about another host: `nginx[4711]` to `nginx`. */
const kindOf = (owner: string | null): string | null => owner?.replace(/\[\d+\]$/, '') ?? null;

interface Found {
  readonly finding: Finding;
  readonly owner: string | null;
}

function addFinding(blocks: Map<string, FindingBlock>, { finding, owner }: Found, result: HostResult): void {
  const { rule, state, severity, remedy, waived } = finding;
  const place = [waived?.reason, waived?.expires, kindOf(owner)];
  const key = [severity, rule, state, JSON.stringify(remedy?.set), ...place].join('\n');
  const block: FindingBlock = blocks.get(key) ?? {
    hosts: [],
    finding,
    owner,
    worstHost: result.name,
    varies: false,
    setBy: new Map(),
  };
  blocks.set(key, block);
  // several containers of one host are one host
  if (block.hosts.at(-1) !== result.name) block.hosts.push(result.name);
  if (block.owner !== owner) block.owner = kindOf(owner);
  block.varies ||= block.finding.because !== finding.because;
  if (isWorse(finding, block.finding)) {
    block.finding = finding;
    block.worstHost = result.name;
  }
  // sysctl files do not reach other namespaces
  for (const setKey of owner === null ? Object.keys(remedy?.set ?? {}) : []) {
    const boot = result.settings[setKey]?.boot;
    if (boot === undefined) continue;
    const place = `${boot.file}:${boot.line}`;
    block.setBy.set(place, (block.setBy.get(place) ?? 0) + 1);
  }
}

const isWorse = (a: Finding, b: Finding): boolean => {
  const [left, right] = [weigh(a), weigh(b)];
  return left.perSecond > right.perSecond || (left.perSecond === right.perSecond && left.total > right.total);
};

/** How hard a finding hits: its fastest rate, then its first counter (the one that proves it). */
function weigh({ evidence }: Finding): { perSecond: number; total: number } {
  const perSecond = Math.max(0, ...evidence.map(e => e.perSecond ?? 0));
  const counter = evidence.find(({ source, value }) => source.startsWith('proc/net/') && typeof value === 'number');
  return { perSecond, total: Number(counter?.value ?? 0) };
}

function addFailure(blocks: Map<string, FailureBlock>, result: HostResult, error: FailureBlock['error']): void {
  const key = [result.outcome, error.code, error.phase, error.hop].join('\n');
  const block = blocks.get(key);
  if (block === undefined) blocks.set(key, { hosts: [result.name], outcome: result.outcome, error, varies: false });
  else {
    block.hosts.push(result.name);
    block.varies ||= block.error.message !== error.message || block.error.hint !== error.hint;
  }
}
