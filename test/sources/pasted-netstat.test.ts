import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { netstat } from '../../src/sources/netstat.ts';
import { type Gleaned, glean } from '../../src/sources/pasted.ts';
import { zerosOf } from '../../src/sources/pasted-counter-order.ts';
import { snmp } from '../../src/sources/snmp.ts';
import fc from '../fast-check.ts';
import { oldPhrases, printNetstat, recentPhrases } from './netstat-printer.ts';

const read = (text: string): Gleaned => glean({ name: 'paste.txt', text });

/** Every counter of a text by name, what it shows to be 0 by silence included. */
const counters = (text: string): Readonly<Record<string, number>> =>
  Object.fromEntries(read(text).counters.flatMap(({ values }) => [...values]));
const inferred = (text: string): readonly string[] => read(text).counters.flatMap(pasted => [...pasted.inferred]);

describe('a phrase of netstat -s', () => {
  test.each([
    ['387158 passive connections rejected because of time stamp', 'TcpExt.PAWSPassive', 387_158],
    ['    13 packets rejects in established connections because of timestamp', 'TcpExt.PAWSEstab', 13],
    ['    4 packetes rejected in established connections because of timestamp', 'TcpExt.PAWSEstab', 4],
    ['    2 packets rejected in established connections because of timestamp', 'TcpExt.PAWSEstab', 2],
    ['    3 active connections rejected because of time stamp', 'TcpExt.PAWSActive', 3],
    ['438798 SYNs to LISTEN sockets ignored', 'TcpExt.ListenDrops', 438_798],
    ['438798 SYNs to LISTEN sockets dropped', 'TcpExt.ListenDrops', 438_798],
    ['438798 times the listen queue of a socket overflowed', 'TcpExt.ListenOverflows', 438_798],
    ['202270382 invalid SYN cookies received', 'TcpExt.SyncookiesFailed', 202_270_382],
    ['7 SYN cookies received', 'TcpExt.SyncookiesRecv', 7],
    ['5 packets pruned from receive queue because of socket buffer overrun', 'TcpExt.PruneCalled', 5],
    ['5 packets pruned from receive queue', 'TcpExt.RcvPruned', 5],
    ['9 packet headers predicted and directly queued to user', 'TcpExt.TCPHPHitsToUser', 9],
    ['3764018530 active connections openings', 'Tcp.ActiveOpens', 3_764_018_530],
    ['126 active connection openings', 'Tcp.ActiveOpens', 126],
    ['15511 bad segments received.', 'Tcp.InErrs', 15_511],
    ['1619454 segments sent out', 'Tcp.OutSegs', 1_619_454],
    ['191055808 segments retransmited', 'Tcp.RetransSegs', 191_055_808],
    ['Quick ack mode was activated 450 times', 'TcpExt.DelayedACKLost', 450],
    ['Detected reordering 6 times using SACK', 'TcpExt.TCPSACKReorder', 6],
    ['TCP ran low on memory 12 times', 'TcpExt.TCPMemoryPressures', 12],
    ['    TCPTimeWaitOverflow: 27360', 'TcpExt.TCPTimeWaitOverflow', 27_360],
    ['    TWKilled: 529', 'TcpExt.TWKilled', 529],
    ['    InNoRoutes: 9', 'IpExt.InNoRoutes', 9],
  ])('%s', (line, name, value) => {
    expect(counters(line)).toEqual({ [name]: value });
  });

  test.each([
    ['a remark behind it', '438798 SYNs to LISTEN sockets ignored       : 收到三次握手ack包'],
    ['a comment behind it', '    438798 SYNs to LISTEN sockets dropped   # all of them'],
    ['a typographic quote', '438798 SYNs to LISTEN sockets dropped”'],
    ['CRLF', '438798 SYNs to LISTEN sockets dropped\r\n'],
    ['thousands of spaces', `${' '.repeat(20_000)}438798   SYNs to LISTEN${' '.repeat(300)}sockets dropped`],
    ['no-break spaces', '\u00a0\u00a0438798\u00a0SYNs to LISTEN sockets dropped'],
    ['quoting of mail', '> > 438798 SYNs to LISTEN sockets dropped'],
    ['a table', '|    438798 SYNs to LISTEN sockets dropped |'],
    ['a bullet', '  - 438798 SYNs to LISTEN sockets dropped'],
    ['the number of the line', '  22: 438798 SYNs to LISTEN sockets dropped'],
    ['cat -n', '    22\t    438798 SYNs to LISTEN sockets dropped'],
    ['separators', '438,798 SYNs to LISTEN sockets dropped'],
    ['capitals', '438798 SYNS TO LISTEN SOCKETS DROPPED'],
    ['tags', '<li>438798 SYNs to LISTEN sockets dropped</li>'],
    ['colour', '\x1b[01;31m438798 SYNs to LISTEN\x1b[0m sockets dropped'],
    ['the section before it', 'TcpExt: 438798 SYNs to LISTEN sockets dropped'],
    ['a broken line', '438798 SYNs to LISTEN\nsockets dropped'],
    ['a prompt above', '[root@web01 ~]# netstat -s | grep -i listen\n    438798 SYNs to LISTEN sockets dropped'],
    [
      'watch',
      'Every 2.0s: netstat -s | grep -i listen    web01: Tue Sep 24\n\n    438798 SYNs to LISTEN sockets dropped',
    ],
    ['a name before each line', 'web01: 438798 SYNs to LISTEN sockets dropped\nweb01: \nweb01: ok'],
  ])('survives %s', (_what, text) => {
    expect(counters(text)['TcpExt.ListenDrops']).toBe(438_798);
  });

  it('is found several times where line ends were lost', () => {
    expect(
      counters(
        '387158 passive connections rejected because of time stamp 825313 packets rejects in established connections because of timestamp',
      ),
    ).toEqual({ 'TcpExt.PAWSPassive': 387_158, 'TcpExt.PAWSEstab': 825_313 });
  });

  test.each([
    ['talk', 'we saw 438798 SYNs to LISTEN sockets dropped last year'],
    ['a command', '# netstat -s |grep -e "passive connections rejected because of time stamp" -e "packets rejects”'],
    ['a negative number of an old release', '    -12 segments received'],
    ['a placeholder', 'X SYNs to LISTEN sockets dropped'],
    ['a part of another number', '1.5 SYNs to LISTEN sockets dropped'],
    ['two hosts', 'web01: 1 SYNs to LISTEN sockets dropped\nweb02: 2 SYNs to LISTEN sockets dropped'],
  ])('is not taken from %s', (_what, text) => {
    expect(counters(text)).toEqual({});
  });

  it('belongs to its section', () => {
    expect(counters('Udp6:\n    7 packets received\nUdp:\n    5 packets received\n')).toEqual({ 'Udp.InDatagrams': 5 });
    expect(counters('Tcp:\n    InCsumErrors: 3\nIpExt:\n    InCsumErrors: 4\n')).toEqual({
      'Tcp.InCsumErrors': 3,
      'IpExt.InCsumErrors': 4,
    });
  });

  it('that comes again counts as it stood last, and that is said', () => {
    const {
      counters: [pasted],
      remarks,
    } = read('5 SYNs to LISTEN sockets dropped\n9 SYNs to LISTEN sockets dropped\n');
    expect(pasted?.values.get('TcpExt.ListenDrops')).toBe(9);
    expect(remarks).toEqual([expect.stringContaining('TcpExt.ListenDrops stands there more than once')]);
  });
});

