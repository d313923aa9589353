import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Circumstances, call, freshDirectory } from './call.ts';

const fixtures = join(import.meta.dirname, '../fixtures');
const lab = join(fixtures, 'pasted/el7-incident');

/** A directory of files by path. */
function directory(files: Readonly<Record<string, string | Buffer>>): string {
  const root = freshDirectory();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

async function ingest(argv: readonly string[], circumstances: Circumstances = {}) {
  const { stdout, stderr, exitCode } = await call(['ingest', ...argv, '-f', 'json'], circumstances);
  return { exitCode, stderr, hosts: stdout === '' ? [] : JSON.parse(stdout).hosts };
}

describe('texts', () => {
  test('of one host are joined by --as-host, and an older one is the first sample', async () => {
    const after = ['netstat_-s.txt', 'sysctl.txt', 'ip_tcp_metrics_show.txt', 'ss_-tan.txt'].map(name =>
      join(lab, 'after', name),
    );
    const { hosts, exitCode } = await ingest([
      ...after,
      '--as-host',
      'shop7',
      '--earlier',
      join(lab, 'before/netstat_-s.txt'),
    ]);
    expect(exitCode).toBe(1);
    expect(hosts).toHaveLength(1);
    expect(hosts[0]).toMatchObject({
      name: 'shop7',
      kernel: '3.10.0-1160.el7.x86_64',
      outcome: 'audited',
      primary: 'tw-recycle',
      settings: { 'net.ipv4.tcp_tw_recycle': { value: '1' } },
    });
    expect(hosts[0].findings[0]).toMatchObject({
      state: 'firing',
      confidence: 'certain',
    });
    expect(hosts[0].findings[0].evidence[0]).toMatchObject({ field: 'TcpExt.PAWSPassive', value: 215, earlier: 0 });
    expect(hosts[0].notes).toEqual([
      'Judged by texts: netstat -s (netstat_-s.txt); sysctl (sysctl.txt); ip tcp_metrics (ip_tcp_metrics_show.txt); sockets (ss_-tan.txt).',
    ]);
  });

  test('without --as-host are hosts of their own; with fewer facts there are fewer verdicts, and it is said which are missing', async () => {
    const { hosts } = await ingest([join(lab, 'after/netstat_-s.txt'), join(lab, 'after/sysctl.txt')]);
    const [counters, settings] = hosts.sort((a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name));
    expect([counters.name, counters.verdicts['tw-recycle'], counters.findings[0].state]).toEqual([
      'netstat_-s.txt',
      'fail',
      'fired',
    ]);
    expect([settings.name, settings.findings[0].state, settings.findings[0].confidence]).toEqual([
      'sysctl.txt',
      'latent',
      'low',
    ]);
    expect(settings.notChecked['accept-queue-overflow']).toBe('TcpExt.ListenOverflows: not collected.');
    expect(counters.verdicts['accept-queue-overflow']).toBe('pass');
  });

  test('come from standard input, too', async () => {
    const { hosts } = await ingest(['-'], {
      stdin: '$ netstat -s | grep -i pass\n    7 passive connections rejected because of time stamp\n',
    });
    expect([hosts[0].name, hosts[0].primary]).toEqual(['stdin', 'tw-recycle']);
  });

  test('of a whole terminal session are taken apart', async () => {
    const session = [
      '[root@web01 ~]# uname -a',
      'Linux web01 3.10.0-1160.el7.x86_64 #1 SMP Mon Oct 19 16:18:59 UTC 2020 x86_64 GNU/Linux',
      '[root@web01 ~]# uptime',
      ' 12:01:23 up 10 days,  0:00,  2 users,  load average: 0.00, 0.01, 0.05',
      '[root@web01 ~]# sysctl net.ipv4.tcp_tw_recycle net.ipv4.tcp_timestamps',
      'net.ipv4.tcp_tw_recycle = 1',
      'net.ipv4.tcp_timestamps = 1',
      '[root@web01 ~]# netstat -s | egrep -i "passive|listen"',
      '    24000 passive connections rejected because of time stamp',
      '    24000 SYNs to LISTEN sockets dropped',
    ].join('\r\n');
    const { hosts } = await ingest([join(directory({ 'session.txt': session }), 'session.txt')]);
    expect(hosts[0]).toMatchObject({ kernel: '3.10.0-1160.el7.x86_64', primary: 'tw-recycle' });
    expect(hosts[0].findings[0].because).toContain('PAWSPassive is 24,000 since boot (100 per hour on average)');
  });

  test('from PowerShell are UTF-16', async () => {
    const root = directory({
      'n.txt': Buffer.concat([
        Buffer.from([0xff, 0xfe]),
        Buffer.from('7 passive connections rejected because of time stamp\r\n', 'utf16le'),
      ]),
    });
    expect((await ingest([join(root, 'n.txt')])).hosts[0].primary).toBe('tw-recycle');
  });

  test('of a sysctl file are taken at their word, with a remark', async () => {
    const { hosts } = await ingest([
      join(directory({ 'sysctl.conf': '# web\nnet.ipv4.tcp_tw_recycle=1\n' }), 'sysctl.conf'),
    ]);
    expect(hosts[0].findings[0]).toMatchObject({ rule: 'tw-recycle', state: 'latent', confidence: 'low' });
    expect(hosts[0].notes).toContain(
      'Taken from a sysctl file, not from a running kernel, which may hold another value: net.ipv4.tcp_tw_recycle.',
    );
    expect(hosts[0].settings['net.ipv4.tcp_tw_recycle']).toEqual({
      value: '1',
      boot: { value: '1', file: '/etc/sysctl.conf', line: 2 },
    });
  });

  test('where the kernel says 0 and the file 1: it comes back at reboot', async () => {
    const root = directory({
      'sysctl.conf': '# web\nnet.ipv4.tcp_tw_recycle=1\n',
      'running.txt': 'net.ipv4.tcp_tw_recycle = 0\n',
    });
    const { hosts } = await ingest([join(root, 'running.txt'), join(root, 'sysctl.conf'), '--as-host', 'x']);
    expect(hosts[0].findings).toContainEqual(
      expect.objectContaining({ rule: 'tw-recycle-persisted', severity: 'high', confidence: 'medium' }),
    );
    expect(hosts[0].verdicts['tw-recycle']).toBe('pass');
  });
});

describe('not Linux', () => {
  test.each([
    ['kern.ostype: FreeBSD\nkern.osrelease: 8.2-RELEASE\nnet.inet.tcp.msl: 30000\n', 'this is FreeBSD, not Linux'],
    [
      'tcp:\n\t123 packets sent\n\t\t45 data packets (6789 bytes)\n\t12 connection requests\n',
      'this is BSD or macOS, not Linux',
    ],
    ['Darwin mac.local 18.7.0 Darwin Kernel Version 18.7.0\n', 'this is Darwin 18.7.0, not Linux'],
  ])('is said and not judged: %j', async (text, message) => {
    const { hosts, exitCode } = await ingest([join(directory({ 'a.txt': text }), 'a.txt')]);
    expect(exitCode).toBe(3);
    expect(hosts[0]).toMatchObject({
      outcome: 'unsupported',
      error: { code: 'not-linux', message },
      findings: [],
      verdicts: {},
    });
  });
});

describe('input that cannot be judged', () => {
  const texts = directory.bind(null, {
    'uname.txt': 'Linux web01 3.10.0-1160.el7.x86_64 #1 SMP\n',
    'other.txt': 'Linux db01 5.4.0-99-generic #112-Ubuntu SMP\n',
    'netstat.txt': '7 passive connections rejected because of time stamp\n',
    'note.txt': 'remember the milk\n',
    'sos.tar.gz': gzipSync('x'),
    core: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]),
    'a/proc/net/netstat': 'TcpExt: TW\nTcpExt: 1\n',
    'b/proc/net/netstat': 'TcpExt: TW\nTcpExt: 1\n',
    'empty/readme.md': 'nothing\n',
  });

  test.each([
    ['a name alone', ['uname.txt'], 'this names the host, and holds nothing to judge; --as-host joins it'],
    [
      'no text of ours',
      ['note.txt'],
      'looked for output of the collector (synaudit collector), and of netstat -s, nstat, sysctl',
    ],
    ['one of several', ['netstat.txt', 'note.txt', '--as-host', 'x'], 'note.txt: nothing to judge is in this text'],
    ['an archive', ['sos.tar.gz'], 'is an archive (gzip): unpack it, and name the directory'],
    ['a binary', ['core'], 'core: is no text'],
    ['a directory of nothing', ['empty'], 'nothing to judge is in this directory; looked for proc/net/netstat'],
    ['two kernels', ['uname.txt', 'other.txt', 'netstat.txt', '--as-host', 'x'], 'these are not texts of one host'],
    ['two trees', ['a', 'b', '--as-host', 'x'], 'are two whole hosts'],
  ])('%s', async (_what, paths, message) => {
    const root = texts();
    const { exitCode, stderr, hosts } = await ingest(
      paths.map(path => (path.startsWith('-') || path === 'x' ? path : join(root, path))),
    );
    expect([exitCode, hosts]).toEqual([2, []]);
    expect(stderr).toContain(message);
  });
});

