import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { absent, known, ok, whyMissing } from '../../src/model/reading.ts';
import { type CounterSource, counter, type Snapshot, setting } from '../../src/model/snapshot.ts';
import { withEarlier } from '../../src/snapshot/earlier.ts';
import { snapshotOfPasted } from '../../src/snapshot/pasted.ts';
import { glean } from '../../src/sources/pasted.ts';

const fixture = (path: string): string => readFileSync(join(import.meta.dirname, '../fixtures/pasted', path), 'utf8');

/** A host of texts by name; one whose name is a path of /proc is that file. */
const host = (texts: Readonly<Record<string, string>>): Snapshot =>
  snapshotOfPasted(
    Object.entries(texts).map(([name, text]) => glean({ name, text, ...(name.startsWith('proc/') && { path: name }) })),
  );

const netstat = 'proc/net/netstat';
const paws = 'TcpExt.PAWSPassive';

/** `7`, or why there is none. */
function told(snapshot: Snapshot, field: string, source: CounterSource = netstat): string {
  const reading = counter(snapshot, source, field);
  return reading.state === 'ok' ? String(reading.value.value) : whyMissing(reading);
}

/** TcpExt without a line about rejected SYNs, and with one of a later counter. */
const quiet =
  'TcpExt:\n    5 delayed acks sent\n    9 packet headers predicted\n    TCPTimeWaitOverflow: 1\nIpExt:\n    InOctets: 5\n';
const whole = (more = ''): string =>
  ['tcp_tw_reuse', 'tcp_timestamps', ...Array.from({ length: 22 }, (_, i) => `tcp_key${i}`)]
    .map(key => `net.ipv4.${key} = 0\n`)
    .join('') + more;

test('the host name stands in sysctl -a', () => {
  expect(known(host({ s: whole('kernel.hostname = web01\n') }).hostname)).toBe('web01');
  expect(known(host({ s: whole() }).hostname)).toBeUndefined();
});

describe('a counter that a text does not show', () => {
  test.each([
    ['is 0 where netstat -s would have printed it', { n: quiet }, paws, '0'],
    [
      'is unknown where it may have been left out',
      { n: '5 SYNs to LISTEN sockets dropped\n' },
      paws,
      'not collected (the netstat -s text has no such line, and does not show that it is 0)',
    ],
    [
      'is not in this kernel if the whole of its sysctls has no tcp_tw_recycle',
      { n: quiet, s: whole() },
      paws,
      'not in this kernel',
    ],
    ['is 0 if the key is among them', { n: quiet, s: whole('net.ipv4.tcp_tw_recycle = 1\n') }, paws, '0'],
    ['is 0 if only some keys are there', { n: quiet, s: 'net.ipv4.tcp_syncookies = 1\n' }, paws, '0'],
    [
      'is not in this kernel if sysctl said that the key is not',
      { n: quiet, s: 'sysctl: cannot stat /proc/sys/net/ipv4/tcp_tw_recycle: No such file or directory\n' },
      paws,
      'not in this kernel',
    ],
    [
      'is unknown in quoted lines whatever the sysctls say',
      { n: '5 SYNs to LISTEN sockets dropped\n', s: whole() },
      paws,
      expect.stringContaining('not collected'),
    ],
    [
      'is not in this kernel if its whole table does not have it',
      { 'proc/net/netstat': 'TcpExt: TW\nTcpExt: 5\n', n: quiet },
      paws,
      'not in this kernel',
    ],
    ['is unknown without any text of counters', { s: whole() }, paws, 'not collected'],
  ])('%s', (_what, texts, field, expected) => {
    expect(told(host(texts as Record<string, string>), field)).toEqual(expected);
  });

  it('stays what a text says in so many words', () => {
    const snapshot = host({
      n: `${quiet.replace('TcpExt:\n', 'TcpExt:\n    7 passive connections rejected because of time stamp\n')}`,
      s: whole(),
    });
    expect(told(snapshot, paws)).toBe('7');
  });
});

describe('texts that say the same', () => {
  it('count by how whole they are, not by their order', () => {
    const nstat = 'TcpExtListenDrops 8 0.0\nTcpExtTW 3 0.0\n';
    const said = '7 SYNs to LISTEN sockets dropped\n';
    const table = 'TcpExt: ListenDrops\nTcpExt: 9\n';
    for (const texts of [
      { 'proc/net/netstat': table, said, nstat },
      { nstat, said, 'proc/net/netstat': table },
    ]) {
      expect(told(host(texts), 'TcpExt.ListenDrops')).toBe('9');
    }
    expect(told(host({ said, nstat }), 'TcpExt.TW')).toBe('3');
  });

  it('let words stand before silence', () => {
    expect(told(host({ said: '7 SYNs to LISTEN sockets dropped\n', quiet }), 'TcpExt.ListenDrops')).toBe('7');
    expect(told(host({ quiet, said: '7 SYNs to LISTEN sockets dropped\n' }), 'TcpExt.ListenDrops')).toBe('7');
  });
});

