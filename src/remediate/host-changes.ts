import { type PlannedBoot, type PlannedChange, plannedHostname } from '../model/remediation.ts';
import type { Finding, Remedy } from '../model/rule.ts';
import { type HostResult, madeOnHost, type NamespaceResult } from '../model/run.ts';
import { groupBy } from '../text/group-by.ts';
import { type Asked, askedKeys, inOneSpacing, isAsked, isPlannable, rankOf } from './asked.ts';
import * as reasons from './by-hand-reasons.ts';

/** A finding, or a key of it, that no script clears, and why. */
export interface Manual {
  readonly finding: Finding;
  readonly why: string;
}

/** What is to be done on one host. */
export interface HostChanges {
  /** In the order of their severity, then of their keys. */
  readonly changes: readonly PlannedChange[];
  /** The line that wins at boot, for each key of `changes`; null where no file sets it. */
  readonly boot: Readonly<Record<string, PlannedBoot | null>>;
  readonly manual: readonly Manual[];
  readonly waived: number;
}

/** From what was found on one host to what a script changes there, and what is left to people. */
export function changesOf(host: HostResult, asked: Asked): HostChanges {
  const found = host.findings.filter(finding => isAsked(finding, asked));
  const inside = host.namespaces.flatMap(namespace =>
    namespace.findings.filter(finding => isAsked(finding, asked)).map(finding => ({ finding, namespace })),
  );
  const open = found.filter(({ waived }) => waived === null);
  const openInside = inside.filter(({ finding }) => finding.waived === null);
  const isHosts = ({ remedy }: Finding) => remedy?.summary.endsWith(madeOnHost) === true;
  const own = [...open, ...openInside.map(({ finding }) => finding).filter(isHosts)];
  const judged = own.map(finding => wantsOf(finding, host, asked));
  const changes = settled(
    judged.flatMap(({ wants }) => wants),
    host.name,
  );
  return {
    changes,
    boot: Object.fromEntries(changes.map(({ key }) => [key, bounded(host.settings[key]?.boot)])),
    manual: [
      ...judged.flatMap(({ manual }) => manual),
      ...openInside.filter(({ finding }) => !isHosts(finding)).map(entry => insideContainer(entry, asked)),
    ],
    waived: found.length - open.length + inside.length - openInside.length,
  };
}

/** Lines of files may be of any length; it is enough to recognise them. */
const bounded = (boot: PlannedBoot | undefined): PlannedBoot | null =>
  boot === undefined ? null : { value: boot.value.slice(0, 256), file: boot.file.slice(0, 1_024), line: boot.line };

/** A key that a finding wants another value of. */
interface Want {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly finding: Finding;
  readonly remedy: Remedy;
}

/** What of a finding a script can do, and what it cannot. */
function wantsOf(finding: Finding, host: HostResult, asked: Asked) {
  const { remedy } = finding;
  const wants: Want[] = [];
  const whys = new Set<string>();
  if (remedy === null || Object.keys(remedy.set).length === 0) whys.add(reasons.noKey);
  else {
    for (const [key, to] of askedKeys(remedy.set, asked)) {
      const setting = host.settings[key];
      const from = setting?.value == null ? null : inOneSpacing(setting.value);
      const why = whyByHand({ key, from, to }, host);
      if (why !== null) whys.add(why);
      else if (from !== null && !holdsAlready({ from, to }, setting?.boot))
        wants.push({ key, from, to, finding, remedy });
    }
    if (wants.length === 0 && whys.size === 0) whys.add(reasons.holdsAlready);
  }
  return { wants, manual: [...whys].map((why): Manual => ({ finding, why })) };
}

/** Runs, and nothing at boot says otherwise: there is nothing that a script could do. */
const holdsAlready = (
  { from, to }: { readonly from: string; readonly to: string },
  boot: PlannedBoot | undefined,
): boolean => from === to && (boot === undefined || inOneSpacing(boot.value) === to);

interface Asking {
  readonly key: string;
  /** Running value; null where the host has none. */
  readonly from: string | null;
  readonly to: string;
}

/** Why no script writes this key on this host; null if one does. */
function whyByHand({ key, from, to }: Asking, { settings, hostname }: HostResult): string | null {
  if (!isPlannable(key, to)) return reasons.oddKey;
  if (from === null) return reasons.noSuchKey(key);
  if (!isPlannable(key, from)) return reasons.oddValue(key);
  if (hostname === null) return reasons.noHostname;
  if (!plannedHostname.test(hostname)) return reasons.oddHostname;
  const boot = settings[key]?.boot;
  return boot === undefined || mayLose(boot.file) ? null : reasons.wonElsewhere(key, boot);
}

/**
 * Whether a script can make another line win over one of this file: below /etc it edits the line, over files of the sysctl
 * directories a drop-in wins, and the kernel command line is weaker than any file.
 */
const mayLose = (file: string): boolean =>
  /^\/(?:etc|run\/sysctl\.d|(?:usr\/(?:local\/)?)?lib\/sysctl\.d)\//.test(file) || file === '/proc/cmdline';

function insideContainer(
  { finding, namespace }: { readonly finding: Finding; readonly namespace: NamespaceResult },
  asked: Asked,
): Manual {
  const set = askedKeys(finding.remedy?.set ?? {}, asked).filter(([key, value]) => isPlannable(key, value));
  return { finding, why: reasons.inNamespace(namespace, set) };
}

/** One change per key: where rules want different values, the most severe one has its way. */
function settled(wants: readonly Want[], host: string): PlannedChange[] {
  const byKey = groupBy(wants, ({ key }) => key);
  return [...byKey.values()].map(alike => changeOf(alike, host)).sort(worstFirst);
}

function changeOf(wants: readonly Want[], host: string): PlannedChange {
  const [first, ...rest] = [...wants].sort((a, b) => rankOf(a.finding.severity) - rankOf(b.finding.severity)) as [Want];
  const { key, from, to, finding, remedy } = first;
  const others: Want[] = rest;
  const agreeing = others.filter(other => other.to === to).map(other => other.finding.rule);
  const against = new Map(others.filter(other => other.to !== to).map(other => [other.finding.rule, other.to]));
  return {
    key,
    from,
    to,
    rules: [...new Set([finding.rule, ...agreeing])],
    severity: finding.severity,
    summary: remedy.summary,
    risk: remedy.risk,
    because: `${host}: ${finding.because}`,
    ...(against.size > 0 && { insteadOf: [...against].map(([rule, wanted]) => ({ rule, to: wanted })) }),
  };
}

/** For sorting changes: the most severe first, then by key. */
export const worstFirst = (a: PlannedChange, b: PlannedChange): number =>
  rankOf(a.severity) - rankOf(b.severity) || (a.key < b.key ? -1 : Number(a.key > b.key));
