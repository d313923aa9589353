import type { PlannedChange, PlannedCohort } from '../../src/model/remediation.ts';
import { cohortScript, type ScriptPlan } from '../../src/remediate/script.ts';

/** The plan that the scripts of these tests belong to. */
export const scriptPlan: ScriptPlan = {
  id: '20261123T015316Z-ab12',
  createdAt: '2026-11-23T01:53:16.000Z',
  version: '0.1.0',
  run: { id: '20261123T010000Z-77', startedAt: '2026-11-23T01:00:00.000Z', subject: 'inventory.yaml' },
};

/** A change of one key. */
export const changeOf = (key: string, from: string, to: string): PlannedChange => ({
  key,
  from,
  to,
  rules: ['tw-recycle'],
  severity: 'critical',
  summary: 'Hosts behind NAT are not answered while it is on.',
  risk: 'None that is known: the key does not exist any more since Linux 4.12.',
});

export const recycleOff = changeOf('net.ipv4.tcp_tw_recycle', '1', '0');

export const wantedKeys: readonly PlannedChange[] = [
  recycleOff,
  changeOf('net.core.somaxconn', '128', '4096'),
  changeOf('net.ipv4.tcp_rmem', '4096 87380 6291456', '4096 131072 6291456'),
  changeOf('net.ipv4.conf.eth0/100.rp_filter', '1', '2'),
  changeOf('net.ipv4.no_such_key', '0', '1'),
];

export const cohortOf = (changes: readonly PlannedChange[]): PlannedCohort => ({
  id: 'c1-tw-recycle',
  changes,
  hosts: [{ name: 'web01.example', hostname: 'web01', kernel: '3.10.0-1160.el7.x86_64', boot: {} }],
});

export const scriptOf = (changes: readonly PlannedChange[]): string =>
  cohortScript({ plan: scriptPlan, cohort: cohortOf(changes) });
