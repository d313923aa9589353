import { describe, expect, test } from 'vitest';
import { ratesOf } from '../../src/engine/rates.ts';
import { CounterTable } from '../../src/model/counter-table.ts';
import { absent, ok } from '../../src/model/reading.ts';
import type { Sample, Snapshot } from '../../src/model/snapshot.ts';
import { counterSources } from '../../src/sources/index.ts';

const noTables = Object.fromEntries(
  counterSources.map(({ path }) => [path, absent('no-such-file')]),
) as Sample['tables'];

const sample = (uptime: number | null, counters: Readonly<Record<string, number>>): Sample => ({
  uptimeSeconds: uptime === null ? absent('no-such-file') : ok(uptime),
  tables: { ...noTables, 'proc/net/netstat': ok(CounterTable.of(Object.entries(counters))) },
});

const rates = (...samples: readonly [Sample] | readonly [Sample, Sample]) =>
  ratesOf({ samples } as unknown as Snapshot);

describe('rates', () => {
  test('are per second by the clock of the host, 0 where a counter stood still', () => {
    const before = sample(100, { 'TcpExt.PAWSPassive': 5_000, 'TcpExt.ListenDrops': 7 });
    const after = sample(103, { 'TcpExt.PAWSPassive': 5_119, 'TcpExt.ListenDrops': 7 });
    expect(rates(before, after)).toEqual({ 'TcpExt.PAWSPassive': 39.67, 'TcpExt.ListenDrops': 0 });
  });

  test('leave out what the kernel does not have, and what went backwards', () => {
    const before = sample(100, { 'TcpExt.PAWSPassive': 5_000, 'TcpExt.ListenDrops': 7 });
    const after = sample(102, { 'TcpExt.PAWSPassive': 4_000, 'TcpExt.ListenDrops': 9 });
    expect(rates(before, after)).toEqual({ 'TcpExt.ListenDrops': 1 });
  });

  test.each<[string, readonly [Sample] | readonly [Sample, Sample]]>([
    ['one sample', [sample(100, { 'TcpExt.PAWSPassive': 1 })]],
    ['no clock', [sample(null, { 'TcpExt.PAWSPassive': 1 }), sample(null, { 'TcpExt.PAWSPassive': 2 })]],
    ['no time between', [sample(100, { 'TcpExt.PAWSPassive': 1 }), sample(100, { 'TcpExt.PAWSPassive': 2 })]],
    ['no counter of ours', [sample(100, { 'TcpExt.Other': 1 }), sample(102, { 'TcpExt.Other': 2 })]],
  ])('are none with %s', (_what, samples) => {
    expect(rates(...samples)).toBeUndefined();
  });
});
