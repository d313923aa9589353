import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import fc from '../fast-check.ts';
import { courseOf, expectWhole, key, mode, plantScript, running, whole } from '../remediate/script-course.ts';
import { type HostFile, type HostFiles, hostsMissing, type MadeHost, madeHost } from '../remediate/script-host.ts';
import { auditedWinners } from '../remediate/script-model.ts';
import { scriptOf, scriptPlan, wantedKeys } from '../remediate/script-plan.ts';

const missing = hostsMissing();
if (missing !== null) console.warn(`scripts are not run on made hosts: ${missing}`);

const { script, remove } = plantScript();
const several = plantScript(scriptOf(wantedKeys));
afterAll(() => {
  remove();
  several.remove();
});

const on = `${key} = 1\n`;
const old = (content: string, modeOf = 0o644): HostFile => ({ content, mode: modeOf });
const dropIn = `/etc/sysctl.d/zz-synaudit-${scriptPlan.id}.conf`;

/** Runs something with a host, which is then removed. */
function onHost<T>(files: HostFiles, work: (host: MadeHost) => T, options = {}): T {
  const host = madeHost({ [running]: '1\n', ...files }, options);
  try {
    return work(host);
  } finally {
    host.remove();
  }
}
const run = (host: MadeHost, modes: readonly string[], of = script) =>
  courseOf(host.run(["sh='dash'", ...modes.map(name => mode(name))].join('\n'), of).output);

describe.skipIf(missing !== null)('the winners that a script tells', () => {
  const debian12 = { systemdVersion: 252, osRelease: readFileSync('/etc/os-release', 'utf8') };
  const line = fc.constantFrom(
    ...[
      on,
      `${key}=0\n`,
      `-${key} = 1\n`,
      `--${key} = 1\n`,
      `- ${key} = 1\n`,
      `-${key}\n`,
      `${key}\n`,
      `# ${on}`,
      `; ${on}`,
    ],
    ...['net/ipv4/tcp_tw_recycle = 1\n', '/net/ipv4//tcp_tw_recycle = 1\n', 'net.ipv4/tcp_tw_recycle = 1\n'],
    ...[
      'net.ipv4.tcp_tw_* = 1\n',
      'net.*.tcp_tw_recycle = 0\n',
      '-net.ipv4.tcp_tw_*\n',
      'net.ipv4.tcp_[a-t]w_recycle=1\n',
    ],
    ...['net.ipv4.[!x]cp_tw_recycle=5\n', 'net/ipv4/tcp?tw_recycle=1\n', 'net.ipv4.*=3\n', 'net.ipv4.tcp_[s-t=1\n'],
    ...[`${key} = 1 # on\n`, `${key} =\n`, `${key} = 1\r\n`, `\v${on}`, `\t${on}`, `x = ${key} = 1\n`, `${key} == 1\n`],
    ...['kernel.sysrq = 1\n', '\n', 'vm.swappiness=1\n', 'net.ipv4.tcp_tw_recycle.x = 1\n', `${key}`],
  );
  const text = fc.array(line, { maxLength: 5 }).map(lines => lines.join(''));
  const name = fc.constantFrom('10-a', '50-b', '99-sysctl', '99-zz', 'a', 'Z', 'zz-synaudit-3', 'zzz', '~', 'z b');
  const path = fc
    .tuple(fc.constantFrom('/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d'), name)
    .map(([directory, base]) => `${directory}/${base}.conf`);
  const content: fc.Arbitrary<HostFile> = fc.oneof(
    { weight: 12, arbitrary: text.map(lines => old(lines)) },
    { weight: 1, arbitrary: fc.constantFrom('/dev/null', '/etc/sysctl.conf', 'nothing').map(link => ({ link })) },
  );
  const layouts = fc
    .record({ conf: fc.option(text), files: fc.dictionary(path, content, { maxKeys: 7 }) })
    .map(({ conf, files }): HostFiles => ({ ...files, ...(conf === null ? {} : { '/etc/sysctl.conf': old(conf) }) }));

  test('are those of the audit, and on every made host the way there and back holds', () => {
    let set = 0;
    for (const files of fc.sample(layouts, { numRuns: 50, seed: 20261123 })) {
      let winners: ReturnType<typeof auditedWinners> | undefined;
      const result = whole({
        script,
        files,
        first: host => {
          winners = auditedWinners(host, key, debian12);
        },
        inspect: (host, { reports, output }) => {
          expect(reports['check']?.before, output).toEqual([{ key, running: '1', ...winners }]);
          const after = auditedWinners(host, key, debian12);
          expect(reports['apply']?.after, output).toEqual([{ key, running: '0', ...after }]);
          expect([after.procps?.value, after.systemd?.value], output).toEqual(['0', '0']);
        },
      });
      if (winners?.procps && winners.systemd) set += 1;
      try {
        expectWhole(result);
      } catch (error) {
        console.error(JSON.stringify(files, null, 1));
        throw error;
      }
    }
    expect(set).toBeGreaterThan(20);
  }, 600_000);

  test.each<[string, HostFiles, Parameters<typeof auditedWinners>[2]]>([
    [
      'EL7: systemd reads sysctl.conf itself',
      {
        '/etc/os-release': 'ID="centos"\nVERSION_ID="7"\n',
        '/etc/sysctl.conf': old(on),
        '/etc/sysctl.d/zzz.conf': `${key}=0\n`,
      },
      { systemdVersion: 252, osRelease: 'ID="centos"\nVERSION_ID="7"\n' },
    ],
  ])('%s', (_name, files, about) => {
    onHost(files, host => {
      expect(run(host, ['check']).reports['check']?.before).toEqual([
        { key, running: '1', ...auditedWinners(host, key, about) },
      ]);
    });
  });
});

