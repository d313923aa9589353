import { describe, expect, test } from 'vitest';
import { absent } from '../../src/model/reading.ts';
import type { BootSetting } from '../../src/model/snapshot.ts';
import type { SysctlFile } from '../../src/snapshot/boot-files.ts';
import { type BootHost, bootSettings } from '../../src/snapshot/boot-settings.ts';
import { cpuMs } from '../cpu-time.ts';

const key = 'net.ipv4.tcp_tw_recycle';
const modern: BootHost = { systemdVersion: 252, keys: [key, 'net.ipv4.tcp_tw_reuse'] };
const centos7 = 'NAME="CentOS Linux"\nVERSION_ID="7"\nID="centos"\nID_LIKE="rhel fedora"\n';
const el7: BootHost = { ...modern, systemdVersion: 'unknown', osRelease: centos7 };
const file = (path: string, text: SysctlFile['text'], link?: string): SysctlFile =>
  link === undefined ? { path, text } : { path, text, link };

const place = (setting: BootSetting | undefined): string =>
  setting === undefined ? '-' : `${setting.value} ${setting.file}:${setting.line}`;

/** `procps | systemd` for tcp_tw_recycle. */
const winners = (files: readonly SysctlFile[], host: BootHost = modern): string => {
  const { procps, systemd } = bootSettings(files, host);
  return `${place(procps.get(key))} | ${systemd === null ? 'no systemd' : place(systemd.get(key))}`;
};
const one = (text: string, host: BootHost = modern): string => winners([file('/etc/sysctl.d/a.conf', text)], host);

