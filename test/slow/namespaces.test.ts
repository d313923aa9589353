import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { collectorScript, newBoundary } from '../../src/collect/script.ts';
import type { Namespaces, NetworkNamespace } from '../../src/model/snapshot.ts';
import { buildSnapshot } from '../../src/snapshot/build.ts';
import { maxNamespaces } from '../../src/sources/namespaces.ts';
import { call, freshDirectory } from '../cli/call.ts';
import { framesOf, runCollector } from '../collect/run-collector.ts';
import { plantTree } from '../collect/tree.ts';
import { type Program, startProgram } from '../netns/program.ts';
import { type Sshd, startSshd } from '../ssh/sshd.ts';
import { openWorkshop, type Workshop } from '../ssh/workshop.ts';

const may = process.getuid?.() === 0 && spawnSync('unshare', ['-n', 'true']).status === 0;
const netns = join(import.meta.dirname, '../netns');

/** A listener in a new network namespace whose queue of 2 is full, with clients there that go on trying. */
async function overflowing(ends: (() => Promise<unknown>)[]): Promise<Program> {
  const listen = `ip link set lo up && exec perl ${join(netns, 'listen.pl')} 127.0.0.1 8080 1 never`;
  const listener = await startProgram(['unshare', '-n', 'sh', '-c', listen], /ready/);
  ends.unshift(listener.stop);
  const traffic = { to: ['127.0.0.1'], port: 8080, burst: 8, perSecond: 20, seconds: 120 };
  const inside = ['nsenter', `--net=/proc/${listener.pid}/ns/net`, process.execPath];
  const clients = await startProgram([...inside, join(netns, 'connect.mjs'), JSON.stringify(traffic)], /ready/);
  ends.unshift(clients.stop);
  return listener;
}

/** A name in /run/netns that no other test has. */
function addName(name: string, ends: (() => Promise<unknown>)[]): string {
  const unique = `synaudit-${process.pid}-${name}`;
  execFileSync('ip', ['netns', 'add', unique]);
  ends.unshift(async () => execFileSync('ip', ['netns', 'del', unique]));
  return unique;
}

async function endAll(ends: (() => Promise<unknown>)[]): Promise<void> {
  for (const end of ends.splice(0)) await end();
}

describe.skipIf(!may)('containers of a host that is audited over SSH', () => {
  const ends: (() => Promise<unknown>)[] = [];
  let workshop: Workshop;
  let sshd: Sshd;
  let options: string[];
  let listener: Program;
  let name: string;

  beforeAll(async () => {
    listener = await overflowing(ends);
    name = addName('blue', ends);
    execFileSync('ip', ['netns', 'exec', name, 'sysctl', '-qw', 'net.ipv4.tcp_timestamps=0']);

    workshop = openWorkshop();
    ends.push(workshop.close);
    chmodSync(workshop.directory, 0o755); // sshd reads authorized_keys as the user
    const key = workshop.makeKey('login');
    const tree = plantTree({
      'etc/passwd': `${readFileSync('/etc/passwd', 'utf8')}plain:x:4711:4711::/:/bin/sh\n`,
      'etc/shadow': `${readFileSync('/etc/shadow', 'utf8')}plain:*:19000:0:99999:7:::\n`,
    });
    ends.push(async () => tree.remove());
    sshd = await startSshd({ workshop, address: '127.9.8.1', authorized: [key.publicLine], tree: tree.root });
    const known = workshop.write('known_hosts', `${sshd.knownHostsLine()}\n`);
    options = ['--identity', key.path, '--known-hosts', known, '--ssh-config', 'none'];
  });
  afterAll(() => endAll(ends));

  const audit = async (user: string, format: 'json' | 'table') => {
    const target = `${user}@127.9.8.1:${sshd.port}`;
    const home = freshDirectory();
    return call(['audit', target, ...options, '--interval', '1', '-q', '-f', format], { home });
  };
  const owner = () => `perl[${listener.pid}]`;

  test('as root: the overflow with its listener and limit, and the namespace that has no process', async () => {
    const { exitCode, stdout } = await audit('root', 'json');
    expect(exitCode).toBe(1);
    const [host] = JSON.parse(stdout).hosts;
    const namespaces: { owner: string; id: string; findings: { rule: string; state: string }[] }[] = host.namespaces;
    const inside = namespaces.find(each => each.owner === owner());
    expect(inside?.id).toBe(
      execFileSync('stat', ['-Lc', '%i', `/proc/${listener.pid}/ns/net`])
        .toString()
        .trim(),
    );
    expect(inside?.findings.find(({ rule }) => rule === 'accept-queue-overflow')).toMatchObject({
      state: 'active',
      severity: 'high',
      because: expect.stringContaining('Full now: :8080 (2 connections, limit 1).'),
      evidence: expect.arrayContaining([expect.objectContaining({ field: 'TcpExt.ListenOverflows' })]),
    });
    // the host's own counters know nothing of it: what they have is of the past of this machine
    const own = host.findings.filter(({ rule }: { rule: string }) => rule === 'accept-queue-overflow');
    expect(own.filter(({ state }: { state: string }) => state === 'active')).toEqual([]);
    expect(host.primary).toBe('accept-queue-overflow');
    expect(host.quiet).toBeNull();
    expect(host.notes).toEqual([]);

    const blue = namespaces.filter(each => each.owner === `netns ${name}`);
    expect(blue).toHaveLength(1);
    expect(blue[0]?.findings.map(({ rule }) => rule)).toContain('timestamps-off');
  });

  test('as an ordinary user: the same overflow, and what was not seen', async () => {
    const { exitCode, stdout } = await audit('plain', 'json');
    expect(exitCode).toBe(1);
    const [host] = JSON.parse(stdout).hosts;
    const inside = host.namespaces.find((each: { owner: string }) => each.owner === owner());
    const found = inside.findings.find(({ rule }: { rule: string }) => rule === 'accept-queue-overflow');
    expect(found).toMatchObject({ state: 'active', severity: 'high' });
    expect(inside.notChecked['timestamps-off']).toContain('not permitted');
    expect(host.namespaces.map((each: { owner: string }) => each.owner)).not.toContain(`netns ${name}`);
    expect(host.notes).toHaveLength(1);
    expect(host.notes[0]).toContain('their settings were not read (that takes root)');
    expect(host.notes[0]).toContain('those that only a name in /run/netns holds were not read (that takes root)');
    expect(host.outcome).toBe('audited');
  });

  test('in the table: the program, the reason, and what is not seen without root', async () => {
    const { stdout } = await audit('plain', 'table');
    const text = stdout.replace(/\s+/g, ' ');
    expect(text).toContain(`accept-queue-overflow · active in ${owner()}`);
    expect(text).toContain(`Seen in the network namespace of ${owner()}.`);
    expect(text).toContain('not all was seen of other network namespaces');
    expect(text).toContain('1 host leaves SYNs without an answer');
  });
});