const whole = `TcpExt:
    2 invalid SYN cookies received
    7429656 TCP sockets finished time wait in fast timer
    1182560 delayed acks sent
    48145934 packet headers predicted
    TCPLossProbes: 437
    TCPTimeWaitOverflow: 1
IpExt:
    InOctets: 5
`;

describe('a line that is not there', () => {
  it('is 0 between two others', () => {
    expect(inferred(whole)).toEqual(
      expect.arrayContaining(['TcpExt.PAWSPassive', 'TcpExt.ListenDrops', 'TcpExt.ListenOverflows']),
    );
  });

  it('is unknown behind the last one, if other kernels may not have it', () => {
    expect(counters(whole)).not.toHaveProperty('TcpExt.TCPReqQFullDrop');
    expect(read(whole).counters.map(({ partial }) => partial)).toEqual([expect.stringContaining('no such line')]);
  });

  it('is unknown where the name came late into the middle of the list', () => {
    for (const late of ['TcpExt.PAWSTimewait', 'TcpExt.TCPMD5Failure', 'TcpExt.PFMemallocDrop']) {
      expect(counters(whole)).not.toHaveProperty(late);
    }
  });

  test.each([
    ['cut out', whole.replace('    1182560 delayed acks sent\n', '\n')],
    ['left out with dots', whole.replace('    1182560 delayed acks sent\n', '...\n')],
    ['picked by grep', 'TcpExt:\n    7 TCP sockets finished time wait in fast timer\n    9 fast retransmits\nIpExt:\n'],
    ['without a section', whole.replace('TcpExt:\n', '').replace('IpExt:\n', '')],
  ])('is unknown in a text that was %s', (_what, text) => {
    expect(inferred(text).filter(name => name.startsWith('TcpExt.'))).toEqual([]);
  });

  it('is 0 also where every other line is blank: so it was pasted', () => {
    expect(inferred(whole.replaceAll('\n', '\n\n'))).toEqual(inferred(whole));
  });
});

