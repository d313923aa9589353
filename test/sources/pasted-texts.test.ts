import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { glean } from '../../src/sources/pasted.ts';
import { socketTableOf } from '../../src/sources/pasted-sockets.ts';
import { cpuMs } from '../cpu-time.ts';
import fc from '../fast-check.ts';

const read = (text: string, name = 'paste.txt') => glean({ name, text });
const fixture = (path: string): string => readFileSync(join(import.meta.dirname, '../fixtures', path), 'utf8');

describe('nstat', () => {
  const values = (text: string) => Object.fromEntries(read(text).counters.flatMap(({ values: all }) => [...all]));

  test.each([
    ['TcpExtListenOverflows           12                 0.0', { 'TcpExt.ListenOverflows': 12 }],
    ['TcpPassiveOpens 537', { 'Tcp.PassiveOpens': 537 }],
    ['Ip6OutNoRoutes                  74                 0.0', { Ip6OutNoRoutes: 74 }],
    ['TcpExtTCPSYNChallenge ￪     140      0.0', { 'TcpExt.TCPSYNChallenge': 140 }],
    ['12:TcpExtTCPSynRetrans             295', { 'TcpExt.TCPSynRetrans': 295 }],
    ['TcpExt: 5 6 7', {}],
    ['TcpTimeoutRehash: 3', { 'TcpExt.TcpTimeoutRehash': 3 }],
  ])('%s', (line, expected) => {
    expect(values(line)).toEqual(expected);
  });

  it('with zeros is the whole table, so that a missing name is not in this kernel', () => {
    const netstat = read(fixture('pasted/el7-incident/after/nstat_-asz.txt')).counters.find(
      ({ source }) => source === 'proc/net/netstat',
    );
    expect(netstat?.partial).toBeNull();
    expect(netstat?.values.size).toBe(132);
  });

  it('without them may be increments, which is said unless the prompt shows -a', () => {
    const line = 'TcpExtListenDrops 12 0.0\n';
    expect(read(line).remarks).toEqual([expect.stringContaining('prints increments')]);
    expect(read(`$ nstat -a\n#kernel\n${line}`).remarks).toEqual([]);
    expect(read(line).counters[0]?.partial).toContain('nstat');
  });
});

describe('files of /proc', () => {
  it('are known by their content', () => {
    const text = [
      '$ cat /proc/net/netstat',
      'TcpExt: SyncookiesSent ListenDrops',
      'TcpExt: 0 7',
      '$ cat /proc/net/sockstat',
      'sockets: used 9',
      'TCP: inuse 4 orphan 0 tw 2 alloc 5 mem 1',
    ].join('\n');
    const { counters, kinds } = read(text);
    expect(kinds).toEqual(['/proc/net/netstat', '/proc/net/sockstat']);
    expect(counters.map(({ values }) => [...values])).toEqual([
      [
        ['TcpExt.SyncookiesSent', 0],
        ['TcpExt.ListenDrops', 7],
      ],
      [
        ['sockets.used', 9],
        ['TCP.inuse', 4],
        ['TCP.orphan', 0],
        ['TCP.tw', 2],
        ['TCP.alloc', 5],
        ['TCP.mem', 1],
      ],
    ]);
  });

  it('may be columns that awk printed', () => {
    const { counters } = read(
      "# cat /proc/net/netstat | awk '/TcpExt/ { print $21,$22 }'\nListenOverflows ListenDrops\n3 5\n",
    );
    expect([...(counters[0]?.values ?? [])]).toEqual([
      ['TcpExt.ListenOverflows', 3],
      ['TcpExt.ListenDrops', 5],
    ]);
    expect(counters[0]?.partial).toContain('a part of');
  });

  it('of a broken table say nothing', () => {
    expect(read('TcpExt: ListenDrops PAWSPassive\nTcpExt: 7\n').counters).toEqual([]);
  });
});

