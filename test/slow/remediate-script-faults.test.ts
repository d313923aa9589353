import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { courseOf, key, mode, plantScript, running } from '../remediate/script-course.ts';
import { type HostFiles, hostsMissing, type MadeHost, madeHost } from '../remediate/script-host.ts';
import { changeOf, recycleOff, scriptOf, scriptPlan } from '../remediate/script-plan.ts';

const missing = hostsMissing();
if (missing !== null) console.warn(`scripts are not run on made hosts: ${missing}`);

const { script, remove } = plantScript();
afterAll(remove);

const on = `${key} = 1\n`;
/** Everything that a script can have to do: two files to edit, one of them in place, a directory to make, a value to set. */
const busy: HostFiles = {
  [running]: '1\n',
  '/etc/sysctl.conf': { content: `# first\n${on}# last`, mode: 0o640, owner: 12 },
  '/etc/ufw/ufw.conf': 'ENABLED=yes\n',
  '/etc/default/ufw': 'IPT_SYSCTL=/etc/ufw/sysctl.conf\n',
  '/etc/ufw/sysctl.conf': { content: 'net/ipv4/tcp_tw_recycle=1\n' },
};
const home = `/var/lib/synaudit/${scriptPlan.id}`;
const run = (host: MadeHost, text: readonly string[]) =>
  courseOf(host.run(["sh='dash'", ...text].join('\n'), script).output);
const value = `echo "=value running $(cat ${running})"`;

/** A made host whose programs are counted, and which ends the shell that calls the n-th of them by kill -9. */
function onBusyHost<T>(work: (host: MadeHost) => T): T {
  const host = madeHost(busy);
  host.run('ln /etc/ufw/sysctl.conf /etc/ufw/also');
  try {
    return work(host);
  } finally {
    host.remove();
  }
}

/** The programs that change something, in a directory in front of PATH. Each call counts; call $kill_at ends its parent. */
const counted = ['mv', 'cp', 'cat', 'rm', 'mkdir', 'chmod', 'touch', 'sync', 'ln', 'rmdir', 'sed', 'date'];
const killer = `
mkdir -p /run/bin
for name in ${counted.join(' ')}; do
  printf '%s\\n' '#!/bin/bash' 'exec 9>>/run/turn; flock 9; n=$(($(</run/calls) + 1)); echo $n >/run/calls; exec 9>&-' \\
    "[ \\$n != \\"\\$kill_at\\" ] || [ \\"\\$when\\" = after ] || { kill -9 \\$victim; exit 1; }" "$(command -v $name) \\"\\$@\\"; code=\\$?" \\
    '[ $n != "$kill_at" ] || kill -9 $victim' 'exit $code' >/run/bin/$name
done
chmod 755 /run/bin/*
echo 0 >/run/calls`;
/** Runs a mode of the script with itself as the victim. */
const killed = (name: string, at: number, when: string): string => `
${killer}
kill_at=${at} when=${when} PATH=/run/bin:$PATH dash -c 'victim=$$; export victim; exec dash "$script" --${name}' >/dev/null 2>&1
echo "=value code $?"; echo "=value calls $(cat /run/calls)"; ${value}`;

/** At most so many of the calls, evenly; with EVERY_STEP=1 all of them, which takes minutes. */
const stepsOf = (calls: number): readonly number[] => {
  const all = Array.from({ length: calls }, (_, index) => index + 1);
  return process.env['EVERY_STEP'] === '1' ? all : all.filter(at => at % Math.ceil(calls / 35) === 0);
};

