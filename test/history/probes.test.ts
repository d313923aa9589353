import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { findProbe, newProbeId, probeIds, probesKept, storeProbe } from '../../src/history/probes.ts';

let directory = '';
beforeEach(() => {
  const parent = mkdtempSync(join(tmpdir(), 'synaudit-probes-'));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  directory = join(parent, 'probes');
});

const ids = ['20261122T194947Z-3f9c01', '20261122T194948Z-aaaaaa', '20261123T000000Z-bbbbbb'] as const;
const storeAll = async (): Promise<void> => {
  for (const id of ids) await storeProbe(directory, id, `{"id":"${id}"}\n`);
};

test('a probe is kept for its owner alone, as a whole, and nothing else is left', async () => {
  await storeProbe(directory, ids[0], 'text');
  const file = join(directory, `${ids[0]}.json`);
  expect(readFileSync(file, 'utf8')).toBe('text');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(readdirSync(directory)).toEqual([`${ids[0]}.json`]);
});

test('is found by id, by its beginning, as the latest, or as a file', async () => {
  await storeAll();
  expect(await probeIds(directory)).toEqual([...ids].reverse());
  expect(await findProbe(directory, 'latest')).toBe(join(directory, `${ids[2]}.json`));
  expect(await findProbe(directory, ids[0])).toBe(join(directory, `${ids[0]}.json`));
  expect(await findProbe(directory, '20261123')).toBe(join(directory, `${ids[2]}.json`));
  const own = join(directory, '..', 'before.json');
  writeFileSync(own, '{}');
  expect(await findProbe(directory, own)).toBe(own);
});

test('a name that means none, or several, is an input error that says what there is', async () => {
  await expect(findProbe(directory, 'latest')).rejects.toThrow(/no stored probe in .*run `synaudit probe` first/);
  await expect(findProbe(directory, 'x')).rejects.toThrow('the store is empty');
  await storeAll();
  await expect(findProbe(directory, '20261122')).rejects.toThrow('ambiguous');
  await expect(findProbe(directory, 'nothing')).rejects.toThrow(`newest: ${ids[2]}`);
  await expect(findProbe(directory, '/nowhere/x.json')).rejects.toThrow('no stored probe');
});

test('beyond what is kept the oldest go', async () => {
  const many = Array.from({ length: probesKept + 2 }, (_, i) => `2026${String(i).padStart(4, '0')}T000000Z-000000`);
  await storeProbe(directory, many[0] as string, '{}');
  for (const id of many.slice(1, -1)) writeFileSync(join(directory, `${id}.json`), '{}');
  await storeProbe(directory, many.at(-1) as string, '{}');
  expect(await probeIds(directory)).toEqual(many.slice(2).reverse());
});

test('a store that cannot be written rejects', async () => {
  writeFileSync(directory, 'a file');
  await expect(storeProbe(directory, ids[0], 'text')).rejects.toThrow();
});

test('ids sort by age, also within a second', () => {
  const times = [0, 3, 4, 250, 999, 1_000].map(ms => new Date(Date.UTC(2026, 10, 23) + ms));
  const made = times.map((time, i) => newProbeId(time, Uint8Array.of(255 - i, 0)));
  expect(made[0]).toBe('20261123T000000Z-00ff00');
  expect([made[0], ...made.slice(2)]).toEqual([made[0], ...made.slice(2)].sort());
  expect(new Set(made).size).toBe(made.length);
});