describe('sockets', () => {
  const table = (text: string) => socketTableOf([...(read(text).sockets?.rows ?? []), ...read(text).procSockets]);
  const rows = [
    'LISTEN 129 128 *:8080 *:*',
    'ESTAB 0 0 10.0.0.1:8080 10.8.0.5:1024',
    'TIME-WAIT 0 0 10.0.0.1:8080 10.8.0.5:40000',
    'SYN-RECV 0 0 10.0.0.1:8080 10.8.0.6:5000 timer:(on,3sec,2)',
    'ESTAB 0 0 10.0.0.1:51000 192.0.2.9:5432',
  ];

  it.each([
    ['ss -tan', rows.join('\n')],
    [
      'ss -peaonmi',
      rows
        .map(row => `tcp   ${row}   users:(("nginx",pid=7,fd=9)) ino:1 sk:2 <->\n\t skmem:(r0,rb1)`)
        .join('\n')
        .replace(/timer:\(on,3sec,2\)(.*)/, '$1 timer:(on,3sec,2)'),
    ],
  ])('of %s are counted as on a visit', (_what, text) => {
    expect(table(text)).toEqual({
      states: { LISTEN: 1, ESTABLISHED: 2, TIME_WAIT: 1, SYN_RECV: 1 },
      listeners: [{ address: '0.0.0.0', port: 8080, queued: 129, limit: 128 }],
      halfOpen: [{ port: 8080, requests: 1, retransmitted: 1 }],
      peers: [
        { address: '10.8.0.5', port: 8080, connections: 2, states: { ESTABLISHED: 1, TIME_WAIT: 1 }, lowPorts: 1 },
        { address: '10.8.0.6', port: 8080, connections: 1, states: { SYN_RECV: 1 }, lowPorts: 1 },
      ],
      rest: [],
      destinations: [{ address: '192.0.2.9', port: 5432, connections: 1, timeWait: 0 }],
    });
  });

  it('of netstat -an have no limit, as it does not print one', () => {
    const { listeners, peers } = table(
      'tcp        5      0 0.0.0.0:22      0.0.0.0:*       LISTEN\ntcp6       0      0 ::ffff:10.0.0.1:22 ::ffff:10.8.0.5:40000 ESTABLISHED',
    );
    expect(listeners).toEqual([{ address: '0.0.0.0', port: 22, queued: 5, limit: null }]);
    expect(peers).toEqual([{ address: '10.8.0.5', port: 22, connections: 1, states: { ESTABLISHED: 1 }, lowPorts: 0 }]);
  });

  it('of /proc/net/tcp are the same as its rows', () => {
    const { listeners, peers } = table(fixture('hosts/el7-incident/after/proc/net/tcp'));
    expect(listeners).toContainEqual({ address: '0.0.0.0', port: 8080, queued: 0, limit: null });
    expect(peers).toContainEqual(expect.objectContaining({ address: '10.0.2.2', port: 22, connections: 1 }));
  });

  it('with named ports are refused, with the reason', () => {
    const { sockets, remarks } = read('ESTAB 0 0 10.0.0.1:http 10.8.0.5:40000\n');
    expect(sockets).toEqual({ rows: [], hasNamedPorts: true });
    expect(remarks).toEqual([expect.stringContaining('-n')]);
  });

  it('of UDP, netlink and UNIX are none of ours', () => {
    expect(
      read('udp UNCONN 0 0 0.0.0.0:68 0.0.0.0:*\nnl UNCONN 0 0 rtnl:kernel *\nu_str ESTAB 0 0 * 19246 * 19247\n')
        .sockets,
    ).toBeNull();
  });

  it('of ss -s tell orphans and TIME_WAIT', () => {
    expect([
      ...(read('TCP:   192 (estab 99, closed 81, orphaned 3, synrecv 0, timewait 12/0), ports 0').counters[0]?.values ??
        []),
    ]).toEqual([
      ['TCP.orphan', 3],
      ['TCP.tw', 12],
    ]);
  });
});

test('conntrack -S is summed over the CPUs, under the names of /proc', () => {
  const text = `cpu=0   \tfound=7 invalid=130 insert=0 insert_failed=2 drop=5 early_drop=0 error=1 search_restart=10
cpu=1   \tfound=1 invalid=0 insert=0 insert_failed=0 drop=6 early_drop=0 error=0 search_restart=0 `;
  const [pasted] = read(text).counters;
  expect([
    pasted?.source,
    pasted?.values.get('nf_conntrack.drop'),
    pasted?.values.get('nf_conntrack.icmp_error'),
  ]).toEqual(['proc/net/stat/nf_conntrack', 11, 1]);
});

test.each([
  [
    '198.51.100.20 age 7.016sec tw_ts 4294943798/7 ago cwnd 10 rtt 2126us source 198.51.100.10',
    [{ address: '198.51.100.20', ageSeconds: 7 }],
  ],
  [
    '\t100.118.58.7 age 1457674.290sec tw_ts 3195267888/5752641sec ago rtt 1000us ----remark',
    [{ address: '100.118.58.7', ageSeconds: 5_752_641 }],
  ],
  ['2001:db8::5 age 1.0sec tw_ts -5/3sec ago', [{ address: '2001:db8::5', ageSeconds: 3 }]],
  ['10.0.2.2 age 143.049sec ssthresh 17 cwnd 17', []],
  ['10.0.2.2 dev eth0 lladdr 52:54:00:12:34:56 REACHABLE', null],
])('ip tcp_metrics: %s', (line, metrics) => {
  expect(read(line).tcpMetrics).toEqual(metrics);
});

test.each([
  [' 19:23:40 up 25 min,  1 user,  load average: 0.83, 0.73, 0.76', 1_500],
  [' 12:01:23 up 12 days,  3:04,  2 users,  load average: 0.00, 0.01, 0.05', 12 * 86_400 + 3 * 3_600 + 4 * 60],
  [' 12:01:23 up  3:04,  load average: 0.00, 0.01, 0.05', 3 * 3_600 + 4 * 60],
  [' 12:01:23 up 1 day, 2 min,  1 user,  load average: 0.00, 0.01, 0.05', 86_400 + 120],
  ['top - 10:15:01 up 400 days, 10:10,  2 users,  load average: 1, 2, 3', 400 * 86_400 + 36_600],
  ['up 2 weeks, 3 days, 1 hour, 5 minutes', 17 * 86_400 + 3_900],
  ['350735.47 234388.90', 350_735.47],
  ['12:01PM  up 12 days, 3:04, 2 users, load averages: 0.00, 0.01, 0.05', undefined],
])('uptime: %s', (line, seconds) => {
  expect(read(line).system.uptimeSeconds).toBe(seconds);
});