describe.skipIf(missing !== null)('hosts without systemd', () => {
  const functions = (body: string) => `#!/bin/sh\napply_sysctl() {\n${body}\n}\n`;
  const el6 = functions('  sysctl -e -p /etc/sysctl.conf\n  for f in /etc/sysctl.d/*; do sysctl -e -p "$f"; done');
  const release6 = 'CentOS release 6.10 (Final)\n';

  test('EL6: sysctl.conf is read before the directory, and again when the network starts', () => {
    const files: HostFiles = {
      '/etc/redhat-release': release6,
      '/etc/rc.d/init.d/functions': el6,
      '/etc/sysctl.conf': old(on),
      '/etc/sysctl.d/x.conf': old(on),
    };
    onHost(
      files,
      host => {
        const about = { systemdVersion: null, initscripts: el6, osRelease: release6 };
        const before = auditedWinners(host, key, about);
        const { codes, reports, output } = run(host, ['check', 'apply', 'verify']);
        expect(codes, output).toEqual({ check: 10, apply: 0, verify: 0 });
        expect(reports['check']?.before).toEqual([{ key, running: '1', ...before }]);
        expect(before).toEqual({ procps: { value: '1', file: '/etc/sysctl.d/x.conf', line: 1 }, systemd: null });
        expect(reports['apply']?.after).toEqual([
          { key, running: '0', procps: { value: '0', file: dropIn, line: 3 }, systemd: null },
        ]);
        // the last word of the network script
        host.run(`echo 0 > ${running}; sysctl -e -p /etc/sysctl.conf`);
        expect(readFileSync(host.at(running), 'utf8')).toBe('0\n');
      },
      { withoutSystemd: true },
    );
  });

  test.each<[string, HostFiles]>([
    ['CentOS 5', { '/etc/redhat-release': 'CentOS release 5.11 (Final)\n', '/etc/sysctl.conf': old(`# x\n${on}# y`) }],
    ['no sysctl.conf', {}],
    ['sysctl.conf says nothing', { '/etc/sysctl.conf': old('kernel.sysrq = 0') }],
    ['a directory that nothing reads', { '/etc/sysctl.conf': old(on), '/etc/sysctl.d/x.conf': old(`${key} = 0\n`) }],
  ])('no sysctl.d is read, %s: the line stands in sysctl.conf', (_name, files) => {
    for (const shell of ['dash', 'busybox sh']) {
      onHost(
        files,
        host => {
          const etc = host.etc();
          const modes = ['check', 'apply', 'verify'].map(name => mode(name));
          const boot = `echo 77 > ${running}; sysctl -e -p /etc/sysctl.conf >/dev/null 2>&1; echo "=value boot $(cat ${running})"`;
          const { codes, values, output } = courseOf(
            host.run(
              [`sh='${shell}'`, ...modes, boot, `echo 0 > ${running}`, mode('again', 'apply'), mode('rollback')].join(
                '\n',
              ),
              script,
            ).output,
          );
          expect(codes, output).toEqual({ check: 10, apply: 0, verify: 0, again: 0, rollback: 0 });
          expect(values).toEqual({ boot: '0' });
          expect(host.etc()).toEqual(etc);
        },
        { withoutSystemd: true },
      );
    }
  });
});