describe('settings', () => {
  const value = (snapshot: Snapshot, key: string) => {
    const reading = setting(snapshot, key);
    return reading.state === 'ok' ? reading.value : whyMissing(reading);
  };

  it('that were not pasted are not collected; of a whole dump they are not in this kernel', () => {
    expect(value(host({ s: 'net.ipv4.tcp_syncookies = 1\n' }), 'net.core.somaxconn')).toBe('not collected');
    expect(value(host({ s: whole() }), 'net.netfilter.nf_conntrack_max')).toBe('not in this kernel');
  });

  it('of a kernel stand before those of a file', () => {
    const file = '# ours\nnet.ipv4.tcp_tw_recycle = 1\n';
    expect(value(host({ s: 'net.ipv4.tcp_tw_recycle = 0\n', file }), 'net.ipv4.tcp_tw_recycle')).toBe('0');
    expect(value(host({ file }), 'net.ipv4.tcp_tw_recycle')).toBe('1');
  });

  it('of a file add no key that a whole dump does not have', () => {
    const snapshot = host({
      s: whole(),
      file: '# ours\nnet.ipv4.tcp_tw_recycle = 1\nnet.core.somaxconn = 9\n',
      n: quiet,
    });
    expect(value(snapshot, 'net.ipv4.tcp_tw_recycle')).toBe('not in this kernel');
    expect(told(snapshot, paws)).toBe('not in this kernel');
  });

  it('of a tree stand before those of texts, but for those that could not be read', () => {
    const tree = {
      ...host({ s: 'net.ipv4.tcp_tw_recycle = 0\n' }),
      settings: new Map([
        ['net.ipv4.tcp_tw_recycle', ok('0')],
        ['net.ipv4.tcp_syncookies', absent('not-permitted')],
      ]),
    };
    const text = glean({ name: 's', text: 'net.ipv4.tcp_tw_recycle = 1\nnet.ipv4.tcp_syncookies = 2\n' });
    const snapshot = snapshotOfPasted([text], tree);
    expect([value(snapshot, 'net.ipv4.tcp_tw_recycle'), value(snapshot, 'net.ipv4.tcp_syncookies')]).toEqual([
      '0',
      '2',
    ]);
  });

  it('of a file that has its name win at boot, as far as is known', () => {
    const snapshot = host({
      s: 'net.ipv4.tcp_tw_recycle = 0\n',
      'sysctl.conf': '# ours\nnet.ipv4.tcp_tw_recycle = 1\r\n',
    });
    const boot = known(snapshot.boot);
    expect(boot?.procps.get('net.ipv4.tcp_tw_recycle')).toMatchObject({
      value: '1',
      file: '/etc/sysctl.conf',
      line: 2,
    });
    expect(boot?.unread).toEqual({ 'other sysctl files': 'not collected' });
    expect(
      known(host({ '90-web.conf': 'net.ipv4.tcp_tw_recycle=1\n' }).boot)?.procps.get('net.ipv4.tcp_tw_recycle')?.file,
    ).toBe('/etc/sysctl.d/90-web.conf');
    expect(host({ 'notes.txt': 'net.ipv4.tcp_tw_recycle=1\n' }).boot.state).toBe('absent');
  });
});

describe('sockets', () => {
  const peer = 'ESTAB 0 0 10.0.0.1:8080 10.8.0.5:40000\n';

  it('that only listen are no table: nothing is known of the peers', () => {
    expect(host({ ss: 'LISTEN 129 128 *:8080 *:*\n' }).sockets).toMatchObject({
      state: 'absent',
      why: 'not-collected',
      detail: expect.stringContaining('ss -tan'),
    });
    expect(host({ ss: peer }).sockets.state).toBe('absent');
  });

  it('take the limits of their queues from ss', () => {
    const snapshot = host({
      proc: readFileSync(join(import.meta.dirname, '../fixtures/hosts/el7-incident/after/proc/net/tcp'), 'utf8'),
      ss: fixture('el7-incident/after/ss_-ltn.txt'),
    });
    expect(known(snapshot.sockets)?.listeners).toContainEqual({
      address: '0.0.0.0',
      port: 8080,
      queued: 0,
      limit: 128,
    });
  });
});

describe('an older text of the same host', () => {
  const opens = (count: number): string => `${count} passive connection openings\n`;
  const pair = (now: Readonly<Record<string, string>>, earlier: Readonly<Record<string, string>>): Snapshot =>
    withEarlier(host(now), host(earlier));

  it('is the first sample, and what it leaves out was 0', () => {
    const snapshot = withEarlier(
      host({ n: fixture('el7-incident/after/netstat_-s.txt') }),
      host({ n: fixture('el7-incident/before/netstat_-s.txt') }),
    );
    expect(known(counter(snapshot, netstat, paws))).toMatchObject({ value: 215, earlier: 0 });
    expect(known(counter(snapshot, netstat, paws))).not.toHaveProperty('perSecond');
    expect(snapshot.onlyOneSample).toBeNull();
  });

  it('gives rates where both tell the uptime', () => {
    const up = (minutes: number): string => ` 12:00:00 up ${minutes} min,  1 user,  load average: 0.00, 0.01, 0.05\n`;
    const snapshot = pair({ n: opens(900), u: up(30) }, { n: opens(300), u: up(20) });
    expect(known(counter(snapshot, 'proc/net/snmp', 'Tcp.PassiveOpens'))).toMatchObject({ earlier: 300, perSecond: 1 });
  });

  test.each([
    [
      'the uptime fell',
      { n: opens(9), u: 'up 1 hour, 5 minutes' },
      { n: opens(5), u: 'up 2 hours, 5 minutes' },
      'rebooted',
    ],
    ['a counter fell', { n: opens(5) }, { n: opens(9) }, 'Tcp.PassiveOpens is lower'],
    [
      'it is another boot',
      { n: opens(9), s: 'kernel.random.boot_id = a' },
      { n: opens(5), s: 'kernel.random.boot_id = b' },
      'rebooted',
    ],
    ['it is another kernel', { n: opens(9), s: '4.9.0-1' }, { n: opens(5), s: '4.9.0-2' }, 'rebooted'],
  ])('is left aside if %s', (_what, now, earlier, why) => {
    const snapshot = pair(now, earlier);
    expect(snapshot.samples).toHaveLength(1);
    expect(snapshot.onlyOneSample).toContain(why);
  });
});
