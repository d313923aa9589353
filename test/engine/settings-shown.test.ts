import { describe, expect, test } from 'vitest';
import { bootWinner } from '../../src/engine/settings-shown.ts';
import type { BootSetting, BootSettings, LaterWrite } from '../../src/model/snapshot.ts';

const key = 'net.core.somaxconn';
const at = (value: string, file: string, line = 1): BootSetting => ({ value, file, line });
const only = (setting: BootSetting): ReadonlyMap<string, BootSetting> => new Map([[key, setting]]);
const conf = (value: string) => only(at(value, '/etc/sysctl.conf'));
const later = (...writes: readonly LaterWrite[]) => new Map([[key, writes]]);
const tuned = (value: string, more: Partial<LaterWrite> = {}): LaterWrite => ({
  ...at(value, '/etc/tuned/web/tuned.conf', 9),
  by: 'by tuned profile web',
  ...more,
});
const nothing: BootSettings = {
  procps: new Map(),
  systemd: null,
  commandLine: new Map(),
  later: new Map(),
  unread: {},
};

const winner = (boot: Partial<BootSettings>): string => {
  const found = bootWinner({ ...nothing, ...boot }, key);
  return found === undefined ? '-' : `${found.value} ${found.file}:${found.line}`;
};

describe('the line that is shown as the winner at boot', () => {
  test.each<[string, Partial<BootSettings>, string]>([
    ['nothing', {}, '-'],
    ['procps where there is no systemd', { procps: conf('1') }, '1 /etc/sysctl.conf:1'],
    ['systemd where it runs', { procps: conf('1'), systemd: conf('2') }, '2 /etc/sysctl.conf:1'],
    ['nothing where systemd runs and sets nothing', { procps: conf('1'), systemd: new Map() }, '-'],
    [
      'the kernel command line where no file sets it',
      { commandLine: only(at('3', '/proc/cmdline')) },
      '3 /proc/cmdline:1',
    ],
    [
      'a file over the kernel command line',
      { procps: conf('1'), commandLine: only(at('3', '/proc/cmdline')) },
      '1 /etc/sysctl.conf:1',
    ],
    ['tuned over a file', { procps: conf('1'), later: later(tuned('4')) }, '4 /etc/tuned/web/tuned.conf:9'],
    [
      'the file that tuned applies again',
      { procps: conf('1'), later: later(tuned('4'), at('1', '/etc/sysctl.conf')) },
      '1 /etc/sysctl.conf:1',
    ],
    [
      'tuned that raises',
      { procps: conf('128'), later: later(tuned('2048', { effect: 'raises' })) },
      '2048 /etc/tuned/web/tuned.conf:9',
    ],
    [
      'tuned that raises nothing',
      { procps: conf('4096'), later: later(tuned('2048', { effect: 'raises' })) },
      '4096 /etc/sysctl.conf:1',
    ],
    ['tuned that raises what nobody knows', { later: later(tuned('2048', { effect: 'raises' })) }, '-'],
    [
      'a script that may not be run',
      { procps: conf('1'), later: later(tuned('4', { condition: 'if it is run' })) },
      '1 /etc/sysctl.conf:1',
    ],
    ['a text', { procps: conf('bbr'), later: later(tuned('cubic')) }, 'cubic /etc/tuned/web/tuned.conf:9'],
    ['what the kernel refuses', { systemd: conf('“1”') }, '“1” /etc/sysctl.conf:1'],
  ])('%s', (_, boot, expected) => {
    expect(winner(boot)).toBe(expected);
  });
});
