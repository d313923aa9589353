import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { courseOf, expectWhole, key, mode, plantScript, running, whole } from '../remediate/script-course.ts';
import { type HostFile, type HostFiles, hostsMissing, madeHost } from '../remediate/script-host.ts';
import { changeOf, scriptOf } from '../remediate/script-plan.ts';

const missing = hostsMissing();
if (missing !== null) console.warn(`scripts are not run on made hosts: ${missing}`);

const { script, remove } = plantScript();
afterAll(remove);

const old = (content: string | Uint8Array, mode = 0o644, owner = 0): HostFile => ({ content, mode, owner });
const toConf: HostFile = { link: '../sysctl.conf' };
const distribution = {
  '/usr/lib/sysctl.d/50-default.conf': 'net.ipv4.conf.*.rp_filter = 2\n-net.ipv4.conf.all.rp_filter\n',
  '/usr/lib/sysctl.d/99-protect-links.conf': 'fs.protected_fifos = 1\n',
};

const corpus = join(import.meta.dirname, '../../../shared/corpus/sysctl-conf');
const setting = existsSync(corpus)
  ? readdirSync(corpus).filter(
      name => name.endsWith('.conf') && /^[^#;]*tcp_tw_recycle/m.test(readFileSync(join(corpus, name), 'utf8')),
    )
  : [];

describe.skipIf(missing !== null)('from published files', () => {
  test.skipIf(setting.length === 0).each(setting)('%s as /etc/sysctl.conf, with and without a link to it', name => {
    const content = readFileSync(join(corpus, name));
    const layouts: readonly (readonly [string, HostFiles])[] = [
      ['dash', { '/etc/sysctl.conf': old(content, 0o640) }],
      ['busybox sh', { '/etc/sysctl.conf': old(content), '/etc/sysctl.d/99-sysctl.conf': toConf }],
      ['bash', { '/etc/sysctl.d/98-tuning.conf': old(content, 0o600, 12) }],
    ];
    for (const [shell, files] of layouts) expectWhole(whole({ script, shell, files: { ...distribution, ...files } }));
  });
});

describe.skipIf(missing !== null)('from whole trees', () => {
  const trees = existsSync(corpus)
    ? readdirSync(corpus).filter(name => existsSync(join(corpus, name, 'etc/sysctl.d')))
    : [];
  const [threshold, redirects] = ['net/ipv4/neigh/default/gc_thresh3', 'net/ipv4/conf/all/accept_redirects'];
  const tree = plantScript(
    scriptOf([
      changeOf('net.ipv4.neigh.default.gc_thresh3', '1024', '9999'),
      changeOf('net.ipv4.conf.all.accept_redirects', '0', '1'),
    ]),
  );
  afterAll(tree.remove);

  test.skipIf(trees.length === 0).each(trees)('%s: charms set one key, ufw the other', name => {
    const etc = join(corpus, name, 'etc');
    const found = readdirSync(etc, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.conf'));
    const host = madeHost({
      ...Object.fromEntries(found.map(path => [`/etc/${path}`, old(readFileSync(join(etc, path)))])),
      '/etc/ufw/ufw.conf': '# x\nENABLED=yes\n',
      '/etc/default/ufw': 'IPT_SYSCTL=/etc/ufw/sysctl.conf\n',
      [`/proc/sys/${threshold}`]: '1024\n',
      [`/proc/sys/${redirects}`]: '0\n',
    });
    try {
      const before = host.etc();
      const boot = (program: string): string =>
        `${program} >/dev/null 2>&1; sysctl -e -q -p /etc/ufw/sysctl.conf 2>/dev/null; echo "=value ${program.slice(-6)} $(cat /proc/sys/${threshold} /proc/sys/${redirects} | tr '\\n' ' ')"`;
      const asOld = `echo 1024 >/proc/sys/${threshold}; echo 0 >/proc/sys/${redirects}`;
      const text = [
        ...['sh=dash', boot('sysctl --system').replace('=value ', '=value old-'), asOld, mode('apply')],
        ...[
          asOld,
          boot('sysctl --system'),
          asOld,
          boot('/usr/lib/systemd/systemd-sysctl'),
          mode('verify'),
          mode('rollback'),
        ],
      ];
      const { codes, values, output } = courseOf(host.run(text.join('\n'), tree.script).output);
      expect(codes, output).toEqual({ apply: 0, verify: 0, rollback: 0 });
      expect(values['old-system'], output).not.toBe('9999 1 ');
      expect([values['system'], values['sysctl']], output).toEqual(['9999 1 ', '9999 1 ']);
      expect(host.etc()).toEqual(before);
    } finally {
      host.remove();
    }
  });
});

const on = `${key} = 1\n`;
const tricky: Readonly<Record<string, HostFiles>> = {
  'no file at all': { '/etc/sysctl.d/README': 'x' },
  'no sysctl.d': { '/etc/sysctl.conf': old(on) },
  'no final line end': { '/etc/sysctl.conf': old(`# a\n${key}=1`) },
  'line ends of DOS': { '/etc/sysctl.conf': old(`a = 1\r\n${key} = 1\r\nb = 2\r\n`) },
  'bytes that are no text': {
    '/etc/sysctl.conf': old(Uint8Array.from([...Buffer.from('# \xff\xfe\x01\x80\n', 'latin1'), ...Buffer.from(on)])),
  },
  slashes: { '/etc/sysctl.conf': old('net/ipv4/tcp_tw_recycle=1\n/net/ipv4/tcp_tw_recycle = 1\n') },
  'blanks and a dash': { '/etc/sysctl.conf': old(`\t -${key}\t =\t1 \n --${key} = 1\n`) },
  'several in one file, the last one right': {
    '/etc/sysctl.conf': old(`${on}${key} = 0\n`),
    '/etc/sysctl.d/99-sysctl.conf': toConf,
    '/etc/sysctl.d/a.conf': on,
    '/usr/lib/sysctl.d/zzz.conf': on,
  },
  'several in one file, the last one wrong': { '/etc/sysctl.conf': old(`${key} = 0\n${on}`) },
  'a glued comment': { '/etc/sysctl.conf': old(`${key} = 1 # fast\n`) },
  'a later name under /etc': { '/etc/sysctl.d/zzz-local.conf': old(on, 0o600, 12) },
  'a name beyond z': { '/etc/sysctl.d/~last.conf': old(on), '/etc/sysctl.d/\u00e4.conf': old(on) },
  'names with blanks, quotes and dollars': { '/etc/sysctl.d/zzz $(touch /etc/gone) `id` \'q\' "d" \\ &.conf': old(on) },
  'a vendor file behind zz': { '/usr/lib/sysctl.d/zzz-vendor.conf': on, '/etc/sysctl.conf': old('') },
  'a vendor file beyond z': { '/usr/lib/sysctl.d/~vendor.conf': on, '/run/sysctl.d/\u00e9.conf': on },
  'a file below /run': {
    '/run/sysctl.d/zzzz.conf': on,
    '/etc/sysctl.d/99-sysctl.conf': toConf,
    '/etc/sysctl.conf': old(on),
  },
  'a masked vendor file': { '/usr/lib/sysctl.d/zzz.conf': on, '/etc/sysctl.d/zzz.conf': { link: '/dev/null' } },
  'a vendor file that an equal name hides': {
    '/usr/lib/sysctl.d/zzz.conf': on,
    '/etc/sysctl.d/zzz.conf': old(`${on}a=1\n`),
  },
  'a link to a vendor file': {
    '/usr/local/lib/tuning.conf': on,
    '/etc/sysctl.d/zzz.conf': { link: '/usr/local/lib/tuning.conf' },
  },
  'a link to a file elsewhere under /etc': {
    '/etc/tuning/net.conf': old(on, 0o600),
    '/etc/sysctl.d/zzz.conf': { link: '../tuning/net.conf' },
    '/etc/sysctl.d/zzz9.conf': { link: 'zzz.conf' },
  },
  'sysctl.conf is a link': { '/etc/tuning/net.conf': old(on), '/etc/sysctl.conf': { link: 'tuning/net.conf' } },
  'dangling links': { '/etc/sysctl.conf': old(on), '/etc/sysctl.d/zzz.conf': { link: 'nothing' } },
  'a pattern': { '/etc/sysctl.d/zzz.conf': old('net.ipv4.tcp_tw_* = 1\nnet.ipv4.*=1\n') },
  'an exclusion behind all': { '/etc/sysctl.d/zzz.conf': old(`-${key}\n`), '/etc/sysctl.d/a.conf': on },
  'an exclusion of a vendor': { '/usr/lib/sysctl.d/zzz.conf': `-${key}\n`, '/etc/sysctl.conf': old(on) },
  'a very long line elsewhere': { '/etc/sysctl.conf': old(`# ${'x'.repeat(9000)}\n${on}`) },
  'a lone carriage return elsewhere': { '/etc/sysctl.conf': old(`# a\r# b\n${on}`) },
  ufw: {
    '/etc/ufw/ufw.conf': 'ENABLED=yes\n',
    '/etc/default/ufw': '# x\nIPT_SYSCTL=/etc/ufw/sysctl.conf\n',
    '/etc/ufw/sysctl.conf': old('net/ipv4/tcp_tw_recycle=1\n'),
  },
  'ufw that applies a file of sysctl.d': {
    '/etc/ufw/ufw.conf': 'ENABLED=yes\n',
    '/etc/default/ufw': 'IPT_SYSCTL="/etc/sysctl.d/zzz.conf"\n',
    '/etc/sysctl.d/zzz.conf': old(on),
  },
  'tuned that applies the files again': {
    '/etc/tuned/active_profile': 'web\n',
    '/etc/tuned/web/tuned.conf': old(`[sysctl]\n${on}`),
    '/usr/lib/sysctl.d/x.conf': `${key} = 0\n`,
  },
  'tuned that has the last word': {
    '/etc/tuned/active_profile': 'web\n',
    '/etc/tuned/tuned-main.conf': 'reapply_sysctl = 0\n',
    '/etc/tuned/web/tuned.conf': old(`[main]\ninclude=base\n[sysctl]\n${on}`),
    '/etc/tuned/base/tuned.conf': old(`[sysctl]\n${key}=1 # x\n`),
  },
  'rc.local': {
    '/etc/rc.local': old(
      `#!/bin/sh\nif true; then\n\tsysctl -w ${key}=1\nfi\necho 1 > ${running}\n/sbin/sysctl -qw '${key} = 1' >/dev/null 2>&1\nexit 0\n`,
      0o755,
    ),
  },
};

describe.skipIf(missing !== null)('tricky layouts', () => {
  const shells = ['dash', 'busybox sh', 'bash --posix'];
  const inTurn = Object.entries(tricky).map(([name, files], index) => [name, shells[index % 3] ?? '', files] as const);
  test.each(inTurn)('%s, under %s', (_name, shell, files) =>
    expectWhole(whole({ script, shell, files: { ...distribution, ...files } })),
  );
});
