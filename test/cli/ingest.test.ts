import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { call, freshDirectory } from './call.ts';

/** A tree of an el7 host, counters as in the lab's case a, and the boot-time files around it. */
function tree(pawsPassive: number, uptime: number): string {
  const root = freshDirectory();
  const put = (path: string, text: string) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  put('proc/uptime', `${uptime}.00 ${uptime}.00\n`);
  put('proc/sys/kernel/osrelease', '3.10.0-1160.el7.x86_64\n');
  put('proc/sys/kernel/random/boot_id', '0a7b3c2d-1111-4222-8333-444455556666\n');
  put('proc/sys/net/ipv4/tcp_tw_recycle', '1\n');
  put('proc/sys/net/ipv4/tcp_timestamps', '1\n');
  put('proc/net/netstat', `TcpExt: SyncookiesSent PAWSPassive ListenDrops\nTcpExt: 0 ${pawsPassive} ${pawsPassive}\n`);
  put('etc/sysctl.conf', '# tuned\nnet.ipv4.tcp_tw_recycle = 1\n');
  return root;
}

const json = async (...argv: string[]) => {
  const called = await call([...argv, '-f', 'json']);
  return { ...called, hosts: JSON.parse(called.stdout).hosts };
};

test('a tree: since boot it dropped', async () => {
  const { exitCode, hosts } = await json('ingest', tree(215, 600), '--as-host', 'old7');
  expect(exitCode).toBe(1);
  expect(hosts[0]).toMatchObject({
    name: 'old7',
    kernel: '3.10.0-1160.el7.x86_64',
    primary: 'tw-recycle',
    settings: { 'net.ipv4.tcp_tw_recycle': { value: '1', boot: { value: '1', file: '/etc/sysctl.conf', line: 2 } } },
  });
  expect(hosts[0].findings[0]).toMatchObject({ rule: 'tw-recycle', state: 'fired', severity: 'critical' });
});

test('a pair: it drops now, at the rate between the two', async () => {
  const { hosts } = await json('ingest', tree(215, 600), '--earlier', tree(0, 349));
  expect(hosts[0].findings[0]).toMatchObject({ state: 'firing', confidence: 'certain' });
  const paws = hosts[0].findings[0].evidence.find(({ field }: { field: string }) => field === 'TcpExt.PAWSPassive');
  expect(paws).toMatchObject({ value: 215, earlier: 0 });
  expect(paws.perSecond).toBeCloseTo(215 / 251);
});

test('output of the collector, run by hand over the same tree, judges alike', async () => {
  const root = tree(215, 600);
  const { stdout: script } = await call(['collector', '--interval', '0']);
  const file = join(freshDirectory(), 'web01.txt');
  writeFileSync(file, `Welcome to web01!\n${execFileSync('sh', ['-s', '--', root], { input: script })}`);
  const [fromFile, fromTree] = [await json('ingest', file), await json('ingest', root)];
  expect(fromFile.hosts[0].findings).toEqual(fromTree.hosts[0].findings);
  expect(fromFile.hosts[0].name).toBe('web01.txt');

  writeFileSync(file, readFileSync(file).subarray(0, -20));
  const cut = await json('ingest', file);
  expect(cut.exitCode).toBe(3);
  expect(cut.hosts[0]).toMatchObject({ outcome: 'failed', error: { code: 'truncated' } });
});

test('a tree without osrelease is a tree, not another system', async () => {
  const root = freshDirectory();
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/sysctl.conf'), '');
  const { hosts } = await json('ingest', root);
  expect(hosts[0].error).toBeNull();
  expect(hosts[0].verdicts['tw-recycle']).not.toBe('pass');
});

test('several trees that end alike are told apart by what they do not share', async () => {
  const root = freshDirectory();
  for (const name of ['a', 'b']) cpSync(tree(0, 60), join(root, name, 'after'), { recursive: true });
  const { hosts } = await json('ingest', join(root, 'a/after'), join(root, 'b/after'));
  expect(hosts.map(({ name }: { name: string }) => name).sort()).toEqual(['a/after', 'b/after']);
});

test('links of a tree never lead out of it', async () => {
  const root = tree(0, 60);
  symlinkSync('/proc/sys/kernel/hostname', join(root, 'etc/hostname'));
  symlinkSync('/etc/passwd', join(root, 'proc/sys/net/ipv4/tcp_fin_timeout'));
  const { stdout } = await json('ingest', root);
  expect(stdout).not.toContain('root:x:0:0');
});

test('paths that hold nothing to judge are bad input, all of them told', async () => {
  const empty = freshDirectory();
  const note = join(empty, 'note.txt');
  writeFileSync(note, 'not ours\n');
  const { exitCode, stderr } = await call(['ingest', empty, note, join(empty, 'nosuch')]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`${empty}: nothing to judge is in this directory; looked for proc/net/netstat`);
  expect(stderr).toContain(`${note}: nothing to judge is in this text; looked for output of the collector`);
  expect(stderr).toContain('nosuch: no such file');
});

test('--earlier goes with one host', async () => {
  const { exitCode, stderr } = await call(['ingest', 'a', 'b', '--earlier', 'c']);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('--earlier is of one host, not of 2');
});
