import { describe, expect, test } from 'vitest';
import { judge } from '../../src/rules/define.ts';
import type { ExampleHost } from '../../src/rules/example.ts';
import rule from '../../src/rules/neighbour-overflow.ts';
import { facts } from './facts.ts';

const key = (family: 'ipv4' | 'ipv6', n: number): string => `net.${family}.neigh.default.gc_thresh${n}`;
const thresholds = (family: 'ipv4' | 'ipv6', values: readonly (number | string)[]): Readonly<Record<string, string>> =>
  Object.fromEntries(values.map((value, index) => [key(family, index + 1), String(value)]));

const judged = (host: ExampleHost) => judge(rule, facts(host));
const short = (host: ExampleHost): string => {
  const judgement = judged(host);
  return judgement.verdict === 'fail'
    ? `${judgement.state} ${judgement.severity} ${judgement.confidence}: ${judgement.evidence[0]?.field}`
    : judgement.verdict;
};

const usual = { ...thresholds('ipv4', [128, 512, 1_024]), ...thresholds('ipv6', [128, 512, 1_024]) };

describe('both tables are looked at, and the one that refuses leads', () => {
  test.each<[string, ExampleHost, string]>([
    [
      'IPv6 refuses now, IPv4 did long ago',
      {
        settings: usual,
        counters: {
          'arp_cache.entries': [9, 9],
          'arp_cache.table_fulls': [9_000, 9_000],
          'ndisc_cache.entries': [1_024, 1_024],
          'ndisc_cache.table_fulls': [3, 5],
        },
      },
      'active high high: ndisc_cache.table_fulls',
    ],
    [
      'IPv4 has refused, IPv6 is nearly full',
      {
        settings: usual,
        counters: {
          'arp_cache.entries': 9,
          'arp_cache.table_fulls': 9_000,
          'ndisc_cache.entries': 1_000,
          'ndisc_cache.table_fulls': 0,
        },
      },
      'past medium medium: arp_cache.table_fulls',
    ],
    [
      'an old kernel: full, but nobody wanted in',
      { settings: usual, counters: { 'arp_cache.entries': [1_024, 1_024], 'arp_cache.forced_gc_runs': [9, 9] } },
      'latent medium medium: arp_cache.entries',
    ],
    [
      'an old kernel: collected, and it helped',
      { settings: usual, counters: { 'arp_cache.entries': [600, 600], 'arp_cache.forced_gc_runs': [9, 14] } },
      'pass',
    ],
    [
      'a newer kernel counts, so a full table that is collected is not enough',
      {
        settings: usual,
        counters: {
          'arp_cache.entries': [1_024, 1_024],
          'arp_cache.forced_gc_runs': [9, 14],
          'arp_cache.table_fulls': [0, 0],
        },
      },
      'latent medium medium: arp_cache.entries',
    ],
    [
      'one refused in a day is a scan',
      { settings: usual, counters: { 'arp_cache.entries': [9, 9], 'arp_cache.table_fulls': [7, 7] } },
      'pass',
    ],
  ])('%s', (_, host, expected) => {
    expect(short(host)).toBe(expected);
  });
});

describe('the remedy', () => {
  const refusing = (values: readonly (number | string)[]): ExampleHost => ({
    settings: thresholds('ipv4', values),
    counters: { 'arp_cache.entries': [1_024, 1_024], 'arp_cache.table_fulls': [1, 9] },
  });
  test.each<[string, readonly (number | string)[], readonly number[]]>([
    ['the default', [128, 512, 1_024], [4_096, 8_192, 16_384]],
    ['large already: twice', [4_096, 8_192, 16_384], [8_192, 16_384, 32_768]],
    ['an odd limit', [1, 2, 30_001], [15_000, 30_001, 60_002]],
    ['never more than a million', [1, 2, 900_000], [262_144, 524_288, 1_048_576]],
    ['a million: advice alone', [1, 2, 1_048_576], []],
    ['one is not a number', [128, 'x', 1_024], []],
    ['one is missing', [128], []],
  ])('%s', (_, running, wanted) => {
    const judgement = judged(refusing(running));
    if (judgement.verdict !== 'fail') throw new Error(judgement.verdict);
    expect(judgement.remedy?.set).toEqual(thresholds('ipv4', wanted));
    expect(judgement.remedy?.undo).toEqual(wanted.length === 0 ? {} : thresholds('ipv4', running));
  });
});
