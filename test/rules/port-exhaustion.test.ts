import { expect, test } from 'vitest';
import { absent, malformed } from '../../src/model/reading.ts';
import type { Finding, Judgement } from '../../src/model/rule.ts';
import type { Destination } from '../../src/model/snapshot.ts';
import { judge } from '../../src/rules/define.ts';
import type { ExampleHost } from '../../src/rules/example.ts';
import rule from '../../src/rules/port-exhaustion.ts';
import { primaryOf } from '../../src/rules/primary.ts';
import { facts, timestamps } from './facts.ts';

const range = 'net.ipv4.ip_local_port_range';
const reserved = 'net.ipv4.ip_local_reserved_ports';
const reuse = 'net.ipv4.tcp_tw_reuse';
type Settings = NonNullable<ExampleHost['settings']>;

/** 1,000 ports. */
const thousand = { [range]: '40000 40999', [reserved]: '', [reuse]: '0', [timestamps]: '1' };
const backend = (connections: number, timeWait = 0, address = '10.0.7.7'): Destination => ({
  address,
  port: 5432,
  connections,
  timeWait,
});
const judged = (settings: Settings, ...destinations: readonly Destination[]): Judgement =>
  judge(rule, facts({ settings, sockets: { destinations } }));

/** `exhausted high high`, `pass`. */
const short = (judgement: Judgement): string =>
  judgement.verdict === 'fail' ? `${judgement.state} ${judgement.severity} ${judgement.confidence}` : judgement.verdict;

test.each<[string, Settings, readonly Destination[], string]>([
  ['89.9 %', thousand, [backend(899)], 'pass'],
  ['90 %', thousand, [backend(900)], 'near medium high'],
  ['98 %', thousand, [backend(980)], 'exhausted high high'],
  ['all', thousand, [backend(1_000)], 'exhausted high high'],
  ['more than all: several local addresses', thousand, [backend(1_001)], 'near medium low'],
  [
    'many destinations that share the ports',
    thousand,
    Array.from({ length: 50 }, (_, i) => backend(800, 0, `10.0.8.${i}`)),
    'pass',
  ],
  ['the fullest of several', thousand, [backend(10), backend(985, 0, '10.0.7.8'), backend(20)], 'exhausted high high'],
  [
    'reserved ports are missing',
    { ...thousand, [reserved]: '40000-40099,50000' },
    [backend(890)],
    'exhausted high high',
  ],
  [
    'reserved ports unknown',
    { ...thousand, [reserved]: absent('not-permitted') },
    [backend(990)],
    'exhausted high medium',
  ],
  [
    'reserved ports malformed',
    { ...thousand, [reserved]: malformed('contains NUL bytes') },
    [backend(990)],
    'exhausted high medium',
  ],
  ['TIME_WAIT holds a port', thousand, [backend(990, 980)], 'exhausted high high'],
  ['unless it may be taken again', { ...thousand, [reuse]: '1' }, [backend(990, 980)], 'pass'],
  [
    'for which timestamps are needed',
    { ...thousand, [reuse]: '1', [timestamps]: '0' },
    [backend(990, 980)],
    'exhausted high high',
  ],
  ['value 2 is for loopback only', { ...thousand, [reuse]: '2' }, [backend(990, 980)], 'exhausted high high'],
  [
    'and there it holds',
    { ...thousand, [reuse]: '2' },
    [backend(990, 980, '127.0.0.1'), backend(990, 980, '::1')],
    'pass',
  ],
  ['no port at all', { ...thousand, [reserved]: '1-65535' }, [backend(1)], 'exhausted high high'],
  ['no range', { ...thousand, [range]: '32768' }, [backend(1)], 'notchecked'],
])('%s', (_name, settings, destinations, wanted) => {
  expect(short(judged(settings, ...destinations))).toBe(wanted);
});

const remedy = (settings: Settings, destination: Destination) => {
  const judgement = judged(settings, destination);
  return judgement.verdict === 'fail' ? judgement.remedy : undefined;
};

test('the remedy is what helps this host, and its undo what runs', () => {
  expect(remedy(thousand, backend(990, 980))).toMatchObject({
    set: { [range]: '1024 65535', [reuse]: '1' },
    undo: { [range]: '40000 40999', [reuse]: '0' },
  });
  expect(remedy(thousand, backend(990, 10))?.set).toEqual({ [range]: '1024 65535' });
  const { [reuse]: _, ...older } = thousand;
  expect(remedy(older, backend(990, 980))?.set).toEqual({ [range]: '1024 65535' });
  const wide = { ...thousand, [range]: '1024 65535' };
  expect(remedy(wide, backend(64_000, 63_000))?.set).toEqual({ [reuse]: '1' });
  expect(remedy({ ...wide, [timestamps]: '0' }, backend(64_000, 63_000))?.set).toEqual({});
});

test('it never proposes tcp_tw_recycle, and warns of it', () => {
  const proposed = remedy(thousand, backend(990, 980));
  expect(Object.keys(proposed?.set ?? {}).join()).not.toContain('recycle');
  expect(proposed?.risk).toContain('never tcp_tw_recycle');
});

test('only used-up ports lead the report', () => {
  const finding = (destination: Destination): Finding[] => {
    const judgement = judged(thousand, destination);
    if (judgement.verdict !== 'fail') return [];
    const { verdict: _, ...found } = judgement;
    return [{ rule: rule.id, ...found, waived: null }];
  };
  expect(primaryOf(finding(backend(990)))).toBe('port-exhaustion');
  expect(primaryOf(finding(backend(950)))).toBeNull();
});