describe('which file wins', () => {
  const on = `${key} = 1\n`;
  const off = `${key} = 0\n`;
  test.each<[string, readonly SysctlFile[], BootHost, string]>([
    [
      'sysctl.conf: procps last, systemd not at all',
      [file('/etc/sysctl.conf', on), file('/etc/sysctl.d/99-fix.conf', off)],
      modern,
      '1 /etc/sysctl.conf:1 | 0 /etc/sysctl.d/99-fix.conf:1',
    ],
    [
      'sysctl.conf on EL7: last for both',
      [file('/etc/sysctl.conf', on), file('/etc/sysctl.d/zz.conf', off)],
      el7,
      '1 /etc/sysctl.conf:1 | 1 /etc/sysctl.conf:1',
    ],
    [
      'sysctl.conf by redhat-release 7',
      [file('/etc/sysctl.conf', on)],
      { ...modern, systemdVersion: 219, osRelease: 'CentOS Linux release 7.9.2009 (Core)\n' },
      '1 /etc/sysctl.conf:1 | 1 /etc/sysctl.conf:1',
    ],
    [
      'sysctl.conf on Amazon Linux 2',
      [file('/etc/sysctl.conf', on)],
      { ...el7, osRelease: 'ID="amzn"\nVERSION_ID="2"\n' },
      '1 /etc/sysctl.conf:1 | 1 /etc/sysctl.conf:1',
    ],
    [
      'sysctl.conf with a systemd before 207',
      [file('/etc/sysctl.conf', on)],
      { ...modern, systemdVersion: 204 },
      '1 /etc/sysctl.conf:1 | 1 /etc/sysctl.conf:1',
    ],
    [
      'sysctl.conf with another 219',
      [file('/etc/sysctl.conf', on)],
      { ...modern, systemdVersion: 219 },
      '1 /etc/sysctl.conf:1 | -',
    ],
    [
      'a link to sysctl.conf ranks by its name, and names its target',
      [
        file('/etc/sysctl.conf', on),
        file('/etc/sysctl.d/99-sysctl.conf', on, '../sysctl.conf'),
        file('/etc/sysctl.d/98-x.conf', off),
      ],
      modern,
      '1 /etc/sysctl.conf:1 | 1 /etc/sysctl.conf:1',
    ],
    [
      '99-zz beats 99-sysctl',
      [file('/etc/sysctl.d/99-sysctl.conf', on, '/etc/sysctl.conf'), file('/usr/lib/sysctl.d/99-zz.conf', off)],
      modern,
      '0 /usr/lib/sysctl.d/99-zz.conf:1 | 0 /usr/lib/sysctl.d/99-zz.conf:1',
    ],
    [
      'letters sort behind digits, small behind capital',
      [file('/etc/sysctl.d/99.conf', on), file('/etc/sysctl.d/Z.conf', off), file('/usr/lib/sysctl.d/a.conf', on)],
      modern,
      '1 /usr/lib/sysctl.d/a.conf:1 | 1 /usr/lib/sysctl.d/a.conf:1',
    ],
    [
      'of equal names the stronger directory',
      [file('/usr/lib/sysctl.d/50.conf', on), file('/run/sysctl.d/50.conf', off)],
      modern,
      '0 /run/sysctl.d/50.conf:1 | 0 /run/sysctl.d/50.conf:1',
    ],
    [
      'of equal names the one in /run, for procps before 3.3.17',
      [file('/etc/sysctl.d/50.conf', on), file('/run/sysctl.d/50.conf', off)],
      { ...modern, systemdVersion: 239 },
      '0 /run/sysctl.d/50.conf:1 | 1 /etc/sysctl.d/50.conf:1',
    ],
    [
      'all five directories, the weakest last',
      [
        file('/lib/sysctl.d/50.conf', on),
        file('/usr/lib/sysctl.d/50.conf', on),
        file('/usr/local/lib/sysctl.d/50.conf', off),
        file('/lib/sysctl.d/10.conf', on),
      ],
      modern,
      '0 /usr/local/lib/sysctl.d/50.conf:1 | 0 /usr/local/lib/sysctl.d/50.conf:1',
    ],
    [
      '/lib alone, on a host with a split /usr',
      [file('/lib/sysctl.d/50.conf', on)],
      modern,
      '1 /lib/sysctl.d/50.conf:1 | 1 /lib/sysctl.d/50.conf:1',
    ],
    [
      'EL6 where only the directory sets it',
      [file('/etc/sysctl.conf', '# nothing\n'), file('/etc/sysctl.d/a.conf', on)],
      {
        ...modern,
        systemdVersion: null,
        initscripts: 'apply_sysctl() {\n sysctl -e -p /etc/sysctl.conf\n for f in /etc/sysctl.d/*; do :; done\n}\n',
      },
      '1 /etc/sysctl.d/a.conf:1 | no systemd',
    ],
    [
      'masked by a link to /dev/null',
      [file('/usr/lib/sysctl.d/50.conf', on), file('/etc/sysctl.d/50.conf', '', 'null')],
      modern,
      '- | -',
    ],
    [
      'masked by an empty file',
      [file('/usr/lib/sysctl.d/50.conf', on), file('/etc/sysctl.d/50.conf', '')],
      modern,
      '- | -',
    ],
    [
      'masked by a file that may not be read',
      [file('/usr/lib/sysctl.d/50.conf', on), file('/etc/sysctl.d/50.conf', absent('not-permitted'))],
      modern,
      '- | -',
    ],
    [
      'not a .conf, not in a known directory',
      [file('/etc/sysctl.d/50.conf.bak', on), file('/etc/ufw/sysctl.conf', on)],
      modern,
      '- | -',
    ],
    [
      'no systemd',
      [file('/etc/sysctl.conf', on)],
      { ...modern, systemdVersion: null },
      '1 /etc/sysctl.conf:1 | no systemd',
    ],
    [
      'EL6 reads the directory last',
      [file('/etc/sysctl.conf', on), file('/etc/sysctl.d/a.conf', off)],
      {
        ...modern,
        systemdVersion: null,
        initscripts:
          'x() {\n}\napply_sysctl() {\n    sysctl -e -p /etc/sysctl.conf\n    for file in /etc/sysctl.d/*; do :; done\n}\n',
      },
      '0 /etc/sysctl.d/a.conf:1 | no systemd',
    ],
    [
      'other init scripts read it first',
      [file('/etc/sysctl.conf', on), file('/etc/sysctl.d/a.conf', off)],
      {
        ...modern,
        systemdVersion: null,
        initscripts:
          'apply_sysctl() {\n    for file in /etc/sysctl.d/*; do :; done\n    sysctl -e -p /etc/sysctl.conf\n}\n',
      },
      '1 /etc/sysctl.conf:1 | no systemd',
    ],
  ])('%s', (_, files, host, expected) => {
    expect(winners(files, host)).toBe(expected);
    expect(winners(files.toReversed(), host)).toBe(expected);
  });
});

