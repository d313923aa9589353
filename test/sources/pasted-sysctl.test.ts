import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { type Reading, whyMissing } from '../../src/model/reading.ts';
import { glean } from '../../src/sources/pasted.ts';
import type { PastedSysctl } from '../../src/sources/pasted-sysctl.ts';

const recycle = 'net.ipv4.tcp_tw_recycle';

const read = (text: string, name = 'paste.txt'): PastedSysctl | null => glean({ name, text }).sysctl;

const shown = (reading: Reading<string> | undefined): string | undefined =>
  reading === undefined ? undefined : reading.state === 'ok' ? reading.value : whyMissing(reading);
const running = (text: string, key = recycle): string | undefined => shown(read(text)?.running.get(key));
const written = (text: string, key = recycle): string | undefined => shown(read(text)?.written.get(key));

describe('a running value', () => {
  test.each([
    ['sysctl -a', 'net.ipv4.tcp_tw_recycle = 1', '1'],
    ['CRLF', 'net.ipv4.tcp_tw_recycle = 1\r\n', '1'],
    ['a colon', 'net.ipv4.tcp_tw_recycle: 1', '1'],
    ['slashes', 'net/ipv4/tcp_tw_recycle = 1', '1'],
    ['a path', '/proc/sys/net/ipv4/tcp_tw_recycle = 1', '1'],
    ['grep . /proc/sys/net/ipv4/*', '/proc/sys/net/ipv4/tcp_tw_recycle:1', '1'],
    ['a path and its value below', '/proc/sys/net/ipv4/tcp_tw_recycle\n1\n/proc/sys/net/ipv4/tcp_tw_reuse\n0', '1'],
    ['head of several files', '==> /proc/sys/net/ipv4/tcp_tw_recycle <==\n1', '1'],
    ['cat', '$ cat /proc/sys/net/ipv4/tcp_tw_recycle\n1', '1'],
    ['sysctl -n', '# sysctl -n net.ipv4.tcp_tw_recycle\n1', '1'],
    ['echo', 'echo 1 > /proc/sys/net/ipv4/tcp_tw_recycle', '1'],
    ['echo with quotes', "root@cam:~# echo '1' >/proc/sys/net/ipv4/tcp_tw_recycle", '1'],
    ['echo through tee', '$ echo 1 | sudo tee /proc/sys/net/ipv4/tcp_tw_recycle', '1'],
    ['sysctl -w', '# sysctl -w net.ipv4.tcp_tw_recycle=1', '1'],
    ['sysctl -w with quotes', 'sudo sysctl -w "net.ipv4.tcp_tw_recycle=1" net.ipv4.tcp_timestamps=1', '1'],
    ['a remark behind it', 'net.ipv4.tcp_tw_recycle = 1 (before the change)', '1 (before the change)'],
    ['a word', 'net.ipv4.tcp_tw_recycle = on', '1'],
    ['a typographic quote', 'net.ipv4.tcp_tw_recycle = 1”', '1'],
    ['the number of the line', '17: net.ipv4.tcp_tw_recycle = 1', '1'],
    ['quoting', '> net.ipv4.tcp_tw_recycle = 1', '1'],
    ['the short name', 'tcp_tw_recycle = 1', '1'],
    ['no sign between', 'net.ipv4.tcp_tw_recycle 1', '1'],
    ['a later value', 'net.ipv4.tcp_tw_recycle = 0\nnet.ipv4.tcp_tw_recycle = 1', '1'],
    [
      'procps on 4.12 and later',
      'sysctl: cannot stat /proc/sys/net/ipv4/tcp_tw_recycle: No such file or directory',
      'not in this kernel',
    ],
    [
      'procps in another language',
      'sysctl: 无法获取/proc/sys/net/ipv4/tcp_tw_recycle的文件状态(stat): 没有那个文件或目录',
      'not in this kernel',
    ],
    ['procps 3.2', 'error: "net.ipv4.tcp_tw_recycle" is an unknown key', 'not in this kernel'],
    ['busybox', "sysctl: error: 'net.ipv4.tcp_tw_recycle' is an unknown key", 'not in this kernel'],
    [
      'cat of what is not there',
      'cat: /proc/sys/net/ipv4/tcp_tw_recycle: No such file or directory',
      'not in this kernel',
    ],
    ['a shell', '-bash: /proc/sys/net/ipv4/tcp_tw_recycle: Permission denied', 'not permitted'],
    ['procps without rights', "sysctl: permission denied on key 'net.ipv4.tcp_tw_recycle'", 'not permitted'],
  ])('from %s', (_what, text, value) => {
    expect(running(text)).toBe(value);
  });

  it('keeps what a key and a value are made of', () => {
    const text =
      'net.ipv4.conf.eth0/100.rp_filter = 2\nnet.ipv4.tcp_mem = 1\t2\t3\nnet/ipv4/conf/eth1.7/rp_filter = 1\n';
    expect([...(read(text)?.running ?? [])].map(([key, value]) => [key, shown(value)])).toEqual([
      ['net.ipv4.conf.eth0/100.rp_filter', '2'],
      ['net.ipv4.tcp_mem', '1 2 3'],
      ['net.ipv4.conf.eth1/7.rp_filter', '1'],
    ]);
    expect(running('net.nf_conntrack_max = 65536', 'net.netfilter.nf_conntrack_max')).toBe('65536');
  });

  it('is kept of no secret, and of no key that a visit would not read', () => {
    const text =
      'net.ipv4.tcp_fastopen_key = 00000000-00000001\nkernel.hostname = web01\nnet.ipv6.conf.all.stable_secret = x\nnet.core.somaxconn = 128';
    expect([...(read(text)?.running.keys() ?? [])]).toEqual(['net.core.somaxconn']);
  });
});

