import { describe, expect, it } from 'vitest';
import { arpCacheStat, conntrackStat } from '../../src/sources/cache-stat.ts';
import { bootId, osReleaseFile } from '../../src/sources/identity.ts';
import { fileSources } from '../../src/sources/index.ts';
import { netDev } from '../../src/sources/net-dev.ts';
import { netstat } from '../../src/sources/netstat.ts';
import { snmp } from '../../src/sources/snmp.ts';
import { snmp6 } from '../../src/sources/snmp6.ts';
import { sockstat } from '../../src/sources/sockstat.ts';
import { softnetStat } from '../../src/sources/softnet-stat.ts';
import { ParseError } from '../../src/sources/source.ts';
import { parseSysctlValue, sysctlKeyOf } from '../../src/sources/sysctl-keys.ts';
import { parseTcpMetric } from '../../src/sources/tcp-metrics.ts';
import { uptime } from '../../src/sources/uptime.ts';
import fc from '../fast-check.ts';

const twoGroups = 'TcpExt: PAWSPassive ListenDrops\nTcpExt: 122 340\nIpExt: InOctets\nIpExt: 18446744073709551615\n';

describe('counter lines', () => {
  it('keeps every counter under its group and name', () => {
    expect([...netstat.parse(twoGroups)]).toEqual([
      ['TcpExt.PAWSPassive', 122],
      ['TcpExt.ListenDrops', 340],
      ['IpExt.InOctets', 2 ** 64],
    ]);
  });

  it('reads -1, CRLF and empty lines before the first', () => {
    expect(snmp.parse('\r\nTcp: RtoMin MaxConn\r\nTcp: 200 -1\r\n').get('Tcp.MaxConn')).toBe(-1);
  });

  it.each([
    ['', 'empty', undefined],
    ['TcpExt: a b\n', 'has no values', 1],
    ['TcpExt: a b\nTcpExt: 1\n', '2 names but 1 values', 2],
    ['TcpExt: a\nIpExt: 1\n', 'values of "IpExt" under the names of "TcpExt"', 2],
    ['TcpExt: a\nTcpExt: 1x\n', 'expected a number, got "1x"', 2],
    ['\n\nTcpExt: a\nTcpExt: \n', '1 names but 0 values', 4],
    ['TcpExt: a\nTcpExt: 1\0\n', 'NUL', undefined],
    ['no colon\n1\n', 'expected "Group: …"', 1],
  ])('refuses %j: %s', (text, why, line) => {
    expect(() => netstat.parse(text)).toThrow(expect.objectContaining({ message: expect.stringContaining(why), line }));
  });

  it('gives back what was printed, whatever the names and values', () => {
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,20}$/);
    const group = fc.tuple(name, fc.uniqueArray(name, { minLength: 1 }));
    fc.assert(
      fc.property(fc.uniqueArray(group, { minLength: 1, selector: ([prefix]) => prefix }), fc.nat(), (groups, seed) => {
        const text = groups
          .map(
            ([prefix, names]) =>
              `${prefix}: ${names.join(' ')}\n${prefix}: ${names.map((_, i) => seed + i).join(' ')}\n`,
          )
          .join('');
        const expected = groups.flatMap(([prefix, names]) => names.map((n, i) => [`${prefix}.${n}`, seed + i]));
        expect([...netstat.parse(text)]).toEqual(expected);
      }),
    );
  });
});

