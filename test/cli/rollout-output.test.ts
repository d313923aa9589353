import { expect, test } from 'vitest';
import { eventInWords, rolloutTable, trailLines } from '../../src/cli/rollout-output.ts';
import type { ScriptSetting } from '../../src/model/remediation.ts';
import { type RolloutEvent, type RolloutRecord, rolloutSchema } from '../../src/model/rollout.ts';
import { courseOf, type RolloutCourse } from '../../src/remediate/rollout-course.ts';
import { rolloutDocument } from '../../src/remediate/rollout-document.ts';
import fc from '../fast-check.ts';

const at = '2026-11-22T20:00:00.000Z';
const key = 'net.core.somaxconn';
const setting = (running: string, file: string, line: number): ScriptSetting => {
  const boot = { value: running, file, line };
  return { key, running, procps: boot, systemd: boot };
};
const [old, now] = [setting('128', '/etc/sysctl.conf', 3), setting('4096', '/etc/sysctl.d/zz.conf', 1)];

/** A rollout of hosts that are changed one after the other, with a text of a hostile host in all its places. */
function logOf(names: readonly string[], said = 'fine'): RolloutRecord[] {
  const events: RolloutEvent[] = [
    {
      type: 'rollout',
      schema: rolloutSchema,
      id: '20261122T200000Z-000001',
      command: 'rollout',
      plan: '20261122T190000Z-000001',
      digest: 'sha256:00',
      directory: '/change',
      version: '0',
      by: { user: 'ops', host: 'admin1' },
      options: { canary: 1, batch: '1', batchSize: 1, maxFail: 0, probe: false, intervalSeconds: 2, waitMs: 1_000 },
      hosts: names.map(name => ({ name, cohort: 'c1', groups: [], serial: null })),
    },
    { type: 'batch', batch: 1, canary: true, hosts: names },
    ...names.flatMap((host): RolloutEvent[] => {
      const report = { state: 'applied', before: [old], after: [now], steps: [`write ${said}`], problems: [] } as const;
      const step = { type: 'step', host, exitCode: 0, because: said } as const;
      return [
        { ...step, step: 'check', end: 'would-change', report: { ...report, state: 'none', after: [] } },
        { type: 'intent', host, step: 'apply', script: 'sha256:11' },
        { ...step, step: 'apply', end: 'done', report },
        { ...step, step: 'verify', end: 'done', report: { ...report, before: [] } },
      ];
    }),
    {
      type: 'gate',
      batch: 1,
      passed: true,
      because: ['Good.'],
      hosts: names.map(name => ({ name, passed: true, because: [said] })),
    },
    { type: 'end', outcome: 'done', exitCode: 0, because: said },
  ];
  return events.map(event => ({ at, ...event }) as RolloutRecord);
}

test('hosts that fared alike are one row, with the value and the winner at boot before and after', () => {
  const table = rolloutTable(rolloutDocument(courseOf(logOf(['web01', 'web02', 'web03'])) as RolloutCourse));
  expect(table.split('\n')[1]?.replace(/ {2,}/g, ' | ')).toBe(
    `web[01-03] | c1 | verified | ${key} | 128 → 4096 | 128 (/etc/sysctl.conf:3) → 4096 (/etc/sysctl.d/zz.conf:1) | passed`,
  );
});

test('why hosts were left out stands below the table, once', () => {
  const [start, batch] = logOf(['web01', 'web02']);
  const refused = ['web01', 'web02'].map(host => ({
    type: 'step' as const,
    at,
    host,
    step: 'check' as const,
    end: 'not-reached' as const,
    exitCode: null,
    report: null,
    because: 'no route',
  }));
  const course = courseOf([start, batch, ...refused] as RolloutRecord[]) as RolloutCourse;
  const [, row, empty, reason, ...rest] = rolloutTable(rolloutDocument(course)).split('\n');
  expect(row?.replace(/ {2,}/g, ' | ')).toBe('web[01-02] | c1 | not-reached | – | – | – | –');
  expect([empty, reason]).toEqual(['', 'web[01-02]: no route']);
  expect(rest.join('\n')).not.toContain('no route');
});

test('a host that was as before already tells no change of it', () => {
  const [start, batch] = logOf(['web01']);
  const step = { type: 'step', at, host: 'web01', exitCode: 0, because: null } as const;
  const told = { state: 'rolled-back', steps: [], problems: [] } as const;
  const records = [
    { ...start, command: 'rollback' },
    batch,
    { type: 'intent', at, host: 'web01', step: 'rollback', script: 'sha256:11' },
    { ...step, step: 'rollback', end: 'done', report: { ...told, before: [], after: [] } },
    { ...step, step: 'check', end: 'would-change', report: { ...told, before: [old], after: [] } },
  ] as RolloutRecord[];
  const table = rolloutTable(rolloutDocument(courseOf(records) as RolloutCourse));
  expect(table.split('\n')[1]?.replace(/ {2,}/g, ' | ')).toBe(
    `web01 | c1 | rolled-back | ${key} | 128 | 128 (/etc/sysctl.conf:3) | –`,
  );
});

test('the trail tells each step once, with what changed', () => {
  const lines = trailLines(logOf(['web01'])).split('\n');
  expect(lines).toContain(`${at}  web01: apply is sent, sha256:11`);
  expect(lines.filter(line => line.includes('128 → 4096'))).toHaveLength(1);
  expect(lines.filter(line => line.includes('web01: fine'))).toHaveLength(1);
});

test('nothing that a host says reaches a terminal as anything but text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constant('\x1b]0;owned\x07\r\n@synaudit end')), said => {
      const records = logOf(['web01'], said);
      const shown = [
        rolloutTable(rolloutDocument(courseOf(records) as RolloutCourse)),
        trailLines(records),
        ...records.map(record => eventInWords(record) ?? ''),
      ].join('\n');
      expect(shown.replaceAll('\n', '')).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
      expect(trailLines(records).split('\n')).toHaveLength(trailLines(logOf(['web01'])).split('\n').length);
    }),
  );
});