describe.skipIf(missing !== null)('several keys', () => {
  const keys: HostFiles = {
    '/proc/sys/net/ipv4/tcp_rmem': '4096\t87380\t6291456\n',
    '/proc/sys/net/ipv4/conf/eth0.100/rp_filter': '1\n',
  };
  test('all that the host has are set, the others are in no file', () => {
    const files: HostFiles = {
      ...keys,
      '/etc/sysctl.conf': old(
        'net.ipv4.tcp_rmem = 4096\t87380  6291456\nnet.core.somaxconn=4096\nnet.ipv4.no_such_key = 0\n',
      ),
      '/usr/lib/sysctl.d/zzz.conf': 'net.ipv4.conf.eth0/100.rp_filter = 1\n',
    };
    onHost(files, host => {
      const etc = host.etc();
      const { codes, reports, output } = run(host, ['check', 'apply', 'verify'], several.script);
      expect(codes, output).toEqual({ check: 10, apply: 0, verify: 0 });
      expect(reports['apply']?.after.map(({ running: held, procps }) => [held, procps?.value])).toEqual([
        ['0', '0'],
        ['4096', '4096'],
        ['4096 131072 6291456', '4096 131072 6291456'],
        ['2', '2'],
        [null, undefined],
      ]);
      expect(reports['check']?.steps).toContain('comment out /etc/sysctl.conf:1');
      host.run(
        'for f in net/ipv4/tcp_rmem net/ipv4/conf/eth0.100/rp_filter; do echo 7 > /proc/sys/$f; done; sysctl --system',
      );
      expect(readFileSync(host.at('/proc/sys/net/ipv4/conf/eth0.100/rp_filter'), 'utf8')).toBe('2\n');
      expect(readFileSync(host.at('/proc/sys/net/ipv4/tcp_rmem'), 'utf8')).toBe('4096 131072 6291456\n');
      expect(existsSync(host.at('/proc/sys/net/ipv4/no_such_key'))).toBe(false);
      expect(readFileSync(host.at(`${dropIn.replace('zz-', 'zzz.conf-zz-')}`), 'utf8')).not.toContain('no_such_key');
      expect(run(host, ['rollback'], several.script).codes).toEqual({ rollback: 0 });
      expect(host.etc()).toEqual(etc);
    });
  });
});

