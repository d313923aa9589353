import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { known } from '../../src/model/reading.ts';
import { netstat } from '../../src/sources/netstat.ts';
import { type Gleaned, glean } from '../../src/sources/pasted.ts';
import { snmp } from '../../src/sources/snmp.ts';
import { uptime } from '../../src/sources/uptime.ts';

/** What a program of this machine prints; null where it is not installed. */
function printed(program: string, ...argv: string[]): Gleaned | null {
  try {
    const text = execFileSync(program, argv, {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return glean({ name: `${program}.txt`, text });
  } catch {
    return null;
  }
}

const procNow = (): ReadonlyMap<string, number> =>
  new Map([
    ...netstat.parse(readFileSync('/proc/net/netstat', 'utf8')),
    ...snmp.parse(readFileSync('/proc/net/snmp', 'utf8')),
  ]);

const hasProc = existsSync('/proc/net/netstat');

test.skipIf(!hasProc).each([
  ['netstat', ['-s'], 20],
  ['nstat', ['-asz'], 100],
])('%s %j of this machine lies between what the kernel counted before and after', (program, argv, fewest) => {
  const before = procNow();
  const gleaned = printed(program, ...argv);
  const after = procNow();
  if (gleaned === null) return;
  let compared = 0;
  for (const { source, values, inferred } of gleaned.counters) {
    if (source === 'proc/net/snmp6') continue;
    for (const [name, value] of values) {
      if (!before.has(name) && inferred.has(name)) expect(name).toBe('TcpExt.PAWSPassive');
      if (!before.has(name) || name === 'Tcp.CurrEstab') continue;
      expect(value, name).toBeGreaterThanOrEqual(before.get(name) as number);
      expect(value, name).toBeLessThanOrEqual(after.get(name) as number);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(fewest);
});

test.skipIf(!hasProc)('sysctl -a of this machine is whole, and says what /proc/sys says', () => {
  for (const gleaned of [printed('sysctl', '-a'), printed('busybox', 'sysctl', '-a')]) {
    if (gleaned === null) continue;
    expect(gleaned.sysctl?.isWhole).toBe(true);
    const read = (path: string): string => readFileSync(`/proc/sys/${path}`, 'utf8').trim().replace(/\t/g, ' ');
    for (const key of ['tcp_timestamps', 'tcp_mem', 'tcp_congestion_control']) {
      expect(known(gleaned.sysctl?.running.get(`net.ipv4.${key}`) ?? { state: 'malformed', why: 'missing' })).toBe(
        read(`net/ipv4/${key}`),
      );
    }
    expect(gleaned.sysctl?.told.get('kernel.osrelease')).toBe(read('kernel/osrelease'));
  }
});

test.skipIf(!hasProc)('uptime and uname of this machine', () => {
  const seconds = uptime.parse(readFileSync('/proc/uptime', 'utf8'));
  for (const gleaned of [printed('uptime'), printed('busybox', 'uptime')]) {
    if (gleaned !== null) expect(Math.abs((gleaned.system.uptimeSeconds ?? 0) - seconds)).toBeLessThanOrEqual(61);
  }
  const gleaned = printed('uname', '-a');
  expect(gleaned?.system.kernel).toBe(readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim());
});
