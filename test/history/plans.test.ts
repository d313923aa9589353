import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type PlanRecord, recordedPlan, recordPlan } from '../../src/history/plans.ts';

function store(): string {
  const directory = mkdtempSync(join(tmpdir(), 'synaudit-plans-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'plans');
}

const record = (id: string, digit: string): PlanRecord => ({
  id,
  digest: `sha256:${digit.repeat(64)}`,
  directory: '/changes/4711',
  recordedAt: '2026-11-23T01:02:03.000Z',
  user: 'tester',
  run: '20261122T194947Z-3f9c01',
});

test('a plan is found by its digest and by no other; its file is for its owner alone', async () => {
  const directory = store();
  const plans = [record('20261123T010203Z-0a1b2c', 'a'), record('20261123T010204Z-0a1b2c', 'b')];
  for (const plan of plans) await recordPlan(directory, plan);
  for (const plan of plans) expect(await recordedPlan(directory, plan.digest)).toEqual(plan);
  expect(await recordedPlan(directory, `sha256:${'c'.repeat(64)}`)).toBeUndefined();
  expect(await recordedPlan(directory, '')).toBeUndefined();
  const names = readdirSync(directory);
  expect(names.sort()).toEqual(plans.map(({ id }) => `${id}.json`));
  expect(names.map(name => statSync(join(directory, name)).mode & 0o777)).toEqual([0o600, 0o600]);
});

test('no store: nothing', async () => {
  expect(await recordedPlan(store(), record('x', 'a').digest)).toBeUndefined();
});

test('files that are no record are passed over, and vouch for nothing', async () => {
  const directory = store();
  const wanted = record('20261123T010203Z-0a1b2c', 'a');
  await recordPlan(directory, wanted);
  const { digest } = record('x', 'd');
  writeFileSync(join(directory, 'z1.json'), '{"digest":');
  writeFileSync(join(directory, 'z2.json'), JSON.stringify({ digest }));
  writeFileSync(join(directory, '.z3.json'), JSON.stringify(record('x', 'd')));
  writeFileSync(join(directory, 'z4.txt'), JSON.stringify(record('x', 'd')));
  expect(await recordedPlan(directory, digest)).toBeUndefined();
  expect(await recordedPlan(directory, wanted.digest)).toEqual(wanted);
});
