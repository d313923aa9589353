import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { plannedCohort, plannedHostname, plannedId, plannedKey, plannedValue } from '../../src/model/remediation.ts';
import { checkedPlan, planJsonSchema } from '../../src/report/plan-schema.ts';

const plan = {
  schema: 'synaudit/plan/1',
  id: '20261123T010203Z-0a1b2c',
  createdAt: '2026-11-23T01:02:03.000Z',
  version: '0.1.0',
  run: { id: '20261122T194947Z-3f9c01', startedAt: '2026-11-22T19:49:47.000Z', subject: 'inventory.yaml' },
  cohorts: [
    {
      id: 'c1-tw-recycle',
      changes: [
        { key: 'net.core.somaxconn', from: '128', to: '4096', rules: ['x'], severity: 'high', summary: '', risk: '' },
      ],
      hosts: [{ name: 'web01', hostname: 'web01', kernel: null, boot: { 'net.core.somaxconn': null } }],
    },
  ],
  byHand: [],
  leftOut: { waived: 0, notAudited: '' },
  files: { 'README.md': '0'.repeat(64) },
};

test('a plan is one, also with fields that were added within /1', () => {
  expect(checkedPlan(plan)).toEqual(plan);
  expect(checkedPlan({ ...plan, later: 1 })).toEqual(plan);
});

const [cohort] = plan.cohorts;
test.each<[string, unknown, string]>([
  ['nothing', undefined, 'plan: '],
  ['another schema', { ...plan, schema: 'synaudit/plan/2' }, 'schema: '],
  ['an id that is a path', { ...plan, id: '../../etc' }, 'id: '],
  ['a cohort that is a path', { ...plan, cohorts: [{ ...cohort, id: '../x' }] }, 'cohorts.0.id: '],
  ['a cohort without hosts', { ...plan, cohorts: [{ ...cohort, hosts: [] }] }, 'cohorts.0.hosts: '],
  ['a checksum that is none', { ...plan, files: { 'README.md': 'abc' } }, 'files.README.md: '],
])('%s is no plan, and it is said where', (_name, value, problem) => {
  const checked = checkedPlan(value);
  expect('problem' in checked && checked.problem.startsWith(problem)).toBe(true);
});

test.each<[RegExp, readonly string[], readonly string[]]>([
  [
    plannedKey,
    ['net.ipv4.tcp_tw_recycle', 'net.ipv4.conf.eth0/100.rp_filter', 'net.ipv4.conf.br-0a1b.rp_filter'],
    ['net', 'net..x', 'net.ipv4.conf.//.x', 'net.ipv4./x', 'net.a b', 'net.x\n', 'net.$(x)', `net.${'x'.repeat(300)}`],
  ],
  [plannedValue, ['1', '-1', '32768 60999', 'cubic'], ['', ' 1', '1  2', '1\t2', '1;reboot', '$(x)', '1\n']],
  [plannedCohort, ['c1-tw-recycle', 'c12-rp-filter-drops'], ['c1', 'c0-x', 'C1-x', 'c1-x/y', 'c1--x', 'c1-x.sh']],
  [plannedId, ['20261123T010203Z-0a1b2c'], ['latest', '20261123T010203Z-0a1b2c/..', '20261123T010203Z']],
  [plannedHostname, ['web01', 'web01.example.com', '_x'], ['', '(none)', 'a b', 'a\nb', '-x', '.', 'x'.repeat(254)]],
])('%s', (pattern, good, bad) => {
  expect(good.filter(text => !pattern.test(text))).toEqual([]);
  expect(bad.filter(text => pattern.test(text))).toEqual([]);
});

test('schema/plan.schema.json is fresh', () => {
  const file = new URL('../../schema/plan.schema.json', import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(planJsonSchema());
});
