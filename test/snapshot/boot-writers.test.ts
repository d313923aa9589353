import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { buildSnapshot } from '../../src/snapshot/build.ts';
import { scriptActions } from '../../src/snapshot/script-line.ts';
import { framesOf, runCollector, shells } from '../collect/run-collector.ts';
import type { Tree } from '../collect/tree.ts';
import { bootIn, byWeb, key, later, off, on, place, plant, web } from './boot-trees.ts';

describe.each(shells.map(shell => [shell.join(' '), shell] as const))('under %s', (_name, shell) => {
  it('all of them are read in one tree', () => {
    const root = plant(
      {
        'proc/cmdline': `BOOT_IMAGE=/vmlinuz password=secret-1 sysctl.net.ipv4.tcp_syncookies=0 sysctl.kernel.x=1 *\n`,
        'etc/default/ufw': 'IPV6=yes\nIPT_SYSCTL=/etc/ufw/sysctl.conf\n',
        'etc/ufw/ufw.conf': 'ENABLED=yes\n',
        'etc/ufw/sysctl.conf': '# x\nnet/ipv4/tcp_tw_recycle=1\n',
        ...web(`[main]\ninclude=base\n[sysctl]\n${key}=2\n`, {
          'etc/tuned/tuned-main.conf': '# nothing\n',
          'usr/lib/tuned/base/tuned.conf': '[sysctl]\nnet.ipv4.tcp_tw_reuse=1\n',
          'usr/lib/tuned/other/tuned.conf': '[sysctl]\nnet.ipv4.tcp_tw_reuse=2\n',
        }),
        'etc/sysctl.d/10.conf': `\n${off}`,
        'etc/rc.d/rc.local': `#!/bin/sh\ncurl -u root:secret-2 http://x/\nsysctl -w ${key}=1\nexit 0\nsysctl -w ${key}=0\n`,
        'etc/rc.local': { link: 'rc.d/rc.local' },
      },
      ['etc/rc.d/rc.local'],
    );
    const { text, stderr } = runCollector(root, { shell });
    expect(stderr).toBe('');
    expect(text).not.toContain('secret');
    expect(text).not.toContain('usr/lib/tuned/other');
    const boot = bootIn(root, shell);
    expect(later(boot)).toEqual([
      '1 /etc/ufw/sysctl.conf:2, by ufw',
      `2 ${place}:4, ${byWeb}`,
      '0 /etc/sysctl.d/10.conf:2, again by tuned',
      '1 /etc/rc.d/rc.local:3',
    ]);
    expect(later(boot, 'net.ipv4.tcp_tw_reuse')).toEqual([`1 /usr/lib/tuned/base/tuned.conf:2, ${byWeb}`]);
    expect([...boot.commandLine]).toEqual([
      ['net.ipv4.tcp_syncookies', { value: '0', file: '/proc/cmdline', line: 1 }],
    ]);
    expect(boot.unread).toEqual({});
    expect(boot.systemd).toBeNull();
  });
});

describe('ufw', () => {
  const enabled: Tree = { 'etc/ufw/ufw.conf': '# x\nENABLED=no\nENABLED=yes\n', 'etc/ufw/sysctl.conf': on };
  test.each<[string, Tree, readonly string[], Readonly<Record<string, string>>]>([
    [
      'its own file',
      { ...enabled, 'etc/default/ufw': 'IPT_SYSCTL=/etc/ufw/sysctl.conf\n' },
      ['1 /etc/ufw/sysctl.conf:1, by ufw'],
      {},
    ],
    [
      'switched off',
      { ...enabled, 'etc/ufw/ufw.conf': 'ENABLED=no\n', 'etc/default/ufw': 'IPT_SYSCTL=/etc/ufw/sysctl.conf\n' },
      [],
      {},
    ],
    ['no file named', { ...enabled, 'etc/default/ufw': '#IPT_SYSCTL=/x\nIPT_SYSCTL=""\n' }, [], {}],
    [
      'the file of the system',
      { ...enabled, 'etc/default/ufw': 'IPT_SYSCTL="/etc/sysctl.conf"\n', 'etc/sysctl.conf': off },
      ['0 /etc/sysctl.conf:1, by ufw'],
      {},
    ],
    [
      'another file',
      { ...enabled, 'etc/default/ufw': 'IPT_SYSCTL=/srv/x.conf\n' },
      [],
      { '/srv/x.conf': 'not read, applied by ufw' },
    ],
    ['no defaults', enabled, [], { '/etc/default/ufw': 'no such file' }],
  ])('%s', (_, tree, expected, unread) => {
    const boot = bootIn(plant(tree));
    expect(later(boot)).toEqual(expected);
    expect(boot.unread).toEqual(unread);
  });
});