describe.skipIf(missing !== null)('kill -9 of the shell', () => {
  const callsOf = (name: string, before: readonly string[]): number =>
    onBusyHost(host => Number(run(host, [...before, killed(name, -1, 'before')]).values['calls']));
  const rebooted = `echo 1 > ${running}; echo b2 > /proc/sys/kernel/random/boot_id`;

  test('at any step of --apply: what comes then finishes it or takes it back', () => {
    const calls = callsOf('apply', []);
    expect(calls).toBeGreaterThan(40);
    const states = new Set<string>();
    let kills = 0;
    for (const at of stepsOf(calls)) {
      onBusyHost(host => {
        const etc = host.etc();
        const when = Math.floor(at / 2) % 2 === 0 ? 'before' : 'after';
        const cut = run(host, [killed('apply', at, when), ...(at % 5 < 2 ? [rebooted] : []), mode('check')]);
        // what programs of a pipeline do may end after the shell has: the very last numbers are not always in time
        if (cut.values['code'] === '137') kills += 1;
        else expect([at > calls - 5, cut.values['code']], `call ${at}`).toEqual([true, '0']);
        states.add(cut.reports['check']?.state ?? 'no report');
        // finished: as if it had never been cut, and taken back from there
        const first = at % 8 < 4 ? ['apply', 'verify', 'rollback'] : ['rollback'];
        const after = run(host, [...first.map(name => mode(name)), value]);
        for (const name of first) expect(after.codes[name], `call ${at}: ${after.output}`).toBe(0);
        expect(after.values['running'], `call ${at}`).toBe('1');
        expect(host.etc(), `call ${at}`).toEqual(etc);
        expect(after.reports['rollback']?.state, `call ${at}`).toMatch(/none|rolled-back/);
      });
    }
    expect([...states].sort()).toEqual(['applied', 'begun', 'none']);
    expect(kills).toBeGreaterThan(stepsOf(calls).length - 5);
  }, 900_000);

  test('at any step of --rollback: another one finishes it', () => {
    const calls = callsOf('rollback', [mode('apply')]);
    expect(calls).toBeGreaterThan(20);
    let kills = 0;
    for (const at of stepsOf(calls)) {
      onBusyHost(host => {
        const etc = host.etc();
        const cut = run(host, [
          mode('apply'),
          killed('rollback', at, Math.floor(at / 2) % 2 === 0 ? 'before' : 'after'),
        ]);
        if (cut.values['code'] === '137') kills += 1;
        else expect([at > calls - 5, cut.values['code']], `call ${at}`).toEqual([true, '0']);
        const next = at % 5 < 2 ? ['apply', 'verify', 'rollback'] : ['rollback'];
        const after = run(host, [...next.map(name => mode(name)), value]);
        for (const name of next) expect(after.codes[name], `call ${at}: ${after.output}`).toBe(0);
        expect(after.values['running'], `call ${at}`).toBe('1');
        expect(host.etc(), `call ${at}`).toEqual(etc);
      });
    }
    expect(kills).toBeGreaterThan(stepsOf(calls).length - 5);
  }, 900_000);
});

describe.skipIf(missing !== null)('a disk that is full', () => {
  /** /var/lib or /etc on a tmpfs of so many KiB, filled but for so many bytes. */
  const small = (path: string, kib: number, free: number): string => `
mkdir -p /run/copy && cp -a ${path}/. /run/copy/
mount -t tmpfs -o size=${kib}k none ${path} && cp -a /run/copy/. ${path}/
room=$(($(df -k --output=avail ${path} | tail -n 1) * 1024 - ${free}))
[ $room -le 0 ] || head -c $room /dev/zero >${path}/filled`;

  test.each([0, 4096, 8192, 16384, 24576, 32768])('/var/lib with %i free bytes: done, or nothing is changed', free => {
    onBusyHost(host => {
      const etc = host.etc();
      const { codes, values, output } = run(host, [small('/var/lib', 64, free), mode('apply'), value]);
      expect([0, 3, 4], output).toContain(codes['apply']);
      if (codes['apply'] === 0) expect(values['running']).toBe('0');
      else {
        expect(values['running'], output).toBe('1');
        expect(host.etc(), output).toEqual(etc);
      }
    });
  });

  test.each([0, 4096, 8192, 12288])('a full /etc with %i free bytes: done, or as before', free => {
    onBusyHost(host => {
      const list = `(cd /etc && find . ! -type d ! -path './alternatives/*' ! -name filled | sort | xargs -d '\\n' stat -c '%n %a %u %Y' && sha1sum sysctl.conf ufw/sysctl.conf)`;
      const text = [
        small('/etc', 4096, free),
        `${list} >/run/one`,
        mode('apply'),
        value,
        `${list} >/run/two`,
        'cmp /run/one /run/two && echo "=value etc same"',
      ];
      const { codes, values, output } = run(host, text);
      expect([0, 4], output).toContain(codes['apply']);
      if (codes['apply'] === 4) expect(values, output).toMatchObject({ running: '1', etc: 'same' });
      else expect(values['running']).toBe('0');
      if (free === 0) expect(codes['apply']).toBe(4);
    });
  });
});

