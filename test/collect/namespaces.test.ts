import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NetworkNamespace, Snapshot } from '../../src/model/snapshot.ts';
import { buildSnapshot } from '../../src/snapshot/build.ts';
import { framesOf, runCollector, shells } from './run-collector.ts';
import { bareHost, plantTree } from './tree.ts';

const may = process.getuid?.() === 0 && spawnSync('unshare', ['-n', 'true']).status === 0;
const listener = join(import.meta.dirname, '../netns/listen.pl');

const readIn = ({ namespaces }: Snapshot): readonly NetworkNamespace[] =>
  namespaces.state === 'ok' ? namespaces.value.read : [];

// Other tests may have namespaces of their own at the same time: each looks for the one it made.
describe.skipIf(!may)('a process in another network namespace', () => {
  let listening: ChildProcess;
  let owner: string;

  beforeAll(async () => {
    listening = spawn('unshare', ['-n', 'perl', listener, '0.0.0.0', '8080', '7', 'never'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(listening.stdout as NodeJS.ReadableStream, 'data');
    owner = `perl[${listening.pid}]`;
  });
  afterAll(async () => {
    const ended = once(listening, 'exit');
    listening.kill('SIGKILL');
    await ended;
  });

  const ofListener = (snapshot: Snapshot): NetworkNamespace => {
    const found = readIn(snapshot).filter(namespace => namespace.owner === owner);
    expect(found).toHaveLength(1);
    return found[0] as NetworkNamespace;
  };

  test.each(shells.map(shell => [shell.join(' '), shell] as const))('under %s, as root', (_, shell) => {
    const { id, snapshot, hostKeys } = ofListener(buildSnapshot(framesOf('', { shell, intervalSeconds: 1 })));
    expect(id).toBe(execFileSync('stat', ['-Lc', '%i', `/proc/${listening.pid}/ns/net`], { encoding: 'utf8' }).trim());
    expect(snapshot.onlyOneSample).toBeNull();
    expect(snapshot.samples[1]?.tables['proc/net/netstat']).toMatchObject({ state: 'ok' });
    expect(snapshot.sockets).toMatchObject({
      state: 'ok',
      value: { listeners: [{ address: '0.0.0.0', port: 8080, queued: 0 }], peers: [] },
    });
    expect(snapshot.settings.get('net.ipv4.tcp_syncookies')).toMatchObject({ state: 'ok' });
    expect(snapshot.settings.get('net.ipv4.conf.lo.rp_filter')).toMatchObject({ state: 'ok' });
    // the machine's own limit, in init_net alone (net/ipv4/tcp.c)
    expect(hostKeys.has('net.ipv4.tcp_mem')).toBe(!existsInside('/proc/sys/net/ipv4/tcp_mem'));
    expect(snapshot.settings.get('net.ipv4.tcp_mem')).toMatchObject({ state: 'ok' });
  });

  test.each(shells.map(shell => [shell.join(' '), shell] as const))('under %s, as an ordinary user', (_, shell) => {
    const snapshot = buildSnapshot(framesOf('', { shell, uid: 65534 }));
    const inside = ofListener(snapshot).snapshot;
    expect(inside.samples[0].tables['proc/net/netstat']).toMatchObject({ state: 'ok' });
    expect(inside.sockets).toMatchObject({ value: { listeners: [{ port: 8080 }] } });
    expect(inside.settings.get('net.ipv4.tcp_syncookies')).toMatchObject({ why: 'not-permitted' });
    expect(snapshot.namespaces).toMatchObject({ value: { unseen: expect.stringContaining('that takes root') } });
    expect(snapshot.unread).toEqual({});
  });

  test('where nsenter is not there, root gets what anybody gets', () => {
    const path = plantTree({});
    try {
      for (const program of ['awk', 'grep', 'find', 'ls', 'sleep']) {
        const found = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
        execFileSync('ln', ['-s', found, join(path.root, program)]);
      }
      // the script adds the usual directories to PATH: here they are left out
      const { text } = runCollector('', { edit: script => script.replace(/^PATH=.*$/m, `PATH=${path.root}`) });
      expect(text).toMatch(/^@\w+ missing nsenter$/m);
      expect(text).toMatch(/^L 00000000 1F90 /m);
    } finally {
      path.remove();
    }
  });

  test('its settings are those of its own, not those of the host', () => {
    execFileSync('nsenter', [
      `--net=/proc/${listening.pid}/ns/net`,
      'sh',
      '-c',
      'echo 77 >/proc/sys/net/core/somaxconn',
    ]);
    const { settings } = ofListener(buildSnapshot(framesOf(''))).snapshot;
    expect(settings.get('net.core.somaxconn')).toEqual({ state: 'ok', value: '77' });
    expect(readFileSync('/proc/sys/net/core/somaxconn', 'utf8').trim()).not.toBe('77');
  });

  const existsInside = (path: string): boolean =>
    spawnSync('nsenter', [`--net=/proc/${listening.pid}/ns/net`, 'test', '-e', path]).status === 0;
});

test('a saved tree is not searched for namespaces of this machine', () => {
  const { root, remove } = plantTree(bareHost);
  try {
    expect(buildSnapshot(framesOf(root)).namespaces).toEqual({ state: 'absent', why: 'not-collected' });
  } finally {
    remove();
  }
});

test.skipIf(!existsSync('/proc/self/net/netstat'))('this machine is searched', () => {
  expect(buildSnapshot(framesOf('')).namespaces.state).toBe('ok');
});
