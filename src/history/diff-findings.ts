import type { FindingChange, FindingChangeKind, FindingThen, NotLooked, RateChange } from '../model/diff.ts';
import { type Finding, isActing, severities, type Verdict } from '../model/rule.ts';
import type { HostResult, NamespaceResult, Rates } from '../model/run.ts';
import { own, provenBy, rateIn } from './diff-rates.ts';

/** One host in one run: what was found, and whether it was looked at. */
export interface HostSide {
  /** Null: the run does not have the host. */
  readonly result: HostResult | null;
  /** Findings about the fleet that name this host, at most one per rule. */
  readonly fleet: readonly Finding[];
  /** Whether the run ended, so that it could judge the fleet. */
  readonly ended: boolean;
}

/** A finding, and the network namespace that it is of. */
interface Located {
  readonly finding: Finding;
  readonly namespace: NamespaceResult | null;
  readonly isFleet: boolean;
}

/** Every finding of both runs, each once. */
export function changesOf(before: HostSide, after: HostSide): FindingChange[] {
  const groups = new Map<string, { readonly before: Located[]; readonly after: Located[] }>();
  const file = (side: 'before' | 'after') => (located: Located) => {
    const key = `${located.finding.rule}\0${kindOf(located.namespace)}`;
    const group = groups.get(key) ?? { before: [], after: [] };
    groups.set(key, group);
    group[side].push(located);
  };
  locatedIn(before).forEach(file('before'));
  locatedIn(after).forEach(file('after'));
  return [...groups.values()].flatMap(group => {
    const { pairs, onlyBefore, onlyAfter } = paired(group.before, group.after);
    return [
      ...pairs.map(([was, is]) => stillThere(was, is, { before, after })),
      ...onlyBefore.map(was => oneSided(was, 'before', { before, after })),
      ...onlyAfter.map(is => oneSided(is, 'after', { before, after })),
    ];
  });
}

function locatedIn({ result, fleet }: HostSide): Located[] {
  const ofFleet = fleet.map(finding => ({ finding, namespace: null, isFleet: true }));
  if (result === null) return ofFleet;
  return [
    ...result.findings.map(finding => ({ finding, namespace: null, isFleet: false })),
    ...result.namespaces.flatMap(namespace =>
      namespace.findings.map(finding => ({ finding, namespace, isFleet: false })),
    ),
    ...ofFleet,
  ];
}

/** A process number says nothing about the next start of the same service: `nginx[4711]` to `nginx`. */
const kindOf = (namespace: NamespaceResult | null): string => namespace?.owner.replace(/\[\d+\]$/, '') ?? '\0host';

interface Paired {
  readonly pairs: readonly (readonly [Located, Located])[];
  readonly onlyBefore: readonly Located[];
  readonly onlyAfter: readonly Located[];
}

/** The same namespace first, then the same container, then whatever is left in order: each step is the same both ways round. */
const sameness: readonly ((located: Located) => string | null)[] = [
  ({ namespace }) => namespace?.id ?? '',
  ({ namespace }) => namespace?.container ?? null,
  () => '',
];

function paired(before: readonly Located[], after: readonly Located[]): Paired {
  const pairs: (readonly [Located, Located])[] = [];
  let [left, right] = [[...before], [...after]];
  for (const keyOf of sameness) {
    if (left.length === 0 || right.length === 0) break;
    const waiting = byKey(right, keyOf);
    const unpaired: Located[] = [];
    for (const was of left) {
      const key = keyOf(was);
      const is = key === null ? undefined : waiting.get(key)?.shift();
      if (is === undefined) unpaired.push(was);
      else pairs.push([was, is]);
    }
    const taken = new Set(pairs.map(([, is]) => is));
    left = unpaired;
    right = right.filter(is => !taken.has(is));
  }
  return { pairs, onlyBefore: left, onlyAfter: right };
}

function byKey(list: readonly Located[], keyOf: (located: Located) => string | null): Map<string | null, Located[]> {
  const groups = new Map<string | null, Located[]>();
  for (const located of list) {
    const group = groups.get(keyOf(located));
    if (group === undefined) groups.set(keyOf(located), [located]);
    else group.push(located);
  }
  return groups;
}

interface Sides {
  readonly before: HostSide;
  readonly after: HostSide;
}