test.each([
  ['Linux web01 3.10.0-1160.el7.x86_64 #1 SMP Mon Oct 19 16:18:59 UTC 2020 x86_64 GNU/Linux', '3.10.0-1160.el7.x86_64'],
  ['Linux version 4.9.0 (gcc version 12) #1 SMP', '4.9.0'],
  ['            Kernel: Linux 5.14.0-70.el9.x86_64', '5.14.0-70.el9.x86_64'],
  ['4.15.0-30-generic', '4.15.0-30-generic'],
  ['$ uname -r\n2.6.32-754.el6.x86_64', '2.6.32-754.el6.x86_64'],
  ['2.5', undefined],
])('uname: %s', (text, kernel) => {
  expect(read(text).system.kernel).toBe(kernel);
});

test.each([
  ['FreeBSD db1 13.2-RELEASE FreeBSD 13.2-RELEASE releng/13.2 GENERIC amd64', 'FreeBSD 13.2-RELEASE'],
  ['Darwin mac.local 18.7.0 Darwin Kernel Version 18.7.0', 'Darwin 18.7.0'],
  ['tcp:\n\t123 packets sent\n\t\t45 data packets (6789 bytes)\n\t12 connection requests\n', 'BSD or macOS'],
  ['net.inet.tcp.msl: 15000', 'BSD or macOS'],
  ['TCP Statistics for IPv4\n\n  Active Opens                        = 12', 'Windows'],
  ['TCP     tcpRtoAlgorithm     =     4     tcpRtoMin           =   400', 'Solaris'],
])('another system: %s', (text, system) => {
  expect(read(text).system.foreign).toBe(system);
});

const seeds = [
  'pasted/el7-incident/after/netstat_-s.txt',
  'pasted/el7-incident/after/sysctl.txt',
  'pasted/el7-incident/after/ss_-tan.txt',
  'pasted/el7-incident/after/ip_tcp_metrics_show.txt',
  'pasted/el7-incident/after/ss_-s.txt',
  'hosts/el7-incident/after/proc/net/tcp',
  'hosts/ubuntu-5.4/proc/net/netstat',
  'hosts/ubuntu-5.4/proc/net/softnet_stat',
].map(fixture);

test('nothing that is pasted makes it throw, and no number is beyond what a kernel counts', () => {
  const mutated = fc
    .tuple(fc.constantFrom(...seeds), fc.nat(), fc.string({ unit: 'binary', maxLength: 12 }), fc.nat(40))
    .map(([text, at, put, cut]) => `${text.slice(0, at % text.length)}${put}${text.slice((at % text.length) + cut)}`);
  fc.assert(
    fc.property(
      fc.oneof(mutated, fc.string({ unit: 'binary', maxLength: 300 })),
      fc.constantFrom('a.txt', 'sysctl.conf'),
      (text, name) => {
        const gleaned = read(text, name);
        for (const { values } of gleaned.counters)
          for (const value of values.values()) expect(value).toBeGreaterThanOrEqual(-1);
        for (const { local } of gleaned.sockets?.rows ?? []) expect(local.port).toBeLessThan(100_000);
      },
    ),
    { numRuns: 400 },
  );
});

test.each([' ', 'A', '7', 'up ', 'net.', '> ', '1,', '"', '$ sysctl ', 'echo ', '5 packets rejects in '])(
  'a megabyte of %j is read in no time',
  part => {
    const line = part.repeat(8_000 / part.length);
    const started = cpuMs();
    read(`${line.repeat(60)}\n${`${line}\n`.repeat(60)}`);
    expect(cpuMs() - started).toBeLessThan(2_000);
  },
);

const corpus = join(import.meta.dirname, '../../../shared/corpus');

test.skipIf(!existsSync(corpus))('every text of the corpus is recognised, but for those that hold nothing', () => {
  const nothing = /ip_netns_exec|ip_addr|ip_route|as_user_ops\/cmd\/ip_tcp_metrics/;
  const texts = [
    ...readdirSync(join(corpus, 'netstat-s'))
      .filter(name => name.endsWith('.txt'))
      .map(name => join(corpus, 'netstat-s', name)),
    ...readdirSync(join(corpus, 'lab'), { recursive: true, encoding: 'utf8' })
      .filter(name => /cmd\/.*\.txt$|sysctl\.txt$/.test(name))
      .map(name => join(corpus, 'lab', name)),
  ];
  const unknown = texts.filter(path => read(readFileSync(path, 'utf8'), path).kinds.length === 0);
  expect(unknown.filter(path => !nothing.test(path))).toEqual([]);
  expect(texts.length - unknown.length).toBeGreaterThan(60);
});