describe('directories', () => {
  test('hold texts beside proc/, which fill what the tree does not have', async () => {
    const root = freshDirectory();
    cpSync(join(fixtures, 'hosts/el7-incident/after'), root, { recursive: true });
    cpSync(join(lab, 'after'), join(root, 'cmd'), { recursive: true });
    writeFileSync(join(root, 'netstat.txt'), '99999 passive connections rejected because of time stamp\n');
    const { hosts } = await ingest([root]);
    // the file of the kernel stands, whatever a text says
    expect(hosts[0].findings[0].evidence[0]).toMatchObject({ field: 'TcpExt.PAWSPassive', value: 215 });
    expect(hosts[0].clients.shared).toContainEqual({
      address: '198.51.100.20',
      connections: 0,
      because: ['tw_ts 7 s old'],
    });
    expect(hosts[0].notes[0]).toMatch(
      /^Read beside the files of the tree: .*ip tcp_metrics \(cmd\/ip_tcp_metrics_show.txt\)/,
    );
  });

  test('of nothing but texts are one host, and may be an older one', async () => {
    const { hosts } = await ingest([join(lab, 'after'), '--earlier', join(lab, 'before')]);
    expect(hosts[0]).toMatchObject({ name: 'after', primary: 'tw-recycle', findings: [{ state: 'firing' }] });
  });

  test('never lead out of themselves', async () => {
    const outside = directory({ 'secret.txt': '7 passive connections rejected because of time stamp\n' });
    const root = directory({ 'netstat.txt': '5 SYNs to LISTEN sockets dropped\n' });
    symlinkSync(join(outside, 'secret.txt'), join(root, 'link.txt'));
    const { hosts } = await ingest([root]);
    expect([hosts[0].findings, hosts[0].notes]).toEqual([[], ['Judged by texts: netstat -s (netstat.txt).']]);
  });
});