describe('how lines are read', () => {
  const both = (text: string): string => `${text} | ${text}`;
  const at = (value: string, line = 1): string => both(`${value} /etc/sysctl.d/a.conf:${line}`);
  test.each<[string, string, string]>([
    ['blanks', `\t ${key}\t=  1 \n`, at('1')],
    ['no blanks, no line end', `${key}=1`, at('1')],
    ['slashes', 'net/ipv4/tcp_tw_recycle=1', at('1')],
    ['a leading slash', '/net/ipv4/tcp_tw_recycle=1', at('1')],
    ['CRLF, a comment before', `# x\r\n${key} = 1\r\n`, at('1', 2)],
    ['comments', `#${key}=1\n ; ${key}=1\n`, both('-')],
    ['the last line wins', `${key}=1\n\n${key}=0\n`, at('0', 3)],
    ['a trailing comment stays in the value', `${key} = 1 #表示开启\n`, at('1 #表示开启')],
    ['curly quotes stay', `${key}=“1”\n`, at('“1”')],
    ['an equals sign in the value', `${key}=a=b\n`, at('a=b')],
    ['a byte order mark makes another key', `\uFEFF${key}=1\n`, both('-')],
    ['a dash: errors do not matter', `-${key}=1\n`, at('1')],
    ['a glob', 'net.ipv4.tcp_tw_*=1\n', at('1')],
    ['a line beats a glob, whatever the order', `${key}=0\nnet.ipv4.tcp_tw_*=1\n`, at('0')],
    ['a glob that matches nothing', 'net.ipv4.tw_*=1\n', both('-')],
    ['an exclusion takes a systemd line back', `${key}=1\n-${key}\n`, '1 /etc/sysctl.d/a.conf:1 | -'],
    ['an exclusion from a glob', `net.ipv4.tcp_tw_*=1\n-${key}\n`, both('-')],
    ['CR alone ends a line for systemd', `x=1\r${key}=1\n`, '- | 1 /etc/sysctl.d/a.conf:2'],
    ['NUL ends a line for systemd', `x=1\0${key}=1\n`, '- | 1 /etc/sysctl.d/a.conf:2'],
  ])('%s', (_, text, expected) => {
    expect(one(text)).toBe(expected);
  });

  test.each<[string, number, string, string]>([
    ['237 does not know the dash', 237, `-${key}=1\n`, '- | -'],
    ['239 of EL8 does, its procps does not', 239, `-${key}=1\n`, '- | 1 /etc/sysctl.d/a.conf:1'],
    ['243 does', 243, `-${key}=1\n`, '1 /etc/sysctl.d/a.conf:1 | 1 /etc/sysctl.d/a.conf:1'],
    ['239 does not know globs', 239, 'net.ipv4.tcp_tw_*=1\n', '- | -'],
    ['245 does', 245, 'net.ipv4.tcp_tw_*=1\n', '1 /etc/sysctl.d/a.conf:1 | 1 /etc/sysctl.d/a.conf:1'],
    ['237 takes CR for a part of the line', 237, `x=1\r${key}=1\n`, '- | -'],
    ['237 reads CRLF', 237, `x=1\r\n${key}=1\r\n`, '1 /etc/sysctl.d/a.conf:2 | 1 /etc/sysctl.d/a.conf:2'],
    ['234 cuts long lines', 234, `#${'x'.repeat(2046)}${key}=1\n`, '- | 1 /etc/sysctl.d/a.conf:1'],
    ['235 does not', 235, `#${'x'.repeat(2046)}${key}=1\n`, '- | -'],
  ])('systemd-sysctl %s', (_, systemdVersion, text, expected) => {
    expect(one(text, { ...modern, systemdVersion })).toBe(expected);
  });

  test.each<[string, string, string]>([
    ['the dash', `-${key}=1\n`, '- | no systemd'],
    ['globs', 'net.ipv4.tcp_tw_*=1\n', '- | no systemd'],
    ['CRLF, a comment behind the value', `# x\r\n${key} = 1 # on\r\n`, '1 # on /etc/sysctl.d/a.conf:2 | no systemd'],
  ])('EL6 and %s', (_, text, expected) => {
    expect(one(text, { ...modern, systemdVersion: null, osRelease: 'CentOS release 6.10 (Final)\n' })).toBe(expected);
  });

  test.each<[string, string, string]>([
    ['EL7 does not know the dash', `-${key}=1\n`, '- | -'],
    ['EL7 does not know globs', 'net.ipv4.tcp_tw_*=1\n', '- | -'],
    ['EL7 cuts lines at 2047 bytes', `#${'x'.repeat(2046)}${key}=1\n`, '- | 1 /etc/sysctl.d/a.conf:1'],
  ])('%s', (_, text, expected) => {
    expect(one(text, el7)).toBe(expected);
  });
});

