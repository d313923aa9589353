import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadComparedRun } from '../../src/history/compared.ts';
import { createLineWriter } from '../../src/history/records.ts';
import { absent, ok } from '../../src/model/reading.ts';
import type { HostResult, RunEvent } from '../../src/model/run.ts';
import type { Sample, Snapshot } from '../../src/model/snapshot.ts';
import { counterSources } from '../../src/sources/index.ts';
import { failed, result, run } from '../report/results.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'synaudit-compared-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const none = absent('no-such-file');
const tables = Object.fromEntries(counterSources.map(({ path }) => [path, none])) as Sample['tables'];

function snapshot(bootId: string, settings: Readonly<Record<string, string | null>>): Snapshot {
  const readings = Object.entries(settings).map(([key, value]) => [key, value === null ? none : ok(value)] as const);
  const sample: Sample = { uptimeSeconds: ok(1), tables };
  return { bootId: ok(bootId), settings: new Map(readings), samples: [sample] } as unknown as Snapshot;
}

/** One program's share of a run's file: another one that goes on with it numbers its layouts anew. */
async function written(file: string, hosts: readonly (readonly [HostResult, Snapshot | null])[]): Promise<void> {
  const lineOf = createLineWriter(() => 0);
  const events: RunEvent[] = [
    { type: 'run', run },
    ...hosts.map(([each, snapshot]) => ({ type: 'host', result: each, snapshot }) as const),
  ];
  await appendFile(file, events.map(lineOf).join(''));
}

test('snapshots come with their settings and boot ids, over resumed layouts; the latest result of a host decides', async () => {
  const file = join(directory, 'run.ndjson');
  await written(file, [
    [result('a'), snapshot('boot-a', { 'net.a': '1', 'net.b': null })],
    [result('b'), snapshot('boot-b', { 'net.a': '1', 'net.b': '2' })],
    [result('c'), snapshot('boot-c', { 'net.a': '1' })],
    [failed('d', 'timed-out'), null],
  ]);
  await written(file, [
    [result('d'), snapshot('boot-d', { 'net.z': '1', 'net.b': '2' })],
    [failed('c', 'unreachable'), null],
  ]);
  await appendFile(file, '{"type":"snapshot","host":"torn');
  const { snapshots, results } = await loadComparedRun(file);
  expect([...results.keys()]).toEqual(['a', 'b', 'c', 'd']);
  expect(
    Object.fromEntries([...snapshots].map(([name, each]) => [name, [each.bootId, Object.fromEntries(each.settings)]])),
  ).toEqual({
    a: ['boot-a', { 'net.a': '1', 'net.b': null }],
    b: ['boot-b', { 'net.a': '1', 'net.b': '2' }],
    d: ['boot-d', { 'net.z': '1', 'net.b': '2' }],
  });
});

test('hosts with equal settings share them in memory', async () => {
  const file = join(directory, 'equal.ndjson');
  await written(file, [
    [result('a'), snapshot('1', { 'net.a': '1' })],
    [result('b'), snapshot('2', { 'net.a': '1' })],
  ]);
  const { snapshots } = await loadComparedRun(file);
  expect(snapshots.get('a')?.settings).toBe(snapshots.get('b')?.settings);
});

test('a file without snapshots is compared by its results', async () => {
  const file = join(directory, 'plain.ndjson');
  await written(file, [[result('a'), null]]);
  const { snapshots, results } = await loadComparedRun(file);
  expect([snapshots.size, results.size]).toEqual([0, 1]);
});