/** A sosreport of the machine in fixtures/hosts/ubuntu-5.4, laid out as sos does it: proc/net is a link that leads to a process. */
function sosreport(sysctls: string): string {
  const root = directory({
    'sos_commands/kernel/sysctl_-a': sysctls,
    'sos_commands/kernel/uname_-a':
      'Linux juju-4 5.4.0-99-generic #112-Ubuntu SMP Thu Feb 3 13:50:55 UTC 2022 x86_64 GNU/Linux\n',
    'sos_commands/host/uptime': ' 19:23:40 up 25 min,  1 user,  load average: 0.83, 0.73, 0.76\n',
    'sos_commands/networking/ip_netns_exec_blue_netstat_-s':
      '    9999 passive connections rejected because of time stamp\n',
    'sos_commands/networking/netstat_-s': 'exec of "netstat" failed: No such file or directory\n',
    'proc/sys/net/ipv4/tcp_mem': '188319 251093 376638\n',
    'proc/sys/kernel/osrelease': '5.4.0-99-generic\n',
    'etc/sysctl.conf': 'net.ipv4.tcp_tw_recycle = 1\n',
  });
  cpSync(join(fixtures, 'hosts/ubuntu-5.4/proc/net'), join(root, 'proc/96008/net'), { recursive: true });
  return root;
}

describe('a sosreport', () => {
  const dump = readFileSync(join(lab, 'after/sysctl.txt'), 'utf8').replace(/^kernel\..*\n/gm, '');

  test('is judged by its commands and its files, and only by those of the host itself', async () => {
    const { hosts } = await ingest([sosreport(dump.replace(/^net.ipv4.tcp_tw_recycle.*\n/m, ''))]);
    expect(hosts[0]).toMatchObject({
      kernel: '5.4.0-99-generic',
      outcome: 'audited',
      primary: null,
      clients: { connections: 128, addresses: 7 },
    });
    expect(hosts[0].verdicts).toMatchObject({ 'tw-recycle': 'notapplicable', 'accept-queue-overflow': 'pass' });
    expect(hosts[0].findings).toEqual([expect.objectContaining({ rule: 'tw-recycle-persisted', state: 'key-gone' })]);
    expect(hosts[0].notes[0]).toContain('files of proc/96008/net');
  });

  test('whose proc/sys holds a few files says nothing of the keys that sos did not save', async () => {
    const { hosts } = await ingest([sosreport('')]);
    expect(hosts[0].verdicts['tw-recycle']).toBe('notchecked');
    expect(hosts[0].notChecked['tw-recycle']).toContain('not collected');
  });

  test('whose links are whole is read through them', async () => {
    const root = sosreport(dump);
    symlinkSync('96008', join(root, 'proc/self'));
    symlinkSync('self/net', join(root, 'proc/net'));
    const { hosts } = await ingest([root]);
    expect(hosts[0].clients).toMatchObject({ connections: 128, addresses: 7 });
    expect(hosts[0].notes[0]).not.toContain('files of proc/96008');
  });
});