describe.skipIf(missing !== null)('what cannot be written', () => {
  const readOnly = (path: string): string =>
    `mkdir -p ${path}; mount --bind ${path} ${path}; mount -o remount,ro,bind ${path}`;

  test.each(['/etc', '/etc/sysctl.d', '/etc/ufw', '/var/lib', '/proc/sys'])(
    'a read-only %s is found before anything is changed',
    path => {
      onBusyHost(host => {
        const etc = host.etc();
        const { codes, values, reports, output } = run(host, [readOnly(path), mode('check'), mode('apply'), value]);
        expect(codes, output).toEqual({ check: 3, apply: 3 });
        expect(reports['check']?.problems.join(), output).toContain('cannot be');
        expect(values['running']).toBe('1');
        const { 'sysctl.d/': made, ...rest } = host.etc();
        expect(rest).toEqual(etc);
        expect(made === undefined || path === '/etc/sysctl.d').toBe(true);
      });
    },
  );

  test('a value that the kernel does not take: everything is put back', () => {
    const ttl = '/proc/sys/net/ipv4/ip_default_ttl';
    const impossible = plantScript(scriptOf([recycleOff, changeOf('net.ipv4.ip_default_ttl', '64', '300')]));
    const host = madeHost({ ...busy, [ttl]: '' });
    try {
      const etc = host.etc();
      // the real one, which refuses what is above 255
      const real = `mkdir /run/proc; mount -t proc proc /run/proc; mount --bind /run/proc/sys/net/ipv4/ip_default_ttl ${ttl}`;
      const { output } = host.run(['sh=dash', real, mode('apply'), value].join('\n'), impossible.script);
      const { codes, values, reports } = courseOf(output);
      expect(codes, output).toEqual({ apply: 4 });
      expect(reports['apply']?.problems.join('\n')).toContain('the kernel did not take 300');
      expect(reports['apply']?.state).toBe('rolled-back');
      expect(values['running']).toBe('1');
      expect(reports['apply']?.after.map(({ running }) => running)).toEqual(['1', '64']);
      expect(host.etc()).toEqual(etc);
    } finally {
      host.remove();
      impossible.remove();
    }
  });

  test('what cannot be put back is said, and a later rollback does it', () => {
    onBusyHost(host => {
      const etc = host.etc();
      const stuck = run(host, [mode('apply'), readOnly('/etc'), mode('rollback')]);
      expect(stuck.codes, stuck.output).toEqual({ apply: 0, rollback: 5 });
      const problems = stuck.reports['rollback']?.problems.join('\n');
      expect(problems).toContain(`/etc/sysctl.conf could not be put back; its copy is ${home}/before.`);
      expect(problems).toMatch(/zz-synaudit-\S+ could not be removed\.$/m);
      expect(stuck.reports['rollback']?.after[0]).toMatchObject({ running: '1', procps: { value: '0' } });
      expect(stuck.reports['rollback']?.state).toBe('applied');
      const later = run(host, [mode('rollback'), value]);
      expect(later.codes, later.output).toEqual({ rollback: 0 });
      expect(later.values['running']).toBe('1');
      expect(host.etc()).toEqual(etc);
    });
  });
});

