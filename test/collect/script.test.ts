import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { readFrames } from '../../src/collect/frames.ts';
import { collectorScript, endMarker, newBoundary } from '../../src/collect/script.ts';
import { buildSnapshot } from '../../src/snapshot/build.ts';
import { framesOf, runCollector, shells } from './run-collector.ts';
import { bareHost, hexSocket, plantTree, type Tree, tcpHeader, tcpRow } from './tree.ts';

const planted: (() => void)[] = [];
const plant = (tree: Tree): string => {
  const { root, remove } = plantTree(tree);
  planted.push(remove);
  return root;
};
afterEach(() => {
  for (const remove of planted.splice(0)) remove();
});

const script = collectorScript({ boundary: newBoundary(new Uint8Array(16)), intervalSeconds: 2, sockets: 'bounded' });
const asRoot = process.getuid?.() === 0;

describe('the script', () => {
  it('is clean for shellcheck', { skip: spawnSync('shellcheck', ['--version']).error !== undefined }, () => {
    // -ef is not POSIX but in every shell named here; the others are the script's intent (see its comments)
    const { stdout } = spawnSync('shellcheck', ['-s', 'sh', '-e', 'SC3013,SC2015,SC2044,SC2086,SC2016,SC1010', '-'], {
      input: script,
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
  });

  it('does nothing when it is cut anywhere in transit', () => {
    const marker = "printf 'synaudit-collector";
    const cut = script.slice(0, script.indexOf(marker));
    for (const length of [200, 1000, 3000, cut.length]) {
      const { stdout } = spawnSync('sh', ['-s'], { input: cut.slice(0, length), encoding: 'utf8' });
      expect(stdout).toBe('');
    }
  });

  it('writes nothing, and starts nothing but readers', {
    skip: spawnSync('strace', ['-V']).error !== undefined,
  }, () => {
    const { stderr, stdout } = spawnSync(
      'strace',
      ['-f', '-qq', '-e', 'trace=execve,open,openat,creat,unlink,rename,mkdir', 'sh', '-s'],
      {
        input: script.replace('interval=2', 'interval=1'),
        encoding: 'utf8',
      },
    );
    const opened = stderr.match(/open(?:at)?\(.*?O_(?:WRONLY|RDWR|CREAT).*/g) ?? [];
    expect(opened.filter(call => !call.includes('"/dev/null"'))).toEqual([]);
    expect(stderr).not.toMatch(/(?:creat|unlink|rename|mkdir)\(/);
    const started = [...stderr.matchAll(/execve\("[^"]*\/([^"/]+)"(?!.*ENOENT)/g)].map(([, program]) => program);
    // DESIGN: at most 8 processes on a host, and 2 more per further network namespace: nsenter becomes awk, sh becomes ss
    const others = stdout.match(/^@\w+ namespace /gm)?.length ?? 0;
    expect(started.length).toBeLessThanOrEqual(8 + (others === 0 ? 0 : 1 + 4 * others));
    const readers = ['awk', 'find', 'grep', 'ip', 'ls', 'nsenter', 'sh', 'sleep', 'ss'];
    expect(started.filter(program => !readers.includes(program ?? ''))).toEqual([]);
    expect(started).toEqual(expect.arrayContaining(['sh', 'find', 'grep', 'awk', 'sleep']));
  });
});

describe.each(shells.map(shell => [shell.join(' '), shell] as const))('under %s', (_name, shell) => {
  it('reads a tree: values, counters, absence', () => {
    const snapshot = buildSnapshot(framesOf(plant(bareHost), { shell }));
    expect(snapshot.kernel).toEqual({ state: 'ok', value: '3.10.0-1160.el7.x86_64' });
    expect(snapshot.settings.get('net.ipv4.tcp_tw_recycle')).toEqual({ state: 'ok', value: '1' });
    expect(snapshot.ipv4Readable).toBe(true);
    expect(snapshot.samples[0].tables['proc/net/netstat']).toMatchObject({ state: 'ok' });
    expect(snapshot.samples[0].tables['proc/net/snmp']).toEqual({ state: 'absent', why: 'no-such-file' });
    expect(snapshot.unread).toEqual({});
  });

  it('reads this machine, twice, in one visit', { skip: process.platform !== 'linux' }, () => {
    const snapshot = buildSnapshot(framesOf('', { shell, intervalSeconds: 1 }));
    expect(snapshot.onlyOneSample).toBeNull();
    expect(snapshot.kernel).toEqual({ state: 'ok', value: execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim() });
    expect(snapshot.sockets.state).toBe('ok');
    expect(snapshot.unread).toEqual({});
  });

  it('counts sockets by listener and peer', () => {
    const listen = tcpRow({
      local: hexSocket('0.0.0.0', 8080),
      remote: hexSocket('0.0.0.0', 0),
      state: '0A',
      rxQueue: 3,
    });
    const peer = (remote: string, port: number, state: string): string =>
      tcpRow({ local: hexSocket('192.0.2.1', 8080), remote: hexSocket(remote, port), state });
    const tcp = [
      tcpHeader,
      listen,
      peer('10.8.0.5', 1025, '01'),
      peer('10.8.0.5', 40000, '06'),
      peer('10.9.0.1', 50000, '08'),
      tcpRow({ local: hexSocket('192.0.2.1', 8080), remote: hexSocket('10.9.0.2', 9), state: '03', retransmits: 2 }),
      tcpRow({ local: hexSocket('192.0.2.1', 33000), remote: hexSocket('10.1.1.1', 5432), state: '01' }),
      tcpRow({ local: hexSocket('192.0.2.1', 33001), remote: hexSocket('10.1.1.1', 5432), state: '06' }),
    ].join('');
    const { sockets } = buildSnapshot(framesOf(plant({ ...bareHost, 'proc/net/tcp': tcp }), { shell }));
    expect(sockets.state).toBe('ok');
    if (sockets.state !== 'ok') return;
    expect(sockets.value.listeners).toEqual([{ address: '0.0.0.0', port: 8080, queued: 3, limit: null }]);
    expect(sockets.value.peers.find(({ address }) => address === '10.8.0.5')).toEqual({
      address: '10.8.0.5',
      port: 8080,
      connections: 2,
      states: { ESTABLISHED: 1, TIME_WAIT: 1 },
      lowPorts: 1,
    });
    expect(sockets.value.halfOpen).toEqual([{ port: 8080, requests: 1, retransmitted: 1 }]);
    expect(sockets.value.destinations).toEqual([{ address: '10.1.1.1', port: 5432, connections: 2, timeWait: 1 }]);
    expect(sockets.value.states).toMatchObject({ LISTEN: 1, ESTABLISHED: 2, SYN_RECV: 1 });
  });

  it('follows links inside the root, absolute ones too, and never out of it', () => {
    const root = plant({
      ...bareHost,
      'private/self/net/netstat': 'TcpExt: PAWSPassive\nTcpExt: 9\n',
      'proc/net/snmp': { link: '../../private/../private/self/net/netstat' },
      'proc/net/snmp6': { link: '/private/self/net/netstat' },
      'proc/net/sockstat': { link: '../../../../../../../../etc/hostname' },
      'proc/net/dev': { link: 'dev' },
      'etc/sysctl.conf': 'net.ipv4.tcp_tw_recycle = 1\n',
      'etc/sysctl.d/99-sysctl.conf': { link: '../sysctl.conf' },
      'etc/sysctl.d/10-masked.conf': { link: '/dev/null' },
      'usr/lib/sysctl.d': { link: '/etc/passwd' },
    });
    const frames = framesOf(root, { shell });
    const sample = frames.once.files;
    const counters = frames.samples[0];
    expect(counters?.get('proc/net/snmp')).toEqual({ status: 'ok', text: 'TcpExt: PAWSPassive\nTcpExt: 9' });
    expect(counters?.get('proc/net/snmp6')).toEqual(counters?.get('proc/net/snmp'));
    expect(counters?.get('proc/net/sockstat')).toEqual({ status: 'absent' });
    expect(counters?.get('proc/net/dev')).toEqual({ status: 'malformed', why: 'links do not end' });
    expect(sample.get('etc/sysctl.d/99-sysctl.conf')).toEqual({ status: 'ok', text: 'net.ipv4.tcp_tw_recycle = 1' });
    expect(frames.once.sysctlFiles).toEqual([
      { path: 'etc/sysctl.d/10-masked.conf', masked: true },
      { path: 'etc/sysctl.d/99-sysctl.conf', masked: false, same: 'etc/sysctl.conf' },
    ]);
    expect(JSON.stringify([...sample])).not.toContain('root:');
  });

  it('reads only regular files of at most 1 MiB', () => {
    const root = plant({ ...bareHost, 'etc/sysctl.conf': 'a = 1\n', 'proc/net/snmp': '' });
    truncateSync(join(root, 'etc/sysctl.conf'), 1024 * 1024 + 1);
    rmSync(join(root, 'proc/net/snmp'));
    execFileSync('mkfifo', [join(root, 'proc/net/snmp')]);
    mkdirSync(join(root, 'proc/net/snmp6'));
    const frames = framesOf(root, { shell });
    expect(frames.once.files.get('etc/sysctl.conf')).toEqual({ status: 'malformed', why: 'larger than 1024 KiB' });
    expect(frames.samples[0]?.get('proc/net/snmp')).toEqual({ status: 'malformed', why: 'not a regular file' });
    expect(Object.keys(buildSnapshot(frames).unread)).toEqual(
      expect.arrayContaining(['etc/sysctl.conf', 'proc/net/snmp', 'proc/net/snmp6']),
    );
  });

  it('survives names and numbers that are made to hurt', () => {
    const root = plant({
      ...bareHost,
      'etc/sysctl.d/a b;$(touch pwned).conf': 'x = 1\n',
      'etc/sysctl.d/*.conf': 'y = 2\n',
      'etc/sysctl.d/new\nline.conf': 'z = 3\n',
      'etc/sysctl.d/co:lon.conf': 'z = 3\n',
      'proc/sys/net/ipv4/conf/$(reboot)/rp_filter': '1\n',
      'proc/net/sockstat':
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's expansion, to see that none takes place
        'TCP: inuse 08 orphan 0 tw $(touch${IFS}pwned) alloc 1 mem 1\nTCP: inuse 99999999999999999999 x x\n',
      'proc/net/tcp': `${tcpHeader}nonsense\n`,
    });
    const { text, stderr } = runCollector(root, { shell });
    expect(stderr).toBe('');
    const read = readFrames(text);
    expect(read.ok).toBe(true);
    if (!read.ok) return;
    expect(read.frames.once.files.get('etc/sysctl.d/a b;$(touch pwned).conf')).toEqual({
      status: 'ok',
      text: 'x = 1',
    });
    expect(buildSnapshot(read.frames).sockets).toEqual({
      state: 'malformed',
      why: 'not a row of /proc/net/tcp',
      line: 2,
    });
    expect(existsSync(join(root, 'pwned'))).toBe(false);
  });
});

describe('secrets', () => {
  it('never reads tcp_fastopen_key, not even as root', { skip: !asRoot }, () => {
    const key = '/proc/sys/net/ipv4/tcp_fastopen_key';
    const root = plant({ ...bareHost, 'proc/sys/net/ipv4/tcp_fastopen_key': 'deadbeef-cafe-f00d-0000\n' });
    const tree = runCollector(root).text;
    expect(tree).not.toContain('tcp_fastopen_key');
    expect(tree).not.toContain('deadbeef');
    const live = runCollector('').text;
    expect(live).toContain('tcp_fastopen:');
    expect(live).not.toContain('tcp_fastopen_key');
    if (existsSync(key)) {
      const trace = spawnSync('strace', ['-f', '-e', 'trace=open,openat', 'sh', '-s'], {
        input: script.replace('interval=2', 'interval=0'),
        encoding: 'utf8',
      });
      if (trace.error === undefined) expect(trace.stderr).not.toContain('tcp_fastopen_key');
    }
  });
});

describe('accept queues', () => {
  const waits = spawnSync('ss', ['-V']).error !== undefined || process.platform !== 'linux';

  it('that hold connections are told with their limit', { skip: waits }, async () => {
    // in a process of its own: one that is waited for here could not be connected to
    const server = spawn(process.execPath, ['-e', listener], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const port = Number(await new Promise(resolve => server.stdout.once('data', resolve)));
      const { sockets } = buildSnapshot(framesOf(''));
      if (sockets.state !== 'ok') throw new Error('no sockets');
      const found = sockets.value.listeners.find(candidate => candidate.port === port);
      expect(found).toEqual({ address: '127.0.0.1', port, queued: 2, limit: 7 });
    } finally {
      server.kill();
    }
  });

  /** Listens with a backlog of 7, stops itself before it accepts, and is connected to twice by a child. */
  const listener = `
    const { createServer, connect } = require('node:net');
    const server = createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 7 }, () => {
      const { port } = server.address();
      const { spawnSync } = require('node:child_process');
      const client = "const {connect}=require('node:net');const p=+process.argv[1];connect(p,'127.0.0.1');" +
        "connect(p,'127.0.0.1',()=>setTimeout(()=>{require('node:fs').writeSync(1,String(p));},100));setTimeout(()=>{},8000)";
      spawnSync(process.execPath, ['-e', client, String(port)], { stdio: ['ignore', 'inherit', 'ignore'] });
    });`;
});

describe('idle connections', () => {
  const waits = spawnSync('ss', ['-V']).error !== undefined || process.platform !== 'linux';

  it('to a destination are counted only when asked for', { skip: waits }, async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = connect(port, '127.0.0.1');
    await once(client, 'connect');
    try {
      // a stranger's listener would make it a service; a listener that is closed leaves a destination
      server.close();
      await setTimeout(1_300);
      const destination = (idleSeconds?: readonly number[]) => {
        const { sockets } = buildSnapshot(framesOf('', idleSeconds === undefined ? {} : { idleSeconds }));
        if (sockets.state !== 'ok') throw new Error('no sockets');
        return sockets.value.destinations.find(candidate => candidate.port === port);
      };
      expect(destination([1, 60])?.idle).toEqual({ 1: 1, 60: 0 });
      expect(destination()).not.toHaveProperty('idle');
    } finally {
      client.destroy();
    }
  });
});

describe('rights', () => {
  it('tells a denial from a missing file', { skip: !asRoot }, () => {
    const root = plant({
      ...bareHost,
      'etc/sysctl.conf': 'net.ipv4.tcp_tw_recycle = 1\n',
      'etc/sysctl.d/10-x.conf': 'a = 1\n',
      'usr/lib/sysctl.d/50.conf': 'a = 1\n',
    });
    chmodSync(root, 0o755);
    chmodSync(join(root, 'etc/sysctl.conf'), 0o600);
    chmodSync(join(root, 'etc/sysctl.d'), 0o700);
    const frames = framesOf(root, { uid: 65534 });
    expect(frames.once.files.get('etc/sysctl.conf')).toEqual({ status: 'denied' });
    expect(frames.once.files.get('etc/sysctl.d')).toEqual({ status: 'denied' });
    expect(frames.once.files.get('run/sysctl.d')).toEqual({ status: 'absent' });
    expect(buildSnapshot(frames).unread).toEqual({
      'etc/sysctl.conf': 'not permitted',
      'etc/sysctl.d': 'not permitted',
    });
  });
});

describe('bounds', () => {
  const many = (count: number): string => {
    const rows = [tcpHeader, tcpRow({ local: hexSocket('0.0.0.0', 80), remote: hexSocket('0.0.0.0', 0), state: '0A' })];
    for (let i = 0; i < count; i++) {
      // the first 100 addresses have 10 connections each, the others one
      const address = i < 1000 ? `10.1.0.${i % 100}` : `10.${2 + ((i >> 16) & 7)}.${(i >> 8) & 255}.${i & 255}`;
      rows.push(
        tcpRow({ local: hexSocket('192.0.2.1', 80), remote: hexSocket(address, 1024 + (i % 60000)), state: '01' }),
      );
    }
    return rows.join('');
  };

  it('sends the 4,000 busiest addresses and the rest as counts per /16', () => {
    const { sockets } = buildSnapshot(framesOf(plant({ ...bareHost, 'proc/net/tcp': many(20_000) })));
    if (sockets.state !== 'ok') throw new Error('no sockets');
    const { peers, rest } = sockets.value;
    expect(peers).toHaveLength(4000);
    expect(peers.filter(({ connections }) => connections === 10)).toHaveLength(100);
    expect(rest.every(({ prefix }) => /^10\.\d+\.0\.0\/16$/.test(prefix))).toBe(true);
    const sum = [...peers, ...rest].reduce((total, { connections }) => total + connections, 0);
    expect(sum).toBe(20_000);
  });

  it('above 100,000 sockets reads only how many there are, unless all are asked for', () => {
    const root = plant({
      ...bareHost,
      'proc/net/sockstat': 'TCP: inuse 60000 orphan 0 tw 50000 alloc 1 mem 1\n',
      'proc/net/tcp': many(10),
    });
    expect(buildSnapshot(framesOf(root)).sockets).toMatchObject({ state: 'absent', why: 'not-collected' });
    expect(buildSnapshot(framesOf(root, { sockets: 'all' })).sockets.state).toBe('ok');
  });
});

describe('output that is not complete', () => {
  it('is told from complete output at every byte', () => {
    const { text } = runCollector(plant(bareHost));
    const begin = text.indexOf('\n') + 1;
    for (let end = 0; end < text.length; end++) {
      expect(readFrames(text.slice(0, end))).toMatchObject({
        ok: false,
        why: end < begin ? 'no-header' : 'no-sentinel',
      });
    }
    expect(text.endsWith(`\n${endMarker(/ ([0-9a-f]{32})/.exec(text)?.[1] ?? '')}\n`)).toBe(true);
  });

  it('passes over what a login prints, and quotes it when nothing of ours follows', () => {
    const { text } = runCollector(plant(bareHost));
    expect(readFrames(`Welcome!\n\u001b[31mtoday: maintenance\n${text}\nbye\n`).ok).toBe(true);
    expect(readFrames('\nThis account is currently not available.\n')).toEqual({
      ok: false,
      why: 'no-header',
      firstLine: 'This account is currently not available.',
    });
  });

  it('belongs to the run that asked for it', () => {
    const { text } = runCollector(plant(bareHost));
    expect(readFrames(text, newBoundary(new Uint8Array(16))).ok).toBe(false);
  });
});

it('a file of the host cannot end or fake a frame', () => {
  const boundary = 'ab'.repeat(16);
  const root = plant({ ...bareHost, 'etc/sysctl.conf': `@${boundary} end\nsynaudit-collector/1 ${boundary}\n` });
  writeFileSync(join(root, 'etc/redhat-release'), `x\n@${boundary} sample 9\n`);
  const frames = framesOf(root);
  expect(frames.samples).toHaveLength(1);
  expect(frames.once.files.get('etc/sysctl.conf')).toMatchObject({ status: 'ok' });
});