describe.skipIf(!may)('the script', () => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(() => endAll(ends));

  /** Programs that sleep in new network namespaces, one each. */
  async function sleepers(count: number, command: readonly string[] = ['sleep']): Promise<readonly number[]> {
    const children = Array.from({ length: count }, () => {
      const child = spawn('unshare', ['-n', ...command, '60'], { stdio: 'ignore' });
      ends.push(async () => {
        const ended = once(child, 'exit');
        if (child.kill('SIGKILL')) await ended;
      });
      return child.pid as number;
    });
    const own = execFileSync('stat', ['-Lc', '%i', '/proc/self/net/netstat']).toString();
    const isAway = (pid: number) => execFileSync('stat', ['-Lc', '%i', `/proc/${pid}/net/netstat`]).toString() !== own;
    const isNamed = (pid: number) => readFileSync(`/proc/${pid}/comm`, 'utf8') !== 'unshare\n';
    await expect.poll(() => children.every(pid => isAway(pid) && isNamed(pid)), { timeout: 20_000 }).toBe(true);
    return children;
  }

  const found = (options: Parameters<typeof framesOf>[1] = {}): Namespaces => {
    const { namespaces } = buildSnapshot(framesOf('', options));
    if (namespaces.state !== 'ok') throw new Error('nobody looked');
    return namespaces.value;
  };
  const ownersIn = ({ read }: Namespaces): readonly string[] => read.map(({ owner }) => owner);

  test(`reads ${maxNamespaces} namespaces and says how many more there are`, { timeout: 60_000 }, async () => {
    await sleepers(maxNamespaces + 6);
    const { read, unseen } = found();
    expect(read).toHaveLength(maxNamespaces);
    const beyond = Number(/(\d+) more were not read/.exec(unseen ?? '')?.[1]);
    expect(beyond).toBeGreaterThanOrEqual(6);
  });

  test('names a pod by what runs in it, not by its pause', async () => {
    const directory = freshDirectory();
    const pause = join(directory, 'pause');
    copyFileSync('/bin/sleep', pause);
    chmodSync(pause, 0o755);
    const [pid] = await sleepers(1, [pause]);
    expect(ownersIn(found())).toContain(`pause[${pid}]`);
    const app = spawn('nsenter', [`--net=/proc/${pid}/ns/net`, 'sleep', '60'], { stdio: 'ignore' });
    ends.unshift(async () => void app.kill('SIGKILL'));
    await expect.poll(() => readFileSync(`/proc/${app.pid}/comm`, 'utf8')).toBe('sleep\n');
    const owners = ownersIn(found());
    expect(owners).toContain(`sleep[${app.pid}]`);
    expect(owners).not.toContain(`pause[${pid}]`);
  });

  test('enters the namespace of a rootless container', async () => {
    const [pid] = await sleepers(1, [
      'setpriv',
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      'unshare',
      '-Un',
      'sleep',
    ]);
    const inside = found().read.find(({ owner }) => owner === `sleep[${pid}]`);
    expect(inside?.snapshot.settings.get('net.ipv4.tcp_syncookies')).toMatchObject({ state: 'ok' });
  });

  test('as root that may not enter: what anybody sees, once', async () => {
    const listener = await overflowing(ends);
    const without = ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin', 'sh'] as const;
    const { read, unseen } = found({ shell: without });
    const inside = read.filter(({ owner }) => owner === `perl[${listener.pid}]`) as [NetworkNamespace];
    expect(inside).toHaveLength(1);
    expect(inside[0].snapshot.settings.get('net.ipv4.tcp_syncookies')).toMatchObject({ why: 'not-permitted' });
    expect(inside[0].snapshot.sockets).toMatchObject({
      value: { listeners: [{ port: 8080, queued: 2, limit: null }] },
    });
    expect(unseen).toContain('their settings were not read');
  });

  test('says that it cannot see processes of others (hidepid)', async () => {
    const [pid] = await sleepers(1);
    const hidden = `mount --make-rprivate / && mount -t proc -o hidepid=2 proc /proc &&
      exec setpriv --reuid=65534 --regid=65534 --clear-groups sh "$@"`;
    const { read, unseen } = found({ shell: ['unshare', '-m', 'sh', '-c', hidden, 'sh'] });
    expect(read).toEqual([]);
    expect(unseen).toContain('processes of other users are hidden from this login (hidepid)');
    expect(existsSync(`/proc/${pid}`)).toBe(true);
  });

  test('counts sockets beyond its bound, and leaves them alone', async () => {
    const listener = await overflowing(ends);
    const { read } = found({ edit: script => script.replaceAll('-gt 100000', '-gt 0') });
    const inside = read.find(({ owner }) => owner === `perl[${listener.pid}]`);
    expect(inside?.snapshot.sockets).toMatchObject({ state: 'absent', why: 'not-collected' });
    expect(inside?.snapshot.samples[0].tables['proc/net/netstat']).toMatchObject({ state: 'ok' });
  });

  test('a file in /run/netns that is no namespace is no harm', async () => {
    const name = addName('stale', ends);
    execFileSync('umount', [`/run/netns/${name}`]);
    const { text, stderr } = runCollector('', { intervalSeconds: 1 });
    expect(stderr).toBe('');
    expect(text).toMatch(/\n@\w+ end\n$/);
    expect(ownersIn(found())).not.toContain(`netns ${name}`);
  });

  test('starts few processes and writes nothing', {
    skip: spawnSync('strace', ['-V']).error !== undefined,
  }, async () => {
    const listener = await overflowing(ends);
    const quiet = await sleepers(1);
    const name = addName('green', ends);
    const directory = freshDirectory();
    const trace = join(directory, 'trace');
    const calls = 'trace=fork,vfork,clone,clone3,execve,open,openat,creat,unlink,rename,mkdir,mount';
    const script = collectorScript({
      boundary: newBoundary(new Uint8Array(16)),
      intervalSeconds: 1,
      sockets: 'bounded',
    });
    // a mount namespace of its own for /proc and /run/netns, so that namespaces of other tests are not counted
    const alone = `exec 3<"$1" && mount --make-rprivate / && mount -t tmpfs tmpfs /run/netns && : >"$1" &&
      mount --no-canonicalize --bind /proc/self/fd/3 "$1" && exec 3<&- && exec strace -f -qq -o "$2" -e "$3" sh -s`;
    const { stdout } = spawnSync('unshare', ['-m', 'sh', '-c', alone, 'sh', `/run/netns/${name}`, trace, calls], {
      input: script,
      encoding: 'utf8',
    });
    const lines = readFileSync(trace, 'utf8').split('\n');
    expect(stdout).toContain(` proc/${listener.pid} `);
    expect(stdout).toContain(` proc/${quiet[0]} `);
    expect(stdout).toContain(` run/netns/${name}`);
    // of the one that a mount holds, the counters come from inside, in both samples
    expect(stdout.match(/^(?:F )?proc\/self\/net\/netstat:TcpExt: \d/gm)).toHaveLength(2);
    expect(stdout).toMatch(/^S 2 1 127\.0\.0\.1:8080/m);
    expect(stdout).toContain('F proc/sys/net/ipv4/tcp_fastopen:');
    expect(stdout).not.toContain('tcp_fastopen_key');
    expect(lines.filter(line => line.includes('tcp_fastopen_key'))).toEqual([]);
    const opened = lines.filter(
      line => /open(?:at)?\(.*?O_(?:WRONLY|RDWR|CREAT)/.test(line) && !line.includes('"/dev/null"'),
    );
    expect(opened).toEqual([]);
    expect(lines.filter(line => /(?:creat|unlink|rename|mkdir|mount)\(/.test(line))).toEqual([]);
    const others = stdout.match(/^@\w+ namespace /gm)?.length ?? 0;
    const born = lines.filter(line => /(?:fork|clone3?)\(.*= [1-9]\d*$|resumed.*= [1-9]\d*$/.test(line)).length + 1;
    // 8 for the host, one ls, two more for each further namespace
    expect(born).toBeLessThanOrEqual(9 + 2 * others);
  });
});
