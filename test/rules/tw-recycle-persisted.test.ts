import { describe, expect, test } from 'vitest';
import { absent } from '../../src/model/reading.ts';
import type { BootSetting } from '../../src/model/snapshot.ts';
import { judge } from '../../src/rules/define.ts';
import type { ExampleHost } from '../../src/rules/example.ts';
import rule from '../../src/rules/tw-recycle-persisted.ts';
import { facts, recycle } from './facts.ts';

type Engine = ReadonlyMap<string, BootSetting>;
const none: Engine = new Map();
const line = (value: string, file = '/etc/sysctl.conf', at = 17): BootSetting => ({ value, file, line: at });
const set = (...[winner, ...losers]: readonly BootSetting[]): Engine =>
  winner === undefined ? none : new Map([[recycle, losers.length === 0 ? winner : { ...winner, losers }]]);
const dropIn = (value: string) => line(value, '/etc/sysctl.d/99-fix.conf', 3);
const unread = { '/etc/sysctl.d/50-x.conf': 'not permitted' };

const off = { settings: { [recycle]: '0' }, counters: { 'TcpExt.PAWSPassive': 0 } };
const on = { ...off, settings: { [recycle]: '1' } };
const gone = { counters: { 'TcpExt.ListenDrops': 0 } };

const judged = (host: ExampleHost) => judge(rule, facts(host));
const short = (host: ExampleHost): string => {
  const judgement = judged(host);
  return 'state' in judgement
    ? `${judgement.verdict} ${judgement.state} ${judgement.severity} ${judgement.confidence}`
    : judgement.verdict;
};

describe('running value × boot files', () => {
  test.each<[string, ExampleHost, string]>([
    ['off, no file', { ...off, boot: { systemd: none } }, 'pass'],
    ['off, no systemd, no file', { ...off, boot: {} }, 'pass'],
    [
      'off, on at boot',
      { ...off, boot: { procps: set(line('1')), systemd: set(line('1')) } },
      'fail at-reboot high high',
    ],
    ['off, on at boot without systemd', { ...off, boot: { procps: set(line('1')) } }, 'fail at-reboot high high'],
    ['off, any value but 0 at boot', { ...off, boot: { procps: set(line('2')) } }, 'fail at-reboot high high'],
    ['off, trailing comment', { ...off, boot: { procps: set(line('1 # 开启')) } }, 'fail at-reboot high high'],
    ['off, comment glued to the number: refused', { ...off, boot: { procps: set(line('1# on')) } }, 'pass'],
    ['off, curly quotes: refused', { ...off, boot: { procps: set(line('“1”')) } }, 'pass'],
    [
      'off, procps: a refused line leaves the one before',
      { ...off, boot: { procps: set(line('“0”'), dropIn('1')) } },
      'fail at-reboot high high',
    ],
    ['off, systemd writes the refused line only', { ...off, boot: { systemd: set(line('“0”'), dropIn('1')) } }, 'pass'],
    [
      'off, only systemd says on',
      { ...off, boot: { procps: set(line('0')), systemd: set(line('1')) } },
      'fail at-reboot high high',
    ],
    [
      'off, only sysctl --system says on',
      { ...off, boot: { procps: set(line('1')), systemd: set(line('0')) } },
      'fail at-sysctl-system medium high',
    ],
    [
      'off, on at boot, another file unread',
      { ...off, boot: { procps: set(line('1')), unread } },
      'fail at-reboot high medium',
    ],
    ['off, no readable file sets it', { ...off, boot: { unread } }, 'notchecked'],
    ['off at boot, another file unread', { ...off, boot: { procps: set(line('0')), unread } }, 'notchecked'],
    ['on, on at boot', { ...on, boot: { procps: set(line('1')) } }, 'pass'],
    ['on, no file', { ...on, boot: { systemd: none } }, 'informational unknown-writer info high'],
    ['on, off at boot', { ...on, boot: { procps: set(line('0')) } }, 'informational unknown-writer info high'],
    ['on, no readable file sets it', { ...on, boot: { unread } }, 'notchecked'],
    ['gone, no file', { ...gone, boot: { systemd: none } }, 'notapplicable'],
    [
      'gone, on in a file',
      { ...gone, boot: { procps: set(line('1')), systemd: none } },
      'informational key-gone info certain',
    ],
    ['gone, off in a file', { ...gone, boot: { procps: set(line('0')) } }, 'informational key-gone info certain'],
    ['hidden', { settings: { [recycle]: absent('not-permitted') }, boot: { procps: set(line('1')) } }, 'notchecked'],
    ['a child namespace of an old kernel', { counters: { 'TcpExt.PAWSPassive': 0 }, boot: {} }, 'notchecked'],
    ['no files were collected', off, 'notchecked'],
  ])('%s', (_, host, expected) => {
    expect(short(host)).toBe(expected);
  });
});

describe('because', () => {
  test.each<[string, ExampleHost, string]>([
    [
      'names the winner and whom it beats',
      { ...off, boot: { procps: set(line('1'), dropIn('0')) } },
      'Off now, on again after the next boot: /etc/sysctl.conf:17 (= 1), over /etc/sysctl.d/99-fix.conf:3 (= 0).',
    ],
    [
      'names the engines that disagree',
      { ...off, boot: { procps: set(line('0')), systemd: set(dropIn('1')) } },
      'Off now, on again after the next boot: /etc/sysctl.d/99-fix.conf:3 (= 1). The two engines disagree: with systemd-sysctl it is on, with sysctl --system off. /etc/sysctl.conf:17 (= 0) sets it.',
    ],
    [
      'says which file was not read',
      { ...off, boot: { procps: set(line('1')), unread } },
      'Off now, on again after the next boot: /etc/sysctl.conf:17 (= 1). Not read, and may decide otherwise: /etc/sysctl.d/50-x.conf (not permitted).',
    ],
    [
      'says that the kernel refuses a value',
      { ...off, boot: { procps: set(line('“1”')) } },
      'Off now, and at the next boot. /etc/sysctl.conf:17 sets it to "“1”", which the kernel refuses.',
    ],
  ])('%s', (_, host, expected) => {
    expect(judged(host).because).toBe(expected);
  });
});

test('evidence names the file and line', () => {
  expect(judged({ ...off, boot: { procps: set(line('1')), systemd: set(line('1')) } })).toMatchObject({
    evidence: [
      { source: 'proc/sys/net/ipv4/tcp_tw_recycle', field: recycle, value: '0' },
      { source: 'etc/sysctl.conf:17', field: recycle, value: '1' },
    ],
    remedy: { set: { [recycle]: '0' } },
  });
});