describe('other tables', () => {
  it('sums softnet_stat over CPUs of unequal columns, in hexadecimal', () => {
    const table = softnetStat.parse(
      '0000000a 00000001 00000002 0 0 0 0 0 0\n0000000b 0000000f 00000000 0 0 0 0 0 0 00000003 00000004 00000000 00000001\n',
    );
    expect(table.get('softnet_stat.processed')).toBe(21);
    expect(table.get('softnet_stat.dropped')).toBe(16);
    expect(table.get('softnet_stat.flow_limit_count')).toBe(4);
    expect(softnetStat.parse('1 0 0 0 0 0 0 0 0\n').has('softnet_stat.received_rps')).toBe(false);
  });

  it('takes entries of /proc/net/stat once and sums the rest', () => {
    const table = conntrackStat.parse('entries  searched drop early_drop\n0000001f  0 1 a\n0000001f  0 2 b\n');
    expect(table.get('nf_conntrack.entries')).toBe(31);
    expect(table.get('nf_conntrack.drop')).toBe(3);
    expect(table.get('nf_conntrack.early_drop')).toBe(21);
  });

  it('reads interfaces with colons, glued values and names like VLANs', () => {
    const head = 'Inter-|   Receive\n face |bytes\n';
    const row = '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16';
    const table = netDev.parse(`${head}  eth0:${row}\neth0.100: ${row}\neth0:1: ${row}\n`);
    expect(table.get('eth0.rx_drop')).toBe(4);
    expect(table.get('eth0.100.tx_drop')).toBe(12);
    expect(table.get('eth0:1.rx_fifo')).toBe(5);
  });

  it('passes over interfaces without counters, and tells hostile names from those of other tables', () => {
    const head = 'Inter-|   Receive\n face |bytes\n';
    const row = '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16';
    const table = netDev.parse(`${head}arp_cache.entries:${row}\n sit0: No statistics available.\n eth0:${row}\n`);
    expect(table.get('arp_cache.entries.rx_drop')).toBe(4);
    expect(table.get('eth0.tx_drop')).toBe(12);
    expect(table.has('sit0.rx_drop')).toBe(false);
    expect(arpCacheStat.parse('entries lookups\n1f 2\n').get('arp_cache.entries')).toBe(31);
  });

  it('reads sockstat pairs and snmp6 rows', () => {
    expect(sockstat.parse('sockets: used 5\nTCP: inuse 2 orphan 0 tw 7\n').get('TCP.tw')).toBe(7);
    expect(snmp6.parse('Ip6InReceives                   \t757\n').get('Ip6InReceives')).toBe(757);
    expect(() => sockstat.parse('TCP: inuse\n')).toThrow(ParseError);
  });

  it.each([
    ['350735.47 234388.90\n', 350735.47],
    ['0.00 0.00\n', 0],
  ])('reads uptime %j', (text, seconds) => {
    expect(uptime.parse(text)).toBe(seconds);
  });
});

describe('identity', () => {
  it.each([
    ['PRETTY_NAME="CentOS Linux 7 (Core)"\nID="centos"\n', 'CentOS Linux 7 (Core)', 'centos'],
    ["NAME=Alpine\nID='alpine'\n", 'Alpine', 'alpine'],
    ['PRETTY_NAME="say \\"hi\\""\n', 'say "hi"', ''],
  ])('reads os-release %j', (text, prettyName, id) => {
    expect(osReleaseFile.parse(text)).toMatchObject({ prettyName, id });
  });

  it('refuses what is no line', () => {
    expect(() => bootId.parse('\n')).toThrow(ParseError);
    expect(() => bootId.parse('x'.repeat(300))).toThrow(ParseError);
  });
});

describe('sysctl keys', () => {
  it.each([
    ['proc/sys/net/ipv4/tcp_tw_recycle', 'net.ipv4.tcp_tw_recycle'],
    ['proc/sys/net/ipv4/conf/eth0.100/rp_filter', 'net.ipv4.conf.eth0/100.rp_filter'],
  ])('%s is %s', (path, key) => {
    expect(sysctlKeyOf(path)).toBe(key);
  });

  it.each([
    ['4096\t16384\t4194304\n', { state: 'ok', value: '4096 16384 4194304' }],
    ['', { state: 'ok', value: '' }],
    ['1\n2\n', { state: 'malformed', why: 'not one short line' }],
    ['1\0', { state: 'malformed', why: 'contains NUL bytes' }],
  ])('value %j', (text, reading) => {
    expect(parseSysctlValue(text)).toEqual(reading);
  });
});

describe('tcp_metrics', () => {
  it.each([
    ['10.8.0.5', '123456/12sec', 12],
    ['10.8.0.5', '123456/12', 12],
    ['::ffff:10.8.0.5', '-5/0sec', 0],
  ])('%s tw_ts %s', (address, twTs, ageSeconds) => {
    expect(parseTcpMetric(address, twTs)).toEqual({ address: '10.8.0.5', ageSeconds });
  });
});

describe('every parser', () => {
  const samples: Readonly<Record<string, string>> = {
    'proc/net/netstat': twoGroups,
    'proc/net/dev': 'Inter-| Receive\n face |x\n lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n',
    'proc/net/softnet_stat': '0000000a 1 2 0 0 0 0 0 0 0 0\n',
    'etc/os-release': 'PRETTY_NAME="x"\n',
  };

  it.each(fileSources.map(source => [source.path, source] as const))(
    '%s throws ParseError or nothing, on anything',
    (path, source) => {
      const survives = (text: string): void => {
        try {
          source.parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError);
        }
      };
      const sample = samples[path] ?? 'TCP: inuse 1\n';
      for (let end = 0; end <= sample.length; end++) survives(sample.slice(0, end));
      fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), survives), { numRuns: 200 });
    },
  );
});