describe.skipIf(missing !== null)('every awk', () => {
  const awks = ['gawk', 'mawk', 'original-awk', 'busybox'].filter(name => existsSync(`/usr/bin/${name}`));
  const files: HostFiles = {
    '/etc/sysctl.conf': old(`# \u00e9\n${on}${key}=1`),
    '/etc/sysctl.d/zzz 1.conf': old(on),
    '/usr/lib/sysctl.d/zzzz.conf': on,
    '/etc/tuned/active_profile': 'web\n',
    '/etc/tuned/tuned-main.conf': 'reapply_sysctl = 0\n',
    '/etc/tuned/web/tuned.conf': old(`[sysctl]\n${on}`),
    '/etc/rc.local': { content: `#!/bin/sh\nsysctl -w ${key}=1\n`, mode: 0o755 },
  };
  test.each(awks)('%s does the same', awk => {
    onHost(files, host => {
      const etc = host.etc();
      const path = `mkdir -p /run/bin; ln -sf /usr/bin/${awk} /run/bin/awk; PATH=/run/bin:$PATH`;
      const modes = ['check', 'apply', 'verify', 'rollback'].map(name => mode(name));
      const { codes, reports, output } = courseOf(host.run([path, 'sh=dash', ...modes].join('\n'), script).output);
      expect(codes, output).toEqual({ check: 10, apply: 0, verify: 0, rollback: 0 });
      expect(reports['check']?.steps).toEqual([
        'comment out /etc/rc.local:2',
        'comment out /etc/sysctl.conf:2, /etc/sysctl.conf:3',
        'comment out /etc/tuned/web/tuned.conf:2',
        'write /etc/sysctl.d/zzzz.conf-zz-synaudit-20261123T015316Z-ab12.conf',
        `set ${key} from 1 to 0`,
      ]);
      expect(output).not.toMatch(/^awk/m);
      expect(host.etc()).toEqual(etc);
    });
  });

  test('one that does not work is noticed before anything is changed', () => {
    onHost(files, host => {
      const etc = host.etc();
      const broken = 'mkdir /run/bin; ln -s /bin/false /run/bin/awk; PATH=/run/bin:$PATH';
      const { codes, output } = courseOf(
        host.run([broken, 'sh=dash', mode('check'), mode('apply')].join('\n'), script).output,
      );
      expect(codes, output).toEqual({ check: 3, apply: 3 });
      expect(host.etc()).toEqual(etc);
    });
  });
});

