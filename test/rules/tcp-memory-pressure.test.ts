import { describe, expect, test } from 'vitest';
import { ok } from '../../src/model/reading.ts';
import type { CounterReading } from '../../src/model/snapshot.ts';
import { judge } from '../../src/rules/define.ts';
import type { ExampleHost } from '../../src/rules/example.ts';
import { tcpMemoryOf } from '../../src/rules/tcp-memory.ts';
import rule from '../../src/rules/tcp-memory-pressure.ts';
import { facts } from './facts.ts';

type Number = readonly [number, number];
interface Counters {
  readonly mem?: Number;
  readonly pressures?: Number;
  readonly chrono?: Number;
  readonly aborted?: Number;
  readonly emergency?: Number;
}

/** It saves above 200 pages and refuses above 300. */
const host = ({ mem, pressures = [0, 0], chrono, aborted, emergency }: Counters): ExampleHost => ({
  settings: { 'net.ipv4.tcp_mem': '100 200 300' },
  counters: {
    'TcpExt.TCPMemoryPressures': pressures,
    ...(mem && { 'TCP.mem': mem }),
    ...(chrono && { 'TcpExt.TCPMemoryPressuresChrono': chrono }),
    ...(aborted && { 'TcpExt.TCPAbortOnMemory': aborted }),
    ...(emergency && { 'TcpExt.PFMemallocDrop': emergency }),
  },
});

const short = (counters: Counters): string => {
  const judgement = judge(rule, facts(host(counters)));
  return judgement.verdict === 'fail'
    ? `${judgement.state} ${judgement.severity}: ${judgement.evidence[0]?.field}`
    : judgement.verdict;
};

describe('the worst that holds, from the top', () => {
  test.each<[string, Counters, string]>([
    ['dropped packets before all else', { mem: [300, 300], emergency: [1, 3] }, 'active high: TcpExt.PFMemallocDrop'],
    ['at the limit', { mem: [10, 300], pressures: [1, 2] }, 'active high: TCP.mem'],
    ['one page below it', { mem: [299, 299] }, 'latent medium: TCP.mem'],
    ['resets under pressure', { mem: [250, 250], aborted: [1, 2] }, 'active high: TcpExt.TCPAbortOnMemory'],
    ['resets without pressure are orphans', { mem: [9, 9], aborted: [1, 2] }, 'pass'],
    ['it begins', { mem: [9, 9], pressures: [1, 2] }, 'active medium: TcpExt.TCPMemoryPressures'],
    [
      'it ended',
      { mem: [9, 9], pressures: [1, 1], chrono: [10, 900] },
      'active medium: TcpExt.TCPMemoryPressuresChrono',
    ],
    ['it lasts, before what was since boot', { mem: [200, 200], pressures: [900, 900] }, 'latent medium: TCP.mem'],
    ['since boot', { mem: [9, 9], pressures: [900, 900] }, 'past medium: TcpExt.TCPMemoryPressures'],
    ['dropped since boot', { mem: [9, 9], emergency: [900, 900] }, 'past medium: TcpExt.PFMemallocDrop'],
    ['once since boot, a day ago', { mem: [9, 9], pressures: [1, 1] }, 'pass'],
    ['the level is not known', { pressures: [0, 0] }, 'pass'],
  ])('%s', (_, counters, expected) => {
    expect(short(counters)).toBe(expected);
  });
});

test('the level alone is said in a sentence', () => {
  expect(judge(rule, facts(host({ mem: [250, 250] }))).because).toBe(
    'TCP holds 250 pages now; it saves above 200 and refuses above 300. It shrinks windows and throws away what came out of order; no SYN is dropped by that alone.',
  );
});

describe('tcp_mem', () => {
  const held: CounterReading = { source: 'proc/net/sockstat', field: 'TCP.mem', value: 5 };
  test.each<[string, object | null]>([
    ['100 200 300', { pressure: 200, most: 300, text: '100 200 300' }],
    [' 100\t200  300 ', { pressure: 200, most: 300, text: '100 200 300' }],
    ['100 200', null],
    ['100 200 300 400', null],
    ['1 -2 3', null],
    ['1 2 99999999999999999999', null],
    ['', null],
  ])('%j', (text, expected) => {
    const memory = tcpMemoryOf(ok(held), ok(text));
    if (expected === null) expect(memory).toBeNull();
    else expect(memory).toMatchObject(expected);
  });
});
