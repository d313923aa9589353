import type { Facts } from '../model/facts.ts';
import type { Host, NatRange } from '../model/host.ts';
import { absent } from '../model/reading.ts';
import type { Finding, Remedy } from '../model/rule.ts';
import { madeOnHost, type NamespaceResult } from '../model/run.ts';
import type { NetworkNamespace, Snapshot } from '../model/snapshot.ts';
import { rules } from '../rules/index.ts';
import { clientFacts } from '../snapshot/clients.ts';
import { type Judged, judgeAll } from './judging.ts';
import { ratesOf } from './rates.ts';
import type { createWaiving } from './waivers.ts';

/** What the namespaces of a host are judged with, beside what was read of them. */
export interface NamespaceContext {
  readonly host: Host;
  readonly nat: readonly NatRange[];
  readonly profile: Facts['profile'];
  /** Of the host itself, so that a setting that both share is told once. */
  readonly judged: Judged;
  readonly waive: ReturnType<typeof createWaiving>;
}

/** What was found in the namespaces, and remarks about what was not seen of them. */
interface JudgedNamespaces {
  readonly results: readonly NamespaceResult[];
  readonly notes: readonly string[];
}

/** What the machine has only once is judged with the host. */
const ownRules = rules.filter(({ wholeMachine }) => !wholeMachine);

/** Every further network namespace of a host through the rules; waivers and parameters are those of the host. */
export function judgeNamespaces({ namespaces }: Snapshot, context: NamespaceContext): JudgedNamespaces {
  if (namespaces.state !== 'ok') return { results: [], notes: [] };
  const { read, unseen } = namespaces.value;
  const notes: string[] = [];
  const results = read.map(namespace => {
    const result = judgeNamespace(namespace, context);
    const waived = context.waive(context.host, result.findings);
    notes.push(...waived.notes);
    return { ...result, findings: waived.findings };
  });
  return { results, notes: unseen === null ? notes : [...notes, unseen] };
}

function judgeNamespace(namespace: NetworkNamespace, context: NamespaceContext): NamespaceResult {
  const { id, owner, container, snapshot } = namespace;
  const { host, nat, profile } = context;
  const facts: Facts = {
    snapshot,
    profile,
    clients: clientFacts(snapshot, { declared: nat, hostClients: host.clients }),
    declared: nat.filter(({ name }) => host.clients.includes(name)),
    earlierRun: null,
    ssh: absent('not-collected'),
  };
  const { findings, verdicts, notChecked } = judgeAll(ownRules, facts, host.rules);
  const rates = ratesOf(snapshot);
  const told = findings.filter(finding => isToldByHost(finding, namespace, context.judged));
  return {
    id,
    owner,
    container,
    findings: findings.filter(finding => !told.includes(finding)).map(finding => inWords(finding, namespace)),
    verdicts: { ...verdicts, ...Object.fromEntries(told.map(({ rule }) => [rule, 'notapplicable'] as const)) },
    notChecked,
    ...(rates !== undefined && { rates }),
  };
}

/** States of causes that have dropped something: there the counters are the namespace's own. */
const acted = ['firing', 'fired', 'active', 'past'];

/** A setting that this kernel has only once may drop something in every container, and is one finding of the host. */
function isToldByHost({ rule, state, remedy }: Finding, { hostKeys }: NetworkNamespace, { findings }: Judged): boolean {
  const keys = Object.keys(remedy?.set ?? {});
  if (keys.length === 0 || !keys.every(key => hostKeys.has(key)) || acted.includes(state ?? '')) return false;
  return findings.some(other => other.rule === rule && other.state === state);
}

function inWords(finding: Finding, namespace: NetworkNamespace): Finding {
  const { owner, container } = namespace;
  const where = container === null ? owner : `${owner}, container ${container}`;
  const because = `${sinceItBegan(finding.because)} Seen in the network namespace of ${where}.`;
  return { ...finding, because, remedy: finding.remedy && remedyIn(namespace, finding.remedy) };
}

/** Rules speak of hosts, whose counters begin at boot. */
const sinceItBegan = (text: string): string => text.replaceAll('since boot', 'since the namespace began');

function remedyIn({ owner, hostKeys }: NetworkNamespace, remedy: Remedy): Remedy {
  const keys = Object.keys(remedy.set);
  if (keys.length === 0) return remedy;
  const where = keys.every(key => hostKeys.has(key))
    ? madeOnHost
    : owner.startsWith('netns ')
      ? `It is set inside (ip netns exec ${owner.slice('netns '.length)} sysctl -w …) by whatever creates the namespace; the host's files do not reach it.`
      : "It is set where the container or service is started (docker run --sysctl, sysctls in compose, securityContext.sysctls of a pod); the host's files do not reach it.";
  return { ...remedy, summary: `${remedy.summary.replace(/\.?$/, '.')} ${where}` };
}
