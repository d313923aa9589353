import { describe, expect, test } from 'vitest';
import { absent } from '../../src/model/reading.ts';
import type { BootSetting, LaterWrite } from '../../src/model/snapshot.ts';
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
const tuned = (value: string, more: Partial<LaterWrite> = {}): LaterWrite => ({
  ...line(value, '/etc/tuned/web/tuned.conf', 12),
  by: 'by tuned profile web',
  ...more,
});
// biome-ignore lint/suspicious/noTemplateCurlyInString: a function of tuned
const untold = tuned('${f:x}', { effect: 'unknown' });
const script = (value: string): LaterWrite => ({ ...line(value, '/etc/rc.local', 5), condition: 'if it is run' });
const then = (...writes: readonly LaterWrite[]) => new Map([[recycle, writes]]);
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
    [
      'off, tuned sets it after the files',
      { ...off, boot: { procps: set(line('0')), later: then(tuned('1')) } },
      'fail at-reboot high high',
    ],
    [
      'off, tuned alone sets it',
      { ...off, boot: { systemd: none, later: then(tuned('1')) } },
      'fail at-reboot high high',
    ],
    ['off, tuned sets it back', { ...off, boot: { procps: set(line('1')), later: then(tuned('0')) } }, 'pass'],
    [
      'off, the kernel refuses what tuned writes',
      { ...off, boot: { systemd: none, later: then(tuned('x1')) } },
      'pass',
    ],
    [
      'off, tuned applies another file again',
      { ...off, boot: { systemd: none, later: then(tuned('0'), tuned('1', { by: 'again by tuned' })) } },
      'fail at-reboot high high',
    ],
    [
      'off, tuned raises what a file sets',
      { ...off, boot: { procps: set(line('0')), later: then(tuned('1', { effect: 'raises' })) } },
      'fail at-reboot high high',
    ],
    [
      'off, tuned does not lower it',
      { ...off, boot: { procps: set(line('0')), later: then(tuned('1', { effect: 'lowers' })) } },
      'pass',
    ],
    ['off, only tuned knows the value', { ...off, boot: { systemd: none, later: then(untold) } }, 'notchecked'],
    [
      'off, what only tuned knows is overruled',
      { ...off, boot: { systemd: none, later: then(untold, tuned('0')) } },
      'pass',
    ],
    [
      'off, on if rc.local is run',
      { ...off, boot: { procps: set(line('0')), later: then(script('1')) } },
      'fail at-reboot medium medium',
    ],
    [
      'off, off again if rc.local is run',
      { ...off, boot: { procps: set(line('1')), later: then(script('0')) } },
      'fail at-reboot high high',
    ],
    ['off, rc.local says off', { ...off, boot: { procps: set(line('0')), later: then(script('0')) } }, 'pass'],
    [
      'off, the kernel command line says on',
      { ...off, boot: { systemd: none, commandLine: set(line('1', '/proc/cmdline', 1)) } },
      'fail at-reboot high high',
    ],
    [
      'off, a file overrules the kernel command line',
      { ...off, boot: { systemd: set(line('0')), commandLine: set(line('1', '/proc/cmdline', 1)) } },
      'pass',
    ],
    [
      'off, a later write is on by hand only',
      { ...off, boot: { procps: set(line('1')), systemd: set(line('1')), later: then(tuned('0')) } },
      'fail at-sysctl-system medium high',
    ],
    ['on, by tuned', { ...on, boot: { systemd: none, later: then(tuned('1')) } }, 'pass'],
    ['on, by rc.local perhaps', { ...on, boot: { systemd: none, later: then(script('1')) } }, 'pass'],
    [
      'on, off by a file, only tuned knows',
      { ...on, boot: { procps: set(line('0')), later: then(untold) } },
      'notchecked',
    ],
    ['on, only tuned knows', { ...on, boot: { systemd: none, later: then(untold) } }, 'notchecked'],
    [
      'gone, on in tuned',
      { ...gone, boot: { systemd: none, later: then(tuned('1')) } },
      'informational key-gone info certain',
    ],
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
    [
      'names tuned, and the file that it overrules',
      { ...off, boot: { procps: set(line('0')), systemd: set(line('0')), later: then(tuned('1')) } },
      'Off now, on again after the next boot: /etc/tuned/web/tuned.conf:12 (= 1, by tuned profile web), over /etc/sysctl.conf:17 (= 0).',
    ],
    [
      'does not make much of the same line written again',
      {
        ...off,
        boot: {
          procps: set(line('0')),
          systemd: set(dropIn('1'), line('0')),
          later: then({ ...line('0'), by: 'again by tuned' }, { ...dropIn('1'), by: 'again by tuned' }),
        },
      },
      'Off now, on again after the next boot: /etc/sysctl.d/99-fix.conf:3 (= 1), over /etc/sysctl.conf:17 (= 0). The two engines disagree: with systemd-sysctl it is on, with sysctl --system off. /etc/sysctl.conf:17 (= 0) sets it.',
    ],
    [
      'says that tuned brings a file into force that systemd does not read',
      {
        ...off,
        boot: {
          procps: set(line('1'), dropIn('0')),
          systemd: set(dropIn('0')),
          later: then({ ...dropIn('0'), by: 'again by tuned' }, { ...line('1'), by: 'again by tuned' }),
        },
      },
      'Off now, on again after the next boot: /etc/sysctl.conf:17 (= 1, again by tuned), over /etc/sysctl.d/99-fix.conf:3 (= 0).',
    ],
    [
      'says when a script counts',
      { ...off, boot: { procps: set(line('0')), later: then(script('1')) } },
      'Off now, on again after the next boot if it is run: /etc/rc.local:5 (= 1).',
    ],
    [
      'says what may switch it off again',
      { ...off, boot: { procps: set(line('1')), later: then(script('0')) } },
      'Off now, on again after the next boot: /etc/sysctl.conf:17 (= 1). /etc/rc.local:5 (= 0) switches it off after that if it is run.',
    ],
    [
      'says that the boot leaves it off where only "sysctl --system" does not',
      { ...off, boot: { procps: set(line('1')), systemd: set(line('1')), later: then(tuned('0')) } },
      'Off now, on again after the next "sysctl --system": /etc/sysctl.conf:17 (= 1). At boot it stays off: /etc/tuned/web/tuned.conf:12 (= 0, by tuned profile web), over /etc/sysctl.conf:17 (= 1) sets it after the sysctl files.',
    ],
    [
      'says that a value cannot be told',
      { ...off, boot: { systemd: none, later: then(untold) } },
      `No sysctl file that systemd-sysctl reads sets it. Not read, and may decide otherwise: /etc/tuned/web/tuned.conf:12 (= ${untold.value}, by tuned profile web), a value that only the host can tell.`,
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