describe('rc.local', () => {
  const script = (text: string): Tree => ({ 'etc/rc.local': `#!/bin/sh\n${text}` });
  test.each<[string, string, readonly string[]]>([
    ['sysctl -w', `sysctl -w ${key}=1\n`, ['1 /etc/rc.local:2']],
    ['echo', 'echo 1 > /proc/sys/net/ipv4/tcp_tw_recycle\n', ['1 /etc/rc.local:2']],
    ['the last line without its end', `/sbin/sysctl -q ${key}=1`, ['1 /etc/rc.local:2']],
    ['a comment', `# sysctl -w ${key}=1\n`, []],
    ['behind exit', `exit 0\nsysctl -w ${key}=1\n`, []],
    ['indented', `  sysctl -w ${key}=1\n`, ['1 /etc/rc.local:2, if it is run']],
    ['sysctl -p', 'sysctl -p\n', ['0 /etc/sysctl.conf:1, by /etc/rc.local:2']],
    [
      'sysctl --system',
      'sysctl --system\n',
      ['5 /etc/sysctl.d/a.conf:1, by /etc/rc.local:2', '0 /etc/sysctl.conf:1, by /etc/rc.local:2'],
    ],
    [
      'sysctl -p of a file that is known',
      'sysctl -p /etc/sysctl.d/a.conf\n',
      ['5 /etc/sysctl.d/a.conf:1, by /etc/rc.local:2'],
    ],
  ])('%s', (_, text, expected) => {
    const tree = { ...script(text), 'etc/sysctl.conf': off, 'etc/sysctl.d/a.conf': `${key} = 5\n` };
    const boot = bootIn(plant(tree, ['etc/rc.local']));
    expect(later(boot)).toEqual(expected);
    expect(boot.unread).toEqual({});
  });

  test('a script that is not executable for us may still be run', () => {
    expect(later(bootIn(plant(script(`sysctl -w ${key}=1\n`))))).toEqual(['1 /etc/rc.local:2, if it is run']);
  });

  test('where Red Hat’s is executable, another /etc/rc.local is not what is run', () => {
    const tree = { ...script(`sysctl -w ${key}=1\n`), 'etc/rc.d/rc.local': '#!/bin/sh\n' };
    const boot = bootIn(plant(tree, ['etc/rc.local', 'etc/rc.d/rc.local']));
    expect(later(boot)).toEqual(['1 /etc/rc.local:2, if it is run']);
  });

  test('a file that is not known, and a script that is too long, are said', () => {
    const long = `sysctl -p /srv/tuning.conf\n${':\n'.repeat(300)}sysctl -w ${key}=1\n`;
    const boot = bootIn(plant(script(long), ['etc/rc.local']));
    expect(later(boot)).toEqual([]);
    expect(boot.unread).toEqual({
      '/srv/tuning.conf': 'not read, applied by /etc/rc.local:2',
      '/etc/rc.local': 'read up to line 200',
    });
  });

  test('a script that may not be read is said', { skip: process.getuid?.() !== 0 }, () => {
    const root = plant(script(`sysctl -w ${key}=1\n`));
    chmodSync(root, 0o755);
    chmodSync(join(root, 'etc/rc.local'), 0o700);
    const { boot } = buildSnapshot(framesOf(root, { uid: 65534 }));
    expect(boot).toMatchObject({ state: 'ok', value: { unread: { '/etc/rc.local': 'not permitted' } } });
  });
});

test.each<[string, ReturnType<typeof scriptActions>]>([
  ['sysctl -w a.b=1 c/d="2 3" >/dev/null 2>&1', [write('a.b', '1'), write('c/d', '2 3')]],
  ["/usr/sbin/sysctl -q -w 'a.b=1' # on", [write('a.b', '1')]],
  ['sysctl a.b=1; sysctl -w c.d=2', [write('a.b', '1'), write('c.d', '2')]],
  ['sysctl -w a.b=1 || true', [write('a.b', '1')]],
  ['sysctl -w a.b=1 && reboot', [write('a.b', '1')]],
  ['sysctl -e -p', [{ kind: 'load', file: '/etc/sysctl.conf' }]],
  [
    'sysctl -qp /a /b >/dev/null',
    [
      { kind: 'load', file: '/a' },
      { kind: 'load', file: '/b' },
    ],
  ],
  ['sysctl --load=/a', [{ kind: 'load', file: '/a' }]],
  ['sysctl --system', [{ kind: 'load-system' }]],
  ['echo "4096 87380" > /proc/sys/net/ipv4/tcp_rmem', [write('/net/ipv4/tcp_rmem', '4096 87380')]],
  ["/bin/echo -n 1 >> '/proc/sys/net/a' # x", [write('/net/a', '1')]],
  ['sysctl -w a.b=$X', []],
  ['echo `nproc` > /proc/sys/net/a', []],
  ['[ -e /x ] && sysctl -w a.b=1', []],
  ['test -e /x && sysctl -w a.b=1', []],
  ['echo sysctl -w a.b=1 >> /etc/rc.local', []],
  ['mysysctl -w a.b=1', []],
  ['sysctl a.b', []],
  ['sysctl', []],
])('%s', (line, expected) => {
  expect(scriptActions(line)).toEqual(expected);
});

function write(name: string, value: string) {
  return { kind: 'write', key: name, value } as const;
}
