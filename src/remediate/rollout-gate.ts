/** Health of a host before and after its change, and what a gate decides by it. */

import type { GateHost, HostHealth } from '../model/rollout.ts';
import { isActing } from '../model/rule.ts';
import type { HostResult } from '../model/run.ts';
import { type CounterSource, counter, type Snapshot } from '../model/snapshot.ts';

/**
 * Counters that stand still at once where the change took effect, by rule. Others go on for a while also when all is well: a listener
 * keeps its queue until it listens anew. Source: kernel-facts A1 (tcp_conn_request looks at tcp_tw_recycle for each SYN).
 */
const decisive: Readonly<Record<string, readonly (readonly [source: CounterSource, field: string])[]>> = {
  'tw-recycle': [['proc/net/netstat', 'TcpExt.PAWSPassive']],
  'tw-recycle-persisted': [['proc/net/netstat', 'TcpExt.PAWSPassive']],
};

/** From an audit of a host to what a gate compares. `rules`: those that asked for the change. */
export function healthOf(
  { result, snapshot }: { readonly result: HostResult; readonly snapshot: Snapshot | null },
  rules: readonly string[],
): HostHealth {
  const others = result.namespaces.flatMap(({ owner, findings }) =>
    findings.filter(isActing).map(({ rule }) => `${rule} in ${owner}`),
  );
  return {
    problem: result.error === null ? null : result.error.message,
    acting: [...new Set([...result.findings.filter(isActing).map(({ rule }) => rule), ...others])].sort(),
    counters: snapshot === null ? {} : countersOf(snapshot, rules),
    probe: null,
  };
}

function countersOf(snapshot: Snapshot, rules: readonly string[]): HostHealth['counters'] {
  const counters: Record<string, { value: number; rise: number | null }> = {};
  for (const [source, field] of rules.flatMap(rule => decisive[rule] ?? [])) {
    const reading = counter(snapshot, source, field);
    if (reading.state !== 'ok') continue;
    const { value, earlier } = reading.value;
    counters[field] = { value, rise: earlier === undefined ? null : value - earlier };
  }
  return counters;
}

/** Says in a sentence that connections fail more often than before; null where that cannot be said. */
export type IsWorse = (
  before: NonNullable<HostHealth['probe']>,
  after: NonNullable<HostHealth['probe']>,
) => string | null;

/** What the gate says of one host. */
export function gateOf(
  name: string,
  { before, after }: { readonly before: HostHealth | null; readonly after: HostHealth | null },
  isWorse: IsWorse,
): GateHost {
  const [problems, remarks] = [[] as string[], [] as string[]];
  if (after === null || after.problem !== null)
    problems.push(`It could not be audited after the change: ${after?.problem ?? 'it was not visited'}.`);
  else {
    const acted = new Set(before?.acting);
    for (const rule of after.acting)
      if (acted.has(rule)) remarks.push(`${rule} acts, as it did before.`);
      else problems.push(`${rule} acts now, and did not before.`);
    for (const [field, { value, rise }] of Object.entries(after.counters)) {
      if (rise === null) problems.push(`${field} (${value}) could not be compared: there is no second sample.`);
      else if (rise > 0) problems.push(`${field} still rises: by ${rise} to ${value} between the samples.`);
      else remarks.push(`${field} stands still at ${value}.`);
    }
  }
  const isTried = (after?.probe?.attempts ?? 0) > 0 || before?.probe?.attempts === 0;
  if (before?.probe != null && after?.probe != null && isTried) {
    const worse = isWorse(before.probe, after.probe);
    if (worse !== null) problems.push(worse);
    else remarks.push(`${after.probe.failed} of ${after.probe.attempts} connections failed.`);
  } else if (before?.probe != null) problems.push('Connections to its services could not be tried again.');
  return { name, passed: problems.length === 0, because: problems.length === 0 ? remarks : problems };
}
