import { describe, expect, test } from 'vitest';
import { absent } from '../../src/model/reading.ts';
import { judge } from '../../src/rules/define.ts';
import type { ExampleHost } from '../../src/rules/example.ts';
import rule from '../../src/rules/rp-filter-drops.ts';
import { facts } from './facts.ts';

const keyOf = (name: string): string => `net.ipv4.conf.${name}.rp_filter`;
const settings = (values: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [keyOf(name), value]));

/** A host whose filter drops 10 packets a second. */
const dropping = (values: Readonly<Record<string, string>>): ExampleHost => ({
  settings: settings(values),
  counters: { 'TcpExt.IPReversePathFilter': [100, 120] },
});

const judged = (host: ExampleHost) => judge(rule, facts(host));

describe('what is loosened: the interfaces where the larger of both values is strict', () => {
  test.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>]>([
    ['strict by its own value', { all: '0', eth0: '1', eth1: '0' }, { eth0: '2' }],
    ['strict by conf.all', { all: '1', eth0: '0', eth1: '2' }, { eth0: '2' }],
    ['loose by conf.all is loose everywhere', { all: '2', eth0: '1', eth1: '0' }, {}],
    ['loose already', { all: '0', eth0: '2' }, {}],
    ['off', { all: '0', eth0: '0' }, {}],
    ['lo and default are no way in', { all: '1', lo: '1', default: '1', eth0: '1' }, { eth0: '2' }],
    ['a VLAN, as sysctl(8) writes it', { all: '0', 'eth0/100': '1' }, { 'eth0/100': '2' }],
    ['conf.all is not known', { eth0: '1' }, { eth0: '2' }],
    ['more than four: by conf.all', { all: '1', a0: '1', a1: '1', a2: '1', a3: '1', a4: '1' }, { all: '2' }],
    ['more than four, conf.all not known', { a0: '1', a1: '1', a2: '1', a3: '1', a4: '1' }, {}],
    ['a name that is no name', { all: '0', 'e$(reboot)': '1' }, { all: '2' }],
    ['a name that is too long', { all: '0', ['x'.repeat(16)]: '1' }, { all: '2' }],
    ['not a number', { all: '1', eth0: 'yes' }, {}],
  ])('%s', (_, values, expected) => {
    const undo = Object.fromEntries(Object.keys(expected).map(name => [keyOf(name), values[name]]));
    expect(judged(dropping(values))).toMatchObject({ state: 'active', remedy: { set: settings(expected), undo } });
    const judgement = judged(dropping(values));
    expect(judgement.verdict === 'fail' && judgement.remedy?.set).toEqual(settings(expected));
  });
});

describe('because', () => {
  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['strict', { all: '1', eth0: '0', eth1: '1' }, 'Strict (1) on eth0 and eth1, by conf.all.'],
    ['loose', { all: '0', eth0: '2' }, 'Loose (2) on eth0: there is no route back to these senders at all.'],
    ['off', { all: '0', eth0: '0' }, 'No interface filters by the reverse path now.'],
    ['not known', {}, 'Which interfaces filter is not known.'],
    [
      'many',
      { all: '0', a0: '1', a1: '1', a2: '1', a3: '1', a4: '1', a5: '1' },
      'Strict (1) on a0, a1, a2, a3 and 2 other interfaces.',
    ],
    ['hostile names', { all: '0', 'e\x1b[31m0': '1' }, 'Strict (1) on e0.'],
  ])('%s', (_, values, expected) => {
    expect(judged(dropping(values)).because).toBe(
      `Packets are dropped because they come in by another way than the kernel would answer: IPReversePathFilter +10/s over 2 s, 120 since boot. ${expected}`,
    );
  });
});

describe('kernels without the column go by in_martian_src, which has other reasons, too', () => {
  const martians = { counters: { 'rt_cache.in_martian_src': [100, 120] } } as const;
  test.each<[string, ExampleHost, string]>([
    ['a filter is on', { ...martians, settings: settings({ all: '1', eth0: '1' }) }, 'active low'],
    ['all filters are off', { ...martians, settings: settings({ all: '0', eth0: '0' }) }, 'pass'],
    ['the filters are not known', { ...martians, settings: { [keyOf('all')]: absent('not-permitted') } }, 'notchecked'],
    ['nothing came', { counters: { 'rt_cache.in_martian_src': [0, 0] } }, 'pass'],
    ['not even that', { counters: { 'TcpExt.TW': 1 } }, 'notchecked'],
  ])('%s', (_, host, expected) => {
    const judgement = judged(host);
    expect(judgement.verdict === 'fail' ? `${judgement.state} ${judgement.confidence}` : judgement.verdict).toBe(
      expected,
    );
    if (judgement.verdict === 'fail') expect(judgement.remedy?.set).toEqual({});
  });
});
