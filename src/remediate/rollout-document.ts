import type { ScriptSetting } from '../model/remediation.ts';
import {
  type BootWinners,
  type RolloutDocument,
  type RolloutHostResult,
  type RolloutRecord,
  type RolloutSetting,
  rolloutSchema,
} from '../model/rollout.ts';
import type { HostCourse, RolloutCourse } from './rollout-course.ts';

/** A rollout as one document, at any time of its course. `trail`: the records of its log, where they are asked for. */
export function rolloutDocument(course: RolloutCourse, trail?: readonly RolloutRecord[]): RolloutDocument {
  const { start, end, startedAt, gates } = course;
  const { id, command, plan, digest, directory, version, by, options } = start;
  const gateOf = new Map(
    gates.flatMap(({ hosts }) => hosts.map(({ name, passed }) => [name, passed ? 'passed' : 'failed'] as const)),
  );
  const hosts = [...course.hosts.values()].map(host => hostResult(host, gateOf.get(host.host.name) ?? null));
  const summary: Record<string, number> = { total: hosts.length };
  for (const { standing } of hosts) summary[standing] = (summary[standing] ?? 0) + 1;
  const ended = {
    finishedAt: end?.at ?? null,
    outcome: end?.outcome ?? null,
    exitCode: end?.exitCode ?? null,
    because: end?.because ?? null,
  };
  return {
    schema: rolloutSchema,
    rollout: { id, command, plan, digest, directory, version, by, startedAt, ...ended, options },
    summary,
    gates: gates.map(({ batch, passed, because, hosts: judged }) => ({ batch, passed, because, hosts: judged })),
    hosts,
    ...(trail !== undefined && { trail }),
  };
}

function hostResult(course: HostCourse, gate: RolloutHostResult['gate']): RolloutHostResult {
  const { host, batch, standing, because, health, before, after } = course;
  const { name, cohort } = host;
  return { name, cohort, batch, standing, because, gate, settings: settingsOf(before ?? [], after ?? []), health };
}

function settingsOf(before: readonly ScriptSetting[], after: readonly ScriptSetting[]): readonly RolloutSetting[] {
  const keys = [...new Set([...before, ...after].map(({ key }) => key))];
  const find = (settings: readonly ScriptSetting[], key: string): ScriptSetting | undefined =>
    settings.find(setting => setting.key === key);
  return keys.map(key => {
    const [old, now] = [find(before, key), find(after, key)];
    return {
      key,
      before: old?.running ?? null,
      after: now?.running ?? null,
      bootBefore: winners(old),
      bootAfter: winners(now),
    };
  });
}

const winners = (setting: ScriptSetting | undefined): BootWinners => ({
  procps: setting?.procps ?? null,
  systemd: setting?.systemd ?? null,
});
