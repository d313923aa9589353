import { appendFile, mkdtemp, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { earlierCounters } from '../../src/history/earlier.ts';
import { runOverview } from '../../src/history/overview.ts';
import { findRun, loadRun } from '../../src/history/read.ts';
import { newRunId, pruneRuns, runFile, runIds } from '../../src/history/store.ts';
import { RunWriter } from '../../src/history/writer.ts';
import { CounterTable } from '../../src/model/counter-table.ts';
import { absent, ok } from '../../src/model/reading.ts';
import type { RunEvent } from '../../src/model/run.ts';
import type { Sample, Snapshot } from '../../src/model/snapshot.ts';
import { counterSources } from '../../src/sources/index.ts';
import { eventsOf, recycling, result, run } from '../report/results.ts';

let directory = '';
const trouble: Error[] = [];

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'synaudit-store-')), 'synaudit', 'runs');
  trouble.length = 0;
});
afterEach(() => rm(join(directory, '..', '..'), { recursive: true, force: true }));

const open = (id: string, mode: 'create' | 'append' = 'create') =>
  RunWriter.open({ directory, id, mode, onTrouble: error => trouble.push(error) });

async function store(id: string, events: readonly RunEvent[]): Promise<string> {
  const writer = await open(id);
  for (const event of events) writer.accept(event);
  await writer.close();
  return runFile(directory, id);
}

const noTables = Object.fromEntries(
  counterSources.map(({ path }) => [path, absent('no-such-file')]),
) as Sample['tables'];

const snapshot = (bootId: string, pawsPassive: number | null): Snapshot => {
  const counters = CounterTable.of([['TcpExt.SyncookiesSent', 0]]);
  if (pawsPassive !== null) counters.add('TcpExt.PAWSPassive', pawsPassive);
  const none = absent('no-such-file');
  return {
    kernel: ok('3.10.0'),
    os: none,
    bootId: ok(bootId),
    hostname: none,
    settings: new Map([['net.ipv4.tcp_tw_recycle', ok('1')]]),
    ipv4Readable: true,
    samples: [{ uptimeSeconds: ok(1_000), tables: { ...noTables, 'proc/net/netstat': ok(counters) } }],
    onlyOneSample: 'no second sample',
    sockets: none,
    tcpMetrics: none,
    boot: none,
    namespaces: absent('not-collected'),
    unread: {},
  };
};

const withSnapshots = (events: readonly RunEvent[], paws: number | null): RunEvent[] =>
  events.map(event =>
    event.type === 'host' ? { ...event, snapshot: snapshot(`boot-of-${event.result.name}`, paws) } : event,
  );

