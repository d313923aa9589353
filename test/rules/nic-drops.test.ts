import { describe, expect, test } from 'vitest';
import { ok } from '../../src/model/reading.ts';
import type { Sample } from '../../src/model/snapshot.ts';
import { judge } from '../../src/rules/define.ts';
import rule from '../../src/rules/nic-drops.ts';
import { netDev } from '../../src/sources/net-dev.ts';
import { cpuMs } from '../cpu-time.ts';
import { facts } from './facts.ts';

type Losses = Readonly<Record<string, readonly [number, number]>>;

/** A card that received 10,000 and sent 10,000 packets between the samples, and lost what is given. */
const card = (name: string, losses: Losses = {}): Losses => ({
  [`${name}.rx_packets`]: [1_000_000, 1_010_000],
  [`${name}.tx_packets`]: [1_000_000, 1_010_000],
  ...Object.fromEntries(
    ['rx_errs', 'rx_fifo', 'rx_drop', 'tx_drop'].map(column => [`${name}.${column}`, losses[column] ?? [0, 0]]),
  ),
});

const judged = (...cards: readonly Losses[]) => judge(rule, facts({ counters: Object.assign({}, ...cards) }));
const short = (...cards: readonly Losses[]): string => {
  const judgement = judged(...cards);
  return judgement.verdict === 'fail'
    ? `${judgement.state} ${judgement.severity} ${judgement.confidence}: ${judgement.evidence[0]?.field}`
    : judgement.verdict;
};

describe('what counts as a loss', () => {
  test.each<[string, readonly Losses[], string]>([
    ['2 % at the ring', [card('eth0', { rx_fifo: [0, 200] })], 'active high high: eth0.rx_fifo'],
    ['2 of a thousand', [card('eth0', { rx_errs: [0, 20] })], 'active medium high: eth0.rx_errs'],
    ['1 in ten thousand', [card('eth0', { rx_errs: [0, 1] })], 'pass'],
    [
      'drivers count ring losses as errors as well',
      [card('eth0', { rx_fifo: [0, 200], rx_errs: [0, 210] })],
      'active high high: eth0.rx_fifo',
    ],
    ['sending fails', [card('eth0', { tx_drop: [0, 200] })], 'active high high: eth0.tx_drop'],
    ['rx_drop as much as switches make', [card('eth0', { rx_drop: [0, 90] })], 'pass'],
    ['rx_drop far above that', [card('eth0', { rx_drop: [0, 300] })], 'active medium low: eth0.rx_drop'],
    ['rx_drop since boot says nothing', [card('eth0', { rx_drop: [500_000, 500_000] })], 'pass'],
    ['errors since boot do', [card('eth0', { rx_errs: [50_000, 50_000] })], 'past medium medium: eth0.rx_errs'],
    [
      'what happens now comes before what has happened',
      [card('eth0', { rx_fifo: [50_000, 50_000] }), card('eth1', { tx_drop: [0, 200] })],
      'active high high: eth1.tx_drop',
    ],
    [
      'the idle half of a bond drops what it hears',
      [card('bond0'), card('eth0'), { ...card('eth1', { rx_drop: [0, 9_000] }) }],
      'pass',
    ],
    [
      'the busy half of a bond is looked at',
      [card('bond0'), card('eth0', { rx_drop: [0, 300] })],
      'active medium low: eth0.rx_drop',
    ],
  ])('%s', (_, cards, expected) => {
    expect(short(...cards)).toBe(expected);
  });
});

test.each([
  'lo',
  'veth12ab',
  'docker0',
  'br-8f3a',
  'br0',
  'virbr0',
  'cni0',
  'flannel.1',
  'cali1234',
  'tun0',
  'tap3',
  'bond0',
  'team0',
  'eth0.100',
  'wg0',
  'lxcbr0',
])('%s is no card', name => {
  expect(short(card(name, { rx_fifo: [0, 5_000], tx_drop: [0, 5_000] }))).toBe('notapplicable');
});

test.each(['eth0', 'ens3', 'enp0s31f6', 'eno1', 'em1', 'p1p1', 'ib0', 'wlan0', 'venet0'])('%s is one', name => {
  expect(short(card(name, { rx_fifo: [0, 5_000] }))).toBe(`active high high: ${name}.rx_fifo`);
});

test('a name is hostile text: shown without controls and cut, in words and as evidence', () => {
  const name = `\x1b[31meth0\x07${'x'.repeat(5_000)}`;
  const judgement = judged(card(name, { rx_fifo: [0, 5_000] }));
  expect(judgement).toMatchObject({ verdict: 'fail', title: 'eth0xxxxxxxxxxx loses packets: its ring is full' });
  expect(JSON.stringify(judgement)).not.toMatch(/\\u001b|\\u0007|x{12}/);
  expect(judgement).toMatchObject({ remedy: { summary: expect.not.stringContaining('eth0') } });
});

test('as many interfaces as the collector sends: the first cards are judged, and it takes no time', () => {
  const row = (n: number, fifo: number): string => `eth${n}: 9 ${1_000 + fifo} 0 0 ${fifo} 0 0 0 9 1000 0 0 0 0 0 0\n`;
  const text = (fifo: number): string =>
    `Inter-|   Receive\n face |bytes\n${Array.from({ length: 4_096 }, (_, n) => row(n, n === 3 ? fifo : 0)).join('')}`;
  const { snapshot, ...others } = facts({ counters: card('eth0') });
  const [first, second] = snapshot.samples.map((sample, index) => ({
    ...sample,
    tables: { ...sample.tables, 'proc/net/dev': ok(netDev.parse(text(index * 200))) },
  })) as [Sample, Sample];
  const started = cpuMs();
  const judgement = judge(rule, { ...others, snapshot: { ...snapshot, samples: [first, second] } });
  expect(judgement).toMatchObject({ verdict: 'fail', evidence: [{ field: 'eth3.rx_fifo', value: 200 }, {}] });
  expect(cpuMs() - started).toBeLessThan(1_000);
});

test('because: which card, how much of what it received, what else', () => {
  expect(judged(card('eth0', { rx_fifo: [0, 200], rx_errs: [0, 210] })).because).toBe(
    'eth0 loses packets because its ring is full: eth0.rx_fifo +100/s over 2 s, 200 since boot. That is 2 % of what it received. Beside it: eth0.rx_errs.',
  );
});
