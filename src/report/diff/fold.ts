import type { FindingChange, FindingThen, HostDiff, NotLooked, SettingChange, VisitThen } from '../../model/diff.ts';
import { isCounted } from '../../model/diff.ts';
import { severities } from '../../model/rule.ts';
import { type BlockRate, type ToldKind, toldKindOf, toldKinds } from './words.ts';

/** Equal changes of findings on many hosts: the same rule from the same state to the same state. */
export interface ChangeBlock {
  readonly kind: ToldKind;
  readonly rule: string;
  /** The network namespace, `nginx` where there are several; null: the host's own. */
  owner: string | null;
  readonly before: FindingThen | null;
  readonly after: FindingThen | null;
  readonly notLooked: NotLooked | null;
  readonly hosts: string[];
  /** More than hosts where one has it in several network namespaces. */
  findings: number;
  /** Host that is hit hardest, and its reason. */
  worst: { readonly host: string; readonly because: string; readonly perSecond: number };
  /** Whether others say something else, for instance another rate. */
  varies: boolean;
  /** Hosts that rebooted between the runs. */
  rebooted: number;
  readonly rates: Map<string, Sums>;
}

interface Sums {
  hosts: number;
  before: number;
  after: number;
  readonly only: { readonly before: Alone; readonly after: Alone };
}
interface Alone {
  hosts: number;
  perSecond: number;
}

/** Changes that people are told, folded, in the order in which they are told: what is waived before and after is not. */
export function changeBlocks(hosts: readonly HostDiff[]): ChangeBlock[] {
  const blocks = new Map<string, ChangeBlock>();
  for (const host of hosts)
    for (const finding of host.findings)
      if (isCounted(finding) || finding.waiver !== null) addChange(blocks, host, finding);
  const severityOf = ({ before, after }: ChangeBlock) => severities.indexOf((after ?? before)?.severity ?? 'info');
  return [...blocks.values()].sort(
    (a, b) =>
      toldKinds.indexOf(a.kind) - toldKinds.indexOf(b.kind) ||
      severityOf(a) - severityOf(b) ||
      b.hosts.length - a.hosts.length,
  );
}

const kindOfOwner = (owner: string | null): string | null => owner?.replace(/\[\d+\]$/, '') ?? null;

function addChange(blocks: Map<string, ChangeBlock>, { name, rebooted }: HostDiff, finding: FindingChange): void {
  const { rule, owner, before, after, notLooked, rate } = finding;
  const kind = toldKindOf(finding);
  const states = [before, after].map(then => then && `${then.severity} ${then.state ?? ''}`);
  const key = JSON.stringify([kind, rule, kindOfOwner(owner), ...states, notLooked]);
  const because = (after ?? before)?.because ?? '';
  const perSecond = Math.max(rate?.before ?? 0, rate?.after ?? 0);
  const block: ChangeBlock = blocks.get(key) ?? {
    kind,
    rule,
    owner,
    before,
    after,
    notLooked,
    hosts: [],
    findings: 0,
    worst: { host: name, because, perSecond },
    varies: false,
    rebooted: 0,
    rates: new Map(),
  };
  blocks.set(key, block);
  block.findings += 1;
  // several containers of one host are one host
  if (block.hosts.at(-1) !== name) {
    block.hosts.push(name);
    if (rebooted === true) block.rebooted += 1;
  }
  if (block.owner !== owner) block.owner = kindOfOwner(owner);
  block.varies ||= block.worst.because !== because;
  if (perSecond > block.worst.perSecond) block.worst = { host: name, because, perSecond };
  if (rate !== null) addRate(block.rates, rate);
}

function addRate(rates: ChangeBlock['rates'], { field, before, after }: NonNullable<FindingChange['rate']>): void {
  const alone = (): Alone => ({ hosts: 0, perSecond: 0 });
  const sums = rates.get(field) ?? { hosts: 0, before: 0, after: 0, only: { before: alone(), after: alone() } };
  rates.set(field, sums);
  if (before !== null && after !== null) {
    sums.hosts += 1;
    sums.before += before;
    sums.after += after;
    return;
  }
  const [side, perSecond] = before === null ? (['after', after] as const) : (['before', before] as const);
  if (perSecond === null) return;
  sums.only[side].hosts += 1;
  sums.only[side].perSecond += perSecond;
}