describe('what is stored', () => {
  const hosts = [recycling('web01', 59.5), result('api1')];

  test('comes back as it went in, and is for its owner alone', async () => {
    const file = await store('20261122T194947Z-aaaaaa', withSnapshots(eventsOf(hosts), 51));
    const loaded = await loadRun(file);
    expect(loaded.run).toEqual({ ...run, hostCount: 2 });
    expect([...loaded.results.values()]).toEqual(JSON.parse(JSON.stringify(hosts)));
    expect(loaded.end).toMatchObject({ interrupted: false, summary: { exitCode: 1 } });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect(trouble).toEqual([]);
  });

  test('a run of a version that did not read host names is loaded without them', async () => {
    const file = await store('20261122T194947Z-3f9c01', eventsOf([recycling('web01', 1)]));
    const text = await readFile(file, 'utf8');
    expect(text).toContain('"hostname":"web01",');
    await writeFile(file, text.replace('"hostname":"web01",', ''));
    expect((await loadRun(file)).results.get('web01')).toEqual({ ...recycling('web01', 1), hostname: null });
  });

  test('counters and settings are written by layout: their names once, whatever the number of hosts', async () => {
    const many = Array.from({ length: 50 }, (_, i) => result(`h${i}`));
    const text = await readFile(await store('a', withSnapshots(eventsOf(many), 51)), 'utf8');
    expect(text.split('TcpExt.SyncookiesSent')).toHaveLength(2);
    const records = text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    const layouts = new Map(records.filter(({ type }) => type === 'layout').map(({ id, keys }) => [id, keys]));
    const last = records.findLast(({ type }) => type === 'snapshot');
    const [layout, values] = last.counters['proc/net/netstat'];
    expect(layouts.get(layout)).toEqual(['TcpExt.SyncookiesSent', 'TcpExt.PAWSPassive']);
    expect(values).toEqual([0, 51]);
  });

  test('a run without an end, and with a torn last line, can be loaded, at every byte', async () => {
    const file = await store('torn', eventsOf(hosts));
    const whole = await readFile(file);
    const firstLine = whole.indexOf(10);
    for (let length = firstLine; length < whole.length; length += 37) {
      await truncate(file, 0);
      await writeFile(file, whole.subarray(0, length));
      const loaded = await loadRun(file);
      const completeHosts =
        whole
          .subarray(0, length)
          .toString()
          .match(/\n\{"type":"host".*(?=\n)/g)?.length ?? 0;
      expect(loaded.results.size).toBeGreaterThanOrEqual(completeHosts);
      expect(loaded.end).toBeNull();
    }
  });

  test('going on with a torn run neither loses nor joins lines; a later result of a host wins', async () => {
    const id = 'resumed';
    const file = await store(id, eventsOf(hosts).slice(0, 3));
    await appendFile(file, '{"type":"host","name":"to');
    const writer = await open(id, 'append');
    for (const event of eventsOf([result('api1', { kernel: 'newer' }), result('db1')])) writer.accept(event);
    await writer.close();
    const { results, end } = await loadRun(file);
    expect([...results.keys()]).toEqual(['web01', 'api1', 'db1']);
    expect(results.get('api1')?.kernel).toBe('newer');
    expect(end).not.toBeNull();
  });

  test('is on disk within about a second, before the run ends', async () => {
    const writer = await open('live');
    for (const event of eventsOf(hosts).slice(0, 2)) writer.accept(event);
    await expect.poll(() => readFile(runFile(directory, 'live'), 'utf8'), { timeout: 3_000 }).toContain('web01');
    await writer.close();
  });

  test('the overview reads both edges only', async () => {
    const file = await store('o', eventsOf(Array.from({ length: 300 }, (_, i) => result(`h${i}`))));
    expect(await runOverview(file)).toMatchObject({ run: { hostCount: 300 }, end: { summary: { exitCode: 0 } } });
    await truncate(file, (await stat(file)).size - 5);
    expect((await runOverview(file)).end).toBeNull();
  });
});

describe('a store that cannot be written', () => {
  test('is told once, and the run goes on', async () => {
    await store('a', eventsOf([]));
    await rm(directory, { recursive: true });
    await writeFile(directory, 'a file where the directory should be');
    const writer = await open('b');
    for (const event of eventsOf([result('x')])) writer.accept(event);
    await writer.close();
    expect(writer.works).toBe(false);
    expect(trouble).toHaveLength(1);
  });

  test('a full disk is told once', async () => {
    await store('a', eventsOf([]));
    await symlink('/dev/full', runFile(directory, 'full'));
    const writer = await open('full', 'append');
    for (const event of eventsOf(Array.from({ length: 500 }, (_, i) => result(`h${i}`)))) writer.accept(event);
    await writer.close();
    expect(trouble.map(({ message }) => message.includes('ENOSPC'))).toEqual([true]);
  });
});

describe('finding runs', () => {
  test('ids sort by time; latest, a unique beginning, and a path are understood', async () => {
    const older = newRunId(new Date('2026-11-22T19:49:47.123Z'), new Uint8Array([1, 2, 3]));
    const newer = newRunId(new Date('2026-11-23T00:00:00Z'), new Uint8Array([0, 0, 0]));
    expect(older).toBe('20261122T194947Z-010203');
    for (const id of [newer, older]) await store(id, eventsOf([]));
    expect(await runIds(directory)).toEqual([newer, older]);
    expect(await findRun(directory, 'latest')).toBe(runFile(directory, newer));
    expect(await findRun(directory, '20261122')).toBe(runFile(directory, older));
    expect(await findRun(directory, runFile(directory, older))).toBe(runFile(directory, older));
  });

  test.each([
    ['latest', 'no stored run'],
    ['20261122', 'the store is empty'],
  ])('%s in an empty store says what to do', async (name, words) => {
    await expect(findRun(directory, name)).rejects.toThrow(words);
  });

  test('an ambiguous beginning names the candidates', async () => {
    for (const id of ['20261122a', '20261122b']) await store(id, eventsOf([]));
    await expect(findRun(directory, '2026')).rejects.toThrow('20261122b, 20261122a');
  });

  test('a file that is no run is bad input', async () => {
    await store('junk', []);
    await writeFile(runFile(directory, 'junk'), 'not json\n{"type":"host"}\n');
    await expect(loadRun(runFile(directory, 'junk'))).rejects.toThrow('holds no stored run');
  });

  test('pruning keeps the newest', async () => {
    for (const id of ['1', '2', '3']) await store(id, eventsOf([]));
    expect(await pruneRuns(directory, 2)).toEqual(['1']);
    expect(await runIds(directory)).toEqual(['3', '2']);
  });
});

describe('counters of the last run', () => {
  test('are found by host and boot id, with the time since then', async () => {
    await store('a', withSnapshots(eventsOf([result('web"01'), result('web02')]), 51));
    const earlier = await earlierCounters(directory, Date.now() + 60_000);
    expect(earlier('web"01', 'boot-of-web"01')).toBeNull(); // no kernel prints such a boot id
    const found = earlier('web02', 'boot-of-web02');
    expect(found).toMatchObject({ runId: 'a', pawsPassive: 51 });
    expect(found?.secondsAgo).toBeGreaterThan(59);
    expect(earlier('web02', 'another boot')).toBeNull();
    expect(earlier('unknown', 'boot-of-web02')).toBeNull();
  });

  test('a kernel without the counter has none, which is not 0', async () => {
    await store('a', withSnapshots(eventsOf([result('new')]), null));
    expect((await earlierCounters(directory, Date.now()))('new', 'boot-of-new')).toBeNull();
  });

  test('no store: nothing', async () => {
    expect((await earlierCounters(directory, Date.now()))('a', 'b')).toBeNull();
  });
});