describe.skipIf(missing !== null)('after somebody else', () => {
  test('an edited file keeps that edit and loses only our marks', () => {
    onHost({ '/etc/sysctl.conf': old(`# first\n${on}# last\n`) }, host => {
      expect(run(host, ['apply']).codes).toEqual({ apply: 0 });
      appendFileSync(host.at('/etc/sysctl.conf'), 'vm.swappiness = 1\n');
      appendFileSync(host.at(dropIn), 'vm.dirty_ratio = 5\n');
      const { codes, reports } = run(host, ['rollback']);
      expect(codes).toEqual({ rollback: 0 });
      expect(readFileSync(host.at('/etc/sysctl.conf'), 'utf8')).toBe(`# first\n${on}# last\nvm.swappiness = 1\n`);
      expect(readFileSync(host.at(dropIn), 'utf8')).toMatch(/^# Written by synaudit.*\nvm\.dirty_ratio = 5\n$/);
      expect(reports['rollback']?.steps).toContain(
        'take only our marks out of /etc/sysctl.conf: somebody has changed it since',
      );
    });
  });

  test('a value that somebody has set since stays', () => {
    onHost({}, host => {
      expect(run(host, ['apply']).codes).toEqual({ apply: 0 });
      writeFileSync(host.at(running), '2\n');
      const { codes, reports } = run(host, ['rollback']);
      expect(codes).toEqual({ rollback: 0 });
      expect(readFileSync(host.at(running), 'utf8')).toBe('2\n');
      expect(reports['rollback']?.steps).toContain(`leave ${key} at 2: somebody has set it since`);
    });
  });

  test('what was put on again is found by verify and mended by apply, and the way back stays the first one', () => {
    onHost({ '/etc/sysctl.conf': old(on) }, host => {
      const etc = host.etc();
      expect(run(host, ['apply']).codes).toEqual({ apply: 0 });
      appendFileSync(host.at('/etc/sysctl.conf'), on);
      expect(run(host, ['verify', 'check']).codes).toEqual({ verify: 1, check: 10 });
      const { codes, output } = run(host, ['apply', 'verify', 'rollback']);
      expect(codes, output).toEqual({ apply: 0, verify: 0, rollback: 0 });
      expect(readFileSync(host.at('/etc/sysctl.conf'), 'utf8')).toBe(on + on);
      expect(Object.keys(host.etc())).toEqual(Object.keys(etc));
    });
  });
});

describe.skipIf(missing !== null)('files that cannot be renamed over', () => {
  test('a file with two names keeps both, a file that is mounted is written in place', () => {
    onHost({ '/etc/sysctl.conf': old(on, 0o640), '/etc/mounted.conf': old(on) }, host => {
      host.run('ln /etc/sysctl.conf /etc/sysctl.conf.also');
      const etc = host.etc();
      const { codes, output } = run(host, ['apply', 'verify', 'rollback']);
      expect(codes, output).toEqual({ apply: 0, verify: 0, rollback: 0 });
      expect(host.etc()).toEqual(etc);
      const mounted = courseOf(
        host.run(
          [
            'sh=dash',
            'mount --bind /etc/mounted.conf /etc/sysctl.conf',
            mode('apply'),
            'echo "=value mounted $(head -n 1 /etc/mounted.conf)"',
            mode('rollback'),
          ].join('\n'),
          script,
        ).output,
      );
      expect(mounted.codes, mounted.output).toEqual({ apply: 0, rollback: 0 });
      expect(mounted.values['mounted']).toBe(`# synaudit ${scriptPlan.id} was: ${on.trim()}`);
      expect(host.etc()).toEqual(etc);
    });
  });
});

describe.skipIf(missing !== null)('refuses before anything is changed', () => {
  const refused: Readonly<Record<string, readonly [HostFiles, RegExp]>> = {
    'another host': [{ '/proc/sys/kernel/hostname': 'web02\n' }, /calls itself web02/],
    'another value': [{ [running]: '2\n' }, /is 2, neither 1, for which the plan was made, nor 0/],
    'NUL bytes': [{ '/etc/sysctl.conf': old(`${on}\0\n`) }, /NUL bytes/],
    'a carriage return inside the line': [
      { '/etc/sysctl.d/zzz.conf': old(`# x\r${on}`), '/etc/sysctl.conf': old(`${key} = 1\rx = 2\n`) },
      /carriage return/,
    ],
    'sysctl.conf is a link out of /etc': [
      { '/usr/local/lib/x.conf': on, '/etc/sysctl.conf': { link: '/usr/local/lib/x.conf' } },
      /by hand/,
    ],
    'a line break in a name': [{ '/etc/sysctl.d/a\nb.conf': on }, /line break in its name/],
    'tuned of the vendor has the last word': [
      {
        '/etc/tuned/active_profile': 'web\n',
        '/etc/tuned/tuned-main.conf': 'reapply_sysctl=no\n',
        '/usr/lib/tuned/web/tuned.conf': `[sysctl]\n${on}`,
      },
      /usr\/lib\/tuned\/web\/tuned.conf:2/,
    ],
    'rc.local with a loop': [
      { '/etc/rc.local': { content: `#!/bin/sh\ntest -e /x && sysctl -w ${key}=1\n`, mode: 0o755 } },
      /rc.local:2/,
    ],
    'rc.local with a here-document': [
      { '/etc/rc.local': { content: `#!/bin/sh\ncat <<E >/x\nsysctl -w ${key}=1\nE\n`, mode: 0o755 } },
      /rc.local:3/,
    ],
  };
  test.each(Object.entries(refused))('%s', (name, [files, why]) => {
    onHost({ '/usr/lib/tuned/x/tuned.conf': '', ...files }, host => {
      const etc = host.etc();
      const { codes, reports, output } = run(host, ['check', 'apply', 'verify', 'rollback']);
      expect(codes, output).toMatchObject({ check: 3, apply: 3, rollback: 0 });
      expect(codes['verify']).not.toBe(0);
      expect(reports['check']?.problems.join('\n'), output).toMatch(why);
      expect(reports['apply']?.problems.join('\n')).toMatch(why);
      expect(host.etc()).toEqual(etc);
      expect(readFileSync(host.at(running), 'utf8')).toBe(name === 'another value' ? '2\n' : '1\n');
    });
  });
});