describe('a line of a sysctl file', () => {
  test.each([
    ['no blanks', 'net.ipv4.tcp_tw_recycle=1', '1'],
    ['a comment beside it', '# tuned for the shop\nnet.ipv4.tcp_tw_recycle = 1', '1'],
    ['grep -r', '/etc/sysctl.d/90-web.conf:3:net.ipv4.tcp_tw_recycle = 1', '1'],
    ['a trailing comment', 'net.ipv4.tcp_tw_recycle=1 # was 0', '1 # was 0'],
  ])('is written, not running: %s', (_what, text, value) => {
    expect([written(text), running(text)]).toEqual([value, undefined]);
  });

  test.each([
    '#net.ipv4.tcp_tw_recycle = 1',
    '  # net.ipv4.tcp_tw_recycle=1',
    '; net.ipv4.tcp_tw_recycle = 1',
    '/etc/sysctl.conf:#net.ipv4.tcp_tw_recycle=1',
  ])('sets nothing as a comment: %s', text => {
    expect([written(text), running(text)]).toEqual([undefined, undefined]);
  });

  it('is told by the name of the file, too', () => {
    const sysctl = read('net.ipv4.tcp_tw_recycle = 1\n', 'sysctl.conf');
    expect([sysctl?.written.has(recycle), sysctl?.running.has(recycle)]).toEqual([true, false]);
  });

  it('is not what stands behind a root prompt', () => {
    expect(running('# sysctl net.ipv4.tcp_tw_recycle\nnet.ipv4.tcp_tw_recycle = 1\n')).toBe('1');
  });
});

/** All of net.ipv4 that a test needs: 24 keys, the two that are always there among them. */
const many = ['tcp_tw_reuse', 'tcp_timestamps', ...Array.from({ length: 22 }, (_, i) => `tcp_key${i}`)];
const dump = (keys: readonly string[]): string => keys.map(key => `net.ipv4.${key} = 1\n`).join('');

describe('a dump is whole', () => {
  it('if it has the many keys that every kernel has', () => {
    expect(read(dump(many))?.isWhole).toBe(true);
  });

  test.each([
    ['a few keys', dump(many.slice(0, 5))],
    ['keys without tcp_timestamps', dump(many.filter(key => key !== 'tcp_timestamps'))],
    ['what grep left', `# sysctl -a | grep tcp\n${dump(many)}`],
    ['what an editor left', dump(many).replace('net.ipv4.tcp_key3 = 1', '[...]')],
    ['a sysctl file', `# ours\n${dump(many)}`],
  ])('and not if it is %s', (_what, text) => {
    expect(read(text)?.isWhole).toBe(false);
  });

  it('also with complaints between, and with a remark before a long one', () => {
    expect(
      read(
        dump(many).replace('tcp_key3 = 1\n', 'tcp_key3 = 1\nsysctl: reading key "net.ipv6.conf.all.stable_secret"\n'),
      )?.isWhole,
    ).toBe(true);
    const long = Array.from({ length: 400 }, (_, i) => `vm.key${i} = 1\n`).join('');
    expect(read(`# of web01, taken at noon\n${long}${dump(many)}`)?.isWhole).toBe(true);
  });
});

const dumps = join(import.meta.dirname, '../../../shared/corpus/sysctl-dumps');

describe.skipIf(!existsSync(dumps))('real dumps', () => {
  test.each([
    ['jc-centos-7.7-sysctl-a.out.txt', true, '0', '3.10.0-1062.1.2.el7.x86_64'],
    ['percona-linux-001.sysctl_-a.txt', true, '0', '3.0.0-16-generic'],
    ['newrelic-sysctl.txt', true, '0', '3.10.0-693.11.6.el7.x86_64'],
    ['hotsos-storage-ceph-mon.sysctl_-a.txt', true, undefined, '5.4.0-97-generic'],
    ['percona-linux-006.sysctl_-a.txt', true, undefined, '5.15.0-41-generic'],
    ['inspec-sbin_sysctl_all.txt', false, undefined, undefined],
  ])('%s', (file, isWhole, value, kernel) => {
    const sysctl = read(readFileSync(join(dumps, file), 'utf8'));
    expect(sysctl?.isWhole).toBe(isWhole);
    expect(shown(sysctl?.running.get(recycle))).toBe(value);
    expect(sysctl?.told.get('kernel.osrelease')).toBe(kernel);
  });

  test.each([
    ['percona-freebsd_001.sysctl.txt', 'FreeBSD'],
    ['jc-osx-10.14.6-sysctl-a.out.txt', 'Darwin'],
  ])('%s holds nothing of Linux', (file, system) => {
    const gleaned = glean({ name: file, text: readFileSync(join(dumps, file), 'utf8') });
    expect([gleaned.sysctl, gleaned.system.foreign, gleaned.counters]).toEqual([null, system, []]);
  });
});
