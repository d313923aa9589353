import { describe, expect, test } from 'vitest';
import type { Tree } from '../collect/tree.ts';
import { bootIn, byWeb, key, later, off, on, place, plant, web } from './boot-trees.ts';

describe('tuned', () => {
  test.each<[string, Tree, readonly string[]]>([
    ['sets a key', web(`[sysctl]\n${on}`), [`1 ${place}:2, ${byWeb}`]],
    [
      'is started by a file in place of a link',
      { ...web(`[sysctl]\n${on}`), 'etc/systemd/system/multi-user.target.wants/tuned.service': '' },
      [`1 ${place}:2, ${byWeb}`],
    ],
    [
      'may not be started, for all that can be seen',
      Object.fromEntries(Object.entries(web(`[sysctl]\n${on}`)).filter(([path]) => !path.endsWith('.service'))),
      [`1 ${place}:2, ${byWeb}, if tuned is started`],
    ],
    [
      'is not started',
      {
        ...Object.fromEntries(Object.entries(web(`[sysctl]\n${on}`)).filter(([path]) => !path.endsWith('.service'))),
        'etc/systemd/system/multi-user.target.wants/crond.service': '',
      },
      [],
    ],
    ['the last of equal options', web(`[sysctl]\n${off}${on}`), [`1 ${place}:3, ${byWeb}`]],
    ['a comment behind a blank, quotes', web(`[sysctl]\n${key}="1" # on\n`), [`1 ${place}:2, ${byWeb}`]],
    ['a comment glued to the value', web(`[sysctl]\n${key}=1# on\n`), [`1# on ${place}:2, ${byWeb}`]],
    ['CRLF', web(`[sysctl]\r\n${key}=1\r\n`), [`1 ${place}:2, ${byWeb}`]],
    ['raises only', web(`[sysctl]\n${key}=>1\n`), [`raises1 ${place}:2, ${byWeb}`]],
    ['a section of another name', web(`[tcp]\ntype=sysctl\n${on}`), [`1 ${place}:3, ${byWeb}`]],
    ['a section of another plugin', web(`[sysctl]\ntype=disk\n${on}`), []],
    ['a disabled section', web(`[sysctl]\nenabled=0\n${on}`), []],
    [
      'a section for some machines',
      web(`[sysctl]\nuname_regex=aarch64\n${on}`),
      [`1 ${place}:3, ${byWeb}, if the profile is meant for this machine`],
    ],
    ['a variable', web(`[variables]\nx=1\n[sysctl]\n${key}=\${x}\n`), [`1 ${place}:4, ${byWeb}`]],
    [
      'a variable of a file that is not read',
      web(`[variables]\nx=1\ninclude=/etc/tuned/x.conf\n[sysctl]\n${key}=\${x}\n`),
      [`unknown\${x} ${place}:5, ${byWeb}`],
    ],
    ['a function', web(`[sysctl]\n${key}=\${f:exec:nproc}\n`), [`unknown\${f:exec:nproc} ${place}:2, ${byWeb}`]],
    [
      'an included profile loses, wherever it lies',
      web(`[main]\ninclude = base ; -none\n[sysctl]\n${on}`, {
        'usr/lib/tuned/base/tuned.conf': `[sysctl]\n${off}x=1\n`,
      }),
      [`1 ${place}:4, ${byWeb}`],
    ],
    [
      'a profile that includes its own name means the one below',
      web('[main]\ninclude=web\n[sysctl]\nx=1\n', {
        'usr/lib/tuned/web/tuned.conf': `[main]\ninclude=web\n[sysctl]\n${on}`,
      }),
      [`1 /usr/lib/tuned/web/tuned.conf:4, ${byWeb}`],
    ],
    [
      'profiles that include each other',
      web(`[main]\ninclude=b\n[sysctl]\n${on}`, { 'etc/tuned/b/tuned.conf': `[main]\ninclude=web\n[sysctl]\n${off}` }),
      [`1 ${place}:4, ${byWeb}`],
    ],
    [
      'replace=1 drops what was included',
      web('[main]\ninclude=base\n[sysctl]\nreplace=1\nx=1\n', { 'usr/lib/tuned/base/tuned.conf': `[sysctl]\n${on}` }),
      [],
    ],
    [
      'drop takes a key away',
      web(`[main]\ninclude=base\n[sysctl]\ndrop=${key}\n`, { 'usr/lib/tuned/base/tuned.conf': `[sysctl]\n${on}` }),
      [],
    ],
    [
      'the stronger directory',
      web(`[sysctl]\n${off}`, { 'etc/tuned/profiles/web/tuned.conf': `[sysctl]\n${on}` }),
      [`1 /etc/tuned/profiles/web/tuned.conf:2, ${byWeb}`],
    ],
    [
      'directories that tuned-main.conf names',
      web(`[sysctl]\n${on}`, {
        'etc/tuned/tuned-main.conf': 'profile_dirs=/usr/lib/tuned,/etc/tuned/\nreapply_sysctl=no\n',
        'etc/tuned/profiles/web/tuned.conf': `[sysctl]\n${off}`,
      }),
      [`1 ${place}:2, ${byWeb}`],
    ],
    [
      'several profiles, and the one that is loaded after them',
      web(`[sysctl]\n${off}`, {
        'etc/tuned/active_profile': 'web two',
        'etc/tuned/post_loaded_profile': 'three\n',
        'etc/tuned/two/tuned.conf': `[sysctl]\n${off}`,
        'etc/tuned/three/tuned.conf': `[sysctl]\n${on}`,
      }),
      [`1 /etc/tuned/three/tuned.conf:2, ${byWeb} two three`],
    ],
  ])('%s', (_, tree, expected) => {
    const boot = bootIn(plant(tree));
    expect(later(boot)).toEqual(expected);
    expect(boot.unread).toEqual({});
  });

  test.each<[string, Tree, readonly string[], Readonly<Record<string, string>>]>([
    [
      'a profile that is not there',
      web(`[main]\ninclude=gone\n[sysctl]\n${on}`),
      [`1 ${place}:4, ${byWeb}, if tuned can load its profiles`],
      { [place]: 'names the profile "gone", which was not found' },
    ],
    [
      'a profile that a function names',
      web(`[main]\ninclude=\${f:virt_check:a:b}\n[sysctl]\n${on}`),
      [`1 ${place}:4, ${byWeb}`],
      { [place]: `includes "\${f:virt_check:a:b}", which only tuned can tell` },
    ],
    ['a profile that is none', web('what is this\n'), [], { [place]: 'tuned cannot parse it' }],
    [
      'no active profile',
      web('', { 'etc/tuned/active_profile': '' }),
      [],
      { '/etc/tuned/active_profile': 'empty, so that tuned chooses a profile' },
    ],
    ['a name that leads elsewhere', web('', { 'etc/tuned/active_profile': '../../etc/shadow $(reboot) *\n' }), [], {}],
  ])('%s is said', (_, tree, expected, unread) => {
    const boot = bootIn(plant(tree));
    expect(later(boot)).toEqual(expected);
    expect(boot.unread).toEqual(unread);
  });

  test('applies the files of /etc and /run once more, its own way', () => {
    const tree = web('[sysctl]\n# nothing\n', {
      'etc/tuned/tuned-main.conf': 'reapply_sysctl = 1\nreapply_sysctl_exclude = net.core.*, net.ipv4.ip_*\n',
      'etc/sysctl.conf': `${on}net.core.somaxconn = 1\n`,
      'etc/sysctl.d/50.conf': `-${key} = 7\n${key} = 5\nnet.ipv4.tcp_* = 8\n`,
      'etc/sysctl.d/60.conf': `${key} = 6\n`,
      'run/sysctl.d/60.conf': `${key} = 3\n`,
      'usr/lib/sysctl.d/70.conf': `${key} = 9\n`,
    });
    const boot = bootIn(plant(tree));
    expect(later(boot)).toEqual([
      '5 /etc/sysctl.d/50.conf:2, again by tuned',
      '3 /run/sysctl.d/60.conf:1, again by tuned',
      '1 /etc/sysctl.conf:1, again by tuned',
    ]);
    expect(later(boot, 'net.core.somaxconn')).toEqual([]);
  });
});