const fixtures = join(import.meta.dirname, '../fixtures');
const orders = ['hosts/el7-incident/after', 'hosts/v49-modern-client/after', 'hosts/ubuntu-5.4'].map(host => {
  const names = (file: string) =>
    netstat
      .parse(readFileSync(join(fixtures, host, 'proc/net', file), 'utf8'))
      .names.map(name => name.split('.') as [string, string]);
  return [...names('snmp'), ...names('netstat')].filter(([group]) => ['Ip', 'TcpExt', 'IpExt'].includes(group));
});

/** What left with tcp_tw_recycle: where no other text of the host tells that it did, its silence is a zero. */
const goneSince412 = new Map([['TcpExt.PAWSPassive', 0]]);

test('whatever a kernel counted, netstat -s printed and we read: what is said is true, and no zero is invented', () => {
  const count = fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 2 ** 40 }) },
  );
  const printed = fc
    .constantFrom(...orders)
    .chain(order =>
      fc.tuple(fc.constant(order), fc.array(count, { minLength: order.length, maxLength: order.length })),
    );
  fc.assert(
    fc.property(printed, fc.constantFrom(recentPhrases, oldPhrases), ([order, values], phrases) => {
      const sections: Record<string, [string, number][]> = {};
      const real = new Map<string, number>();
      for (const [index, [group, name]] of order.entries()) {
        const value = group === 'Ip' && name === 'Forwarding' ? 1 : (values[index] as number);
        if (name === 'DefaultTTL') continue;
        sections[group] = [...(sections[group] ?? []), [name, value]];
        real.set(`${group}.${name}`, value);
      }
      const told = read(printNetstat(sections, phrases)).counters;
      for (const { values: said } of told)
        for (const [name, value] of said)
          expect([name, value]).toEqual([name, real.get(name) ?? goneSince412.get(name)]);
      const all = new Set(told.flatMap(({ values: said }) => [...said.keys()]));
      for (const [name, value] of real) if (value > 0) expect(all).toContain(name);
    }),
    { numRuns: 60 },
  );
});

const corpus = join(import.meta.dirname, '../../../shared/corpus');

/** Names of TcpExt as kernels print them; made-up files are left out. */
const headers = [join(fixtures, 'hosts'), join(corpus, 'proc'), join(corpus, 'lab')]
  .filter(directory => existsSync(directory))
  .flatMap(directory =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter(path => /net\/netstat$/.test(path) && !/synthetic|melisai/.test(path))
      .map(
        path =>
          readFileSync(join(directory, path), 'utf8')
            .split('\n')
            .find(line => /^TcpExt: [A-Z]/.test(line)) ?? '',
      ),
  );
const kernels = [...new Set(headers)]
  .filter(header => header !== '')
  .map(header => header.trim().split(/\s+/).slice(1));

test.each(kernels.map(names => [names.length, names.at(-1), names] as const))(
  'whichever line comes last: no zero of a counter that a kernel with %d names up to %s does not have',
  (_count, _last, names) => {
    const has = new Set([...names, 'PAWSPassive']);
    for (const last of names) {
      expect(
        zerosOf('TcpExt', { fields: ['TCPHPHits', last], isCut: false, isEnded: true }).filter(name => !has.has(name)),
      ).toEqual([]);
    }
  },
);

const lab = join(corpus, 'lab');
const captures = existsSync(lab)
  ? readdirSync(lab, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('cmd/netstat_-s.txt'))
  : ['pasted/el7-incident/after/netstat_-s.txt'];

/** The texts and the kernel's own file were read one after the other: a few packets, and sockets of 60 s, lie between. */
const mayDiffer = (name: string, value: number): number => (name === 'TcpExt.TW' ? 100 : Math.max(20, value * 0.05));

test.each(captures)('texts of real kernels say what /proc said in the same second: %s', path => {
  const isLab = existsSync(lab);
  const proc = isLab ? join(lab, path, '../../proc/net') : join(fixtures, 'hosts/el7-incident/after/proc/net');
  const real = new Map([
    ...netstat.parse(readFileSync(join(proc, 'netstat'), 'utf8')),
    ...snmp.parse(readFileSync(join(proc, 'snmp'), 'utf8')),
  ]);
  const directory = join(isLab ? lab : fixtures, path, '..');
  for (const name of ['netstat_-s.txt', 'nstat_-asz.txt']) {
    for (const { source, values } of read(readFileSync(join(directory, name), 'utf8')).counters) {
      if (source === 'proc/net/snmp6') continue;
      for (const [counter, value] of values) {
        const truth = real.get(counter) ?? Number.NaN;
        expect(Math.abs(truth - value), `${name} ${counter}: ${value}, really ${truth}`).toBeLessThanOrEqual(
          mayDiffer(counter, truth),
        );
        if (value === 0 && counter !== 'TcpExt.TW') expect(truth, counter).toBeLessThanOrEqual(20);
      }
    }
  }
});