function stillThere(was: Located, is: Located, sides: Sides): FindingChange {
  const [before, after] = [then(was.finding), then(is.finding)];
  const rate = rateOf([was, is], sides);
  return {
    change: wasMeasuredOnce([was, is], rate) ? 'changed' : kindOfChange(was.finding, is.finding),
    rule: is.finding.rule,
    owner: is.namespace?.owner ?? null,
    before,
    after,
    notLooked: null,
    waiver: before.waived === after.waived ? null : after.waived ? 'given' : 'ended',
    rate,
  };
}

function oneSided(located: Located, side: 'before' | 'after', sides: Sides): FindingChange {
  const { finding, namespace } = located;
  const other = side === 'before' ? sides.after : sides.before;
  const notLooked = whyNotLooked(located, other);
  const looked: FindingChangeKind = side === 'before' ? 'fixed' : 'new';
  const unseen: FindingChangeKind = side === 'before' ? 'unknown' : 'first-seen';
  return {
    change: notLooked === null ? looked : unseen,
    rule: finding.rule,
    owner: namespace?.owner ?? null,
    before: side === 'before' ? then(finding) : null,
    after: side === 'after' ? then(finding) : null,
    notLooked,
    waiver: null,
    rate: rateOf(side === 'before' ? [located, null] : [null, located], sides),
  };
}

const then = ({ severity, state, because, waived }: Finding): FindingThen => ({
  severity,
  state,
  because,
  waived: waived !== null,
});

/** A cause acts in one run, and the other took one sample, in which nothing is seen to act: neither better nor worse. */
const wasMeasuredOnce = ([was, is]: readonly [Located, Located], rate: RateChange | null): boolean =>
  rate !== null &&
  isActing(was.finding) !== isActing(is.finding) &&
  (isActing(was.finding) ? rate.after : rate.before) === null;

/** Severity first; then what acts now, what acted since boot, what only could. */
function kindOfChange(was: Finding, is: Finding): FindingChangeKind {
  const difference = severities.indexOf(is.severity) - severities.indexOf(was.severity) || stage(is) - stage(was);
  if (difference !== 0) return difference < 0 ? 'worse' : 'better';
  return was.state === is.state ? 'same' : 'changed';
}

const stage = (finding: Finding): number =>
  isActing(finding) ? 0 : finding.state === 'fired' || finding.state === 'past' ? 1 : 2;

const clears = (verdict: Verdict | undefined): boolean => verdict === 'pass' || verdict === 'notapplicable';

/** Null where the run looked and the rule did not hold. A rule without a verdict, and a namespace that is not there, prove nothing. */
function whyNotLooked({ finding, namespace, isFleet }: Located, { result, ended }: HostSide): NotLooked | null {
  if (result === null) return 'host-missing';
  if (result.error !== null) return 'host-not-audited';
  if (isFleet) return ended ? null : 'run-not-ended';
  const verdictIn = (verdicts: HostResult['verdicts']) => clears(own(verdicts, finding.rule));
  if (namespace === null) return verdictIn(result.verdicts) ? null : 'not-checked';
  const same = result.namespaces.filter(other => kindOf(other) === kindOf(namespace));
  if (same.length === 0) return 'namespace-not-seen';
  return same.some(({ verdicts }) => verdictIn(verdicts)) ? null : 'not-checked';
}

/** The counter that proves the finding, in both runs. */
function rateOf([was, is]: readonly [Located | null, Located | null], { before, after }: Sides): RateChange | null {
  const field = provenBy((was ?? is)?.finding) ?? provenBy(is?.finding);
  if (field === null) return null;
  const place = (was ?? is)?.namespace ?? null;
  return {
    field,
    before: rateIn(field, was?.finding, ratesAt(was?.namespace ?? place, before)),
    after: rateIn(field, is?.finding, ratesAt(is?.namespace ?? place, after)),
  };
}

/** Rates of the host, or of the namespace there that is the same; of several others of its kind none is meant. */
function ratesAt(namespace: NamespaceResult | null, { result }: HostSide): Rates | undefined {
  if (namespace === null) return result?.rates;
  const same = result?.namespaces.filter(other => kindOf(other) === kindOf(namespace)) ?? [];
  return (same.find(({ id }) => id === namespace.id) ?? (same.length === 1 ? same[0] : undefined))?.rates;
}