describe.skipIf(missing !== null)('a way back that was lost on the host', () => {
  /** As the messages ask for it. */
  const byHand = `sed -i 's/^# synaudit .* was: //' /etc/sysctl.conf /etc/ufw/sysctl.conf; rm -r /etc/sysctl.d; echo 1 >${running}`;

  test.each([
    ['all of it', home, ['/etc/sysctl.conf', '/etc/sysctl.d/zz-synaudit-', '/etc/ufw/sysctl.conf']],
    ['its manifest', `${home}/manifest`, ['/etc/sysctl.conf', '/etc/sysctl.d/zz-synaudit-', '/etc/ufw/sysctl.conf']],
    ['its state', `${home}/state`, ['/etc/sysctl.conf', '/etc/sysctl.d/zz-synaudit-', '/etc/ufw/sysctl.conf']],
    ['its values', `${home}/values`, [`${key} stays at 0`]],
  ])('%s: no rollback says that all is as before, until it is', (_what, lost, named) => {
    onBusyHost(host => {
      const first = run(host, [mode('apply'), `rm -r ${lost}`, mode('rollback'), value]);
      expect(first.codes, first.output).toEqual({ apply: 0, rollback: 5 });
      for (const [index, start] of named.entries())
        expect(first.reports['rollback']?.problems[index], first.output).toContain(start);
      const later = run(host, [byHand, mode('rollback')]);
      expect(later.codes, later.output).toEqual({ rollback: 0 });
    });
  });

  test('--apply does not take the changed files for those of before', () => {
    onBusyHost(host => {
      const { codes, reports, output } = run(host, [mode('first', 'apply'), `rm -r ${home}`, mode('apply')]);
      expect(codes, output).toEqual({ first: 0, apply: 3 });
      expect(reports['apply']?.state).toBe('none');
    });
  });
});

describe.skipIf(missing !== null)('sessions', () => {
  test('on standard input; cut short anywhere it does nothing', () => {
    onBusyHost(host => {
      const etc = host.etc();
      const text = readFileSync(script, 'utf8');
      const sizes = [1, 2, 3, 20, 500].map(part => text.length - part).concat(1000, 20_000);
      sizes.forEach((size, index) => {
        writeFileSync(join(host.root, 'run', `cut-${index}`), text.slice(0, size));
      });
      const cut = sizes.slice(2).map((_size, index) => `dash -s -- --apply </run/cut-${index + 2}`);
      run(host, cut);
      expect(host.etc()).toEqual(etc);
      const { codes, output } = run(host, ['echo "=begin apply"; dash -s -- --apply <$script; echo "=end apply $?"']);
      expect(codes, output).toEqual({ apply: 0 });
    });
  });

  test('nobody reads: it finishes', () => {
    const host = madeHost(busy);
    try {
      const { values } = run(host, [
        `(trap '' PIPE; dash $script --apply 2>&1; echo $? >/run/code) | true; sleep 0.2; until [ -s /run/code ]; do sleep 0.1; done; echo "=value code $(cat /run/code)"`,
        value,
      ]);
      expect(values).toEqual({ code: '0', running: '0' });
      expect(readFileSync(host.at(`${home}/state`), 'utf8')).toBe('applied\n');
    } finally {
      host.remove();
    }
  });

  test('two at once: one works, the other is refused and says so', () => {
    onBusyHost(host => {
      const together =
        'for i in 1 2 3 4; do (dash $script --apply >/run/out.$i 2>&1; echo "=end apply-$i $?") & done; wait';
      const { codes, output } = run(host, [together, mode('verify'), 'cat /run/out.*']);
      const ends = Object.entries(codes)
        .filter(([name]) => name.startsWith('apply-'))
        .map(([, code]) => code);
      expect(ends.length).toBe(4);
      expect(ends, output).toContain(0);
      expect(
        ends.every(code => code === 0 || code === 3),
        output,
      ).toBe(true);
      expect(codes['verify'], output).toBe(0);
    });
  });

  test('a lock whose process is at work is respected, one that was left behind is not', () => {
    onBusyHost(host => {
      const live =
        'sleep 30 & p=$!; printf "%s %s %s\\n" $p "$(sed "s/.*) //" /proc/$p/stat | awk "{print \\$20}")" b1 >/var/lib/synaudit/lock';
      const { codes, reports, output } = run(host, [
        'mkdir -m 700 -p /var/lib/synaudit',
        live,
        mode('check'),
        mode('apply'),
        'kill $p; wait',
        mode('later', 'apply'),
      ]);
      expect(codes, output).toEqual({ check: 10, apply: 3, later: 0 });
      expect(reports['check']?.state).toBe('busy');
    });
  });
});