/** The counter of a block that most of its hosts rest on; null where none does. */
export function blockRate({ rates }: ChangeBlock): BlockRate | null {
  const known = ({ hosts, only }: Sums) => hosts + only.before.hosts + only.after.hosts;
  const [first] = [...rates].filter(([, sums]) => known(sums) > 0).sort((a, b) => known(b[1]) - known(a[1]));
  if (first === undefined) return null;
  const [field, { hosts, before, after, only }] = first;
  const run = only.before.hosts >= only.after.hosts ? 'earlier' : 'later';
  const alone = run === 'earlier' ? only.before : only.after;
  return { field, hosts, before, after, once: alone.hosts === 0 ? null : { ...alone, run } };
}

/** The same change of a setting on many hosts; the lines that set it at boot may differ. */
export interface SettingBlock {
  readonly key: string;
  readonly running: SettingChange['running'] | undefined;
  /** Values at boot; null: no file sets it. Undefined: they did not change, or are not known. */
  readonly boot: { readonly before: string | null; readonly after: string | null } | undefined;
  readonly hosts: string[];
  /** `/etc/sysctl.conf:17` to the number of hosts where that line decides. */
  readonly places: { readonly before: Map<string, number>; readonly after: Map<string, number> };
}

/** Settings that drifted, folded; what changed on most hosts first. */
export function settingBlocks(hosts: readonly HostDiff[]): SettingBlock[] {
  const blocks = new Map<string, SettingBlock>();
  for (const { name, settings } of hosts) {
    for (const { key, running, boot } of settings) {
      const values = boot && { before: boot.before?.value ?? null, after: boot.after?.value ?? null };
      const id = JSON.stringify([key, running ?? null, values ?? null]);
      const block: SettingBlock = blocks.get(id) ?? {
        key,
        running,
        boot: values,
        hosts: [],
        places: { before: new Map(), after: new Map() },
      };
      blocks.set(id, block);
      block.hosts.push(name);
      for (const side of ['before', 'after'] as const) {
        const line = boot?.[side];
        if (line !== null && line !== undefined) increase(block.places[side], `${line.file}:${line.line}`);
      }
    }
  }
  return [...blocks.values()].sort((a, b) => b.hosts.length - a.hosts.length || (a.key < b.key ? -1 : 1));
}

const increase = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

/** Hosts of one run that are otherwise in the other, for one reason. */
export interface VisitBlock {
  readonly kind: 'lost' | 'still-lost' | 'regained' | 'gone' | 'added' | 'rebooted' | 'kernel';
  /** What the later run met; null where there is nothing to tell. */
  readonly error: VisitThen['error'];
  /** Outcome of `lost`, kernels of `kernel`: `3.10.0 → 4.18.0`. */
  readonly what: string | null;
  readonly hosts: string[];
  varies: boolean;
}

const visitOrder: readonly VisitBlock['kind'][] = [
  'lost',
  'still-lost',
  'gone',
  'regained',
  'added',
  'rebooted',
  'kernel',
];

/** Hosts that came, went, were lost or rebooted, folded. */
export function visitBlocks(hosts: readonly HostDiff[]): VisitBlock[] {
  const blocks = new Map<string, VisitBlock>();
  const add = (name: string, { kind, error, what }: Pick<VisitBlock, 'kind' | 'error' | 'what'>) => {
    const key = JSON.stringify([kind, what, error?.code]);
    const block = blocks.get(key) ?? { kind, error, what, hosts: [], varies: false };
    blocks.set(key, block);
    block.hosts.push(name);
    block.varies ||= block.error?.message !== error?.message;
  };
  for (const { name, before, after, reach, rebooted } of hosts) {
    const plain = { error: null, what: null };
    if (before === null) add(name, { kind: 'added', ...plain });
    if (after === null) add(name, { kind: 'gone', ...plain });
    if (reach === 'regained') add(name, { kind: 'regained', ...plain });
    if (rebooted === true) add(name, { kind: 'rebooted', ...plain });
    if (after !== null && after.error !== null && before !== null)
      add(name, { kind: reach === 'lost' ? 'lost' : 'still-lost', error: after.error, what: after.outcome });
    const [was, is] = [before?.kernel ?? null, after?.kernel ?? null];
    if (was !== null && is !== null && was !== is) add(name, { kind: 'kernel', error: null, what: `${was} → ${is}` });
  }
  return [...blocks.values()].sort(
    (a, b) => visitOrder.indexOf(a.kind) - visitOrder.indexOf(b.kind) || b.hosts.length - a.hosts.length,
  );
}