test('losers are named, the strongest first, without a link and its target counting twice', () => {
  const files = [
    file('/etc/sysctl.conf', `${key}=1\n`),
    file('/etc/sysctl.d/99-sysctl.conf', `${key}=1\n`, '../sysctl.conf'),
    file('/etc/sysctl.d/10.conf', `${key}=0\n${key}=2\n`),
  ];
  expect(bootSettings(files, modern).procps.get(key)).toEqual({
    value: '1',
    file: '/etc/sysctl.conf',
    line: 1,
    losers: [
      { value: '2', file: '/etc/sysctl.d/10.conf', line: 2 },
      { value: '0', file: '/etc/sysctl.d/10.conf', line: 1 },
    ],
  });
});

test('files that could not be read are named, dangling links and masked files are not', () => {
  const files = [
    file('/etc/sysctl.conf', absent('not-permitted')),
    file('/etc/sysctl.d/a.conf', absent('no-such-file')),
    file('/etc/sysctl.d/b.conf', ''),
    file('/usr/lib/sysctl.d/b.conf', absent('not-permitted')),
  ];
  expect(bootSettings(files, modern).unread).toEqual({ '/etc/sysctl.conf': 'not permitted' });
});

describe('a hostile file of 1 MiB costs little', () => {
  test.each<[string, string]>([
    ['one key over and over', `${key}=1\n`.repeat(40_000)],
    ['many globs', Array.from({ length: 20_000 }, (_, i) => `net.*${'*a'.repeat(8)}${i}=1`).join('\n')],
    ['globs of many stars', `${'*a'.repeat(200)}*b.x=1\n`.repeat(2_000)],
    ['one line', `${key}=${'a'.repeat(1 << 20)}`],
    ['blanks', ' '.repeat(1 << 20)],
    ['half of an initscript', 'apply_sysctl()   '.repeat(60_000)],
  ])('%s', (_, text) => {
    const keys = Array.from({ length: 500 }, (_, i) => `${'a'.repeat(60)}${i}.x`);
    const files = [file('/etc/sysctl.d/a.conf', text)];
    const began = cpuMs();
    bootSettings(files, { ...el7, keys, initscripts: text });
    bootSettings(files, { ...modern, keys });
    expect(cpuMs() - began).toBeLessThan(4_000);
  });
});
