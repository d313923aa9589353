import { describe, expect, test } from 'vitest';
import { readFrames } from '../../src/collect/frames.ts';
import { counter, type NetworkNamespace, type Snapshot, setting } from '../../src/model/snapshot.ts';
import { buildSnapshot } from '../../src/snapshot/build.ts';
import { maxNamespaces } from '../../src/sources/namespaces.ts';
import { type HostParts, type Inside, outputWith } from '../collect/namespace-output.ts';
import fc from '../fast-check.ts';

function snapshotOf(text: string): Snapshot {
  const read = readFrames(text);
  if (!read.ok) throw new Error(read.why);
  return buildSnapshot(read.frames);
}

function namespacesOf(parts: HostParts): { read: readonly NetworkNamespace[]; unseen: string | null } {
  const { namespaces } = snapshotOf(outputWith(parts));
  if (namespaces.state !== 'ok') throw new Error('they were not looked for');
  return namespaces.value;
}

const nginx: Inside = {
  id: '4026532281',
  pid: 4711,
  name: 'nginx',
  cgroup: `0::/system.slice/docker-${'0a1b2c3d4e5f'.padEnd(64, '0')}.scope`,
  counters: [{ ListenOverflows: 10 }, { ListenOverflows: 16 }],
  settings: { 'net/core/somaxconn': '128', 'net/ipv4/conf/eth0/rp_filter': '1' },
  sockets: ['L 00000000 01BB 00000081', 'S 129 128 0.0.0.0:443'],
};

const hostSettings = {
  'net/core/somaxconn': '4096',
  'net/ipv4/tcp_tw_recycle': '1',
  'net/ipv4/conf/all/rp_filter': '2',
  'net/ipv4/conf/ens5/rp_filter': '2',
};

const valueIn = (reading: ReturnType<typeof setting>): string =>
  reading.state === 'ok' ? reading.value : reading.state;

test('a container: its name, its counters with their rate, its listeners with their limit', () => {
  const { read, unseen } = namespacesOf({ inside: [nginx], settings: hostSettings });
  expect(unseen).toBeNull();
  expect(read.map(({ id, owner, container }) => ({ id, owner, container }))).toEqual([
    { id: '4026532281', owner: 'nginx[4711]', container: '0a1b2c3d4e5f' },
  ]);
  const { snapshot } = read[0] as NetworkNamespace;
  expect(counter(snapshot, 'proc/net/netstat', 'TcpExt.ListenOverflows')).toMatchObject({
    state: 'ok',
    // the host was up for 1,002 s, its process began 900 s after boot
    value: { value: 16, earlier: 10, perSecond: 3, perHourSinceBoot: (16 * 3600) / 102 },
  });
  expect(snapshot.sockets).toMatchObject({
    state: 'ok',
    value: { listeners: [{ address: '0.0.0.0', port: 443, queued: 129, limit: 128 }] },
  });
});

test('a key that only the host has exists once: its value holds in the container, too; interfaces are its own', () => {
  const { read } = namespacesOf({ inside: [nginx], settings: hostSettings });
  const { snapshot, hostKeys } = read[0] as NetworkNamespace;
  expect(valueIn(setting(snapshot, 'net.core.somaxconn'))).toBe('128');
  expect(valueIn(setting(snapshot, 'net.ipv4.tcp_tw_recycle'))).toBe('1');
  expect(valueIn(setting(snapshot, 'net.ipv4.conf.eth0.rp_filter'))).toBe('1');
  expect(setting(snapshot, 'net.ipv4.conf.ens5.rp_filter')).toMatchObject({ why: 'not-in-this-kernel' });
  expect(setting(snapshot, 'net.ipv4.tcp_rfc1337')).toMatchObject({ why: 'not-in-this-kernel' });
  expect([...hostKeys].sort()).toEqual(['net.ipv4.conf.all.rp_filter', 'net.ipv4.tcp_tw_recycle']);
});

test('what the machine has once is not read again for a container', () => {
  const { snapshot } = namespacesOf({ inside: [nginx] }).read[0] as NetworkNamespace;
  const missing = { state: 'absent', why: 'not-collected' };
  expect(snapshot.boot).toMatchObject(missing);
  expect(snapshot.samples[0].tables['proc/net/softnet_stat']).toMatchObject(missing);
  expect(snapshot.samples[0].tables['proc/net/stat/arp_cache']).toMatchObject(missing);
  // but a file that a namespace could have and has not is just not there
  expect(snapshot.samples[0].tables['proc/net/snmp6']).toEqual({ state: 'absent', why: 'no-such-file' });
});

test('without root: counters and sockets, no settings, neither its own nor those of the host', () => {
  const { settings: _, ...outside } = nginx;
  const { read, unseen } = namespacesOf({ inside: [outside], settings: hostSettings });
  const { snapshot } = read[0] as NetworkNamespace;
  expect(counter(snapshot, 'proc/net/netstat', 'TcpExt.ListenOverflows')).toMatchObject({ value: { value: 16 } });
  expect(setting(snapshot, 'net.core.somaxconn')).toMatchObject({ state: 'absent', why: 'not-permitted' });
  expect(setting(snapshot, 'net.ipv4.tcp_tw_recycle')).toMatchObject({ state: 'absent', why: 'not-permitted' });
  expect(snapshot.sockets.state).toBe('ok');
  expect(unseen).toBe('not all was seen of other network namespaces: their settings were not read (that takes root)');
});

test('a namespace without a process: read by its mount, named by it', () => {
  const { name: _, ...rest } = nginx;
  const blue: Inside = { ...rest, name: 'blue', pid: null, id: '4026532299' };
  const { read } = namespacesOf({ inside: [blue] });
  expect(read.map(({ owner, container }) => ({ owner, container }))).toEqual([
    { owner: 'netns blue', container: null },
  ]);
  expect(counter(read[0]?.snapshot as Snapshot, 'proc/net/netstat', 'TcpExt.ListenOverflows')).toMatchObject({
    value: { value: 16, earlier: 10, perHourSinceBoot: (16 * 3600) / 1002 },
  });
});

test('the process of the longest life tells since when counters run: the pause of a pod', () => {
  const { read } = namespacesOf({ inside: [{ ...nginx, oldest: 4700 }] });
  expect(counter(read[0]?.snapshot as Snapshot, 'proc/net/netstat', 'TcpExt.ListenOverflows')).toMatchObject({
    value: { perHourSinceBoot: (16 * 3600) / 902 },
  });
});

describe('what cannot be compared or was not seen', () => {
  test.each<[string, Partial<Inside>]>([
    ['the process ended', { counters: [{ ListenOverflows: 10 }, null] }],
    ['another process has its number', { started: [900, 1001] }],
  ])('%s: one sample', (_, change) => {
    const { read } = namespacesOf({ inside: [{ ...nginx, ...change }] });
    expect(read).toHaveLength(1);
    const { snapshot } = read[0] as NetworkNamespace;
    expect(snapshot.onlyOneSample).toBe('its process ended between the samples');
    expect(counter(snapshot, 'proc/net/netstat', 'TcpExt.ListenOverflows')).toMatchObject({
      value: { value: 10 },
    });
    expect(snapshot.samples).toHaveLength(1);
  });

  test('a namespace that ended before anything was read, and a mount that could not be entered', () => {
    const gone = outputWith({ inside: [nginx] }).replaceAll('proc/4711/net/', 'proc/4712/net/');
    expect(snapshotOf(gone).namespaces).toEqual({ state: 'ok', value: { read: [], unseen: null } });
    const { settings: _, ...closed } = nginx;
    expect(namespacesOf({ inside: [{ ...closed, pid: null, name: 'stale' }] })).toEqual({
      read: [],
      unseen: 'not all was seen of other network namespaces: 1 that only a mount holds could not be entered',
    });
  });

  test.each([
    ['beyond 12', `12 more were not read (at most ${maxNamespaces} are)`],
    ['hidden', 'processes of other users are hidden from this login (hidepid)'],
    ['named 2', 'those that only a name in /run/netns holds were not read (that takes root)'],
    ['unlooked', 'more than 4096 processes run here, and no more were looked at'],
  ])('%s', (mark, words) => {
    expect(namespacesOf({ marks: [mark] })).toEqual({
      read: [],
      unseen: `not all was seen of other network namespaces: ${words}`,
    });
  });

  test('a missing nsenter is named', () => {
    const { settings: _, ...outside } = nginx;
    const { read, unseen } = namespacesOf({ inside: [outside], settings: hostSettings, marks: ['missing nsenter'] });
    expect(unseen).toContain('their settings were not read (there is no nsenter)');
    expect(setting((read[0] as NetworkNamespace).snapshot, 'net.core.somaxconn')).toEqual({
      state: 'absent',
      why: 'command-missing',
      detail: 'nsenter',
    });
  });

  test('more sockets than are read at once', () => {
    const { read } = namespacesOf({ inside: [nginx], marks: ['crowded 4026532281 250000'] });
    expect(read[0]?.snapshot.sockets).toMatchObject({ state: 'absent', detail: expect.stringContaining('250000') });
  });

  test('nobody looked: saved trees, and output of older releases', () => {
    const text = outputWith({}).replace(/^@\w+ namespaces\n/m, '');
    expect(snapshotOf(text).namespaces).toEqual({ state: 'absent', why: 'not-collected' });
  });

  test('a host without containers', () => {
    expect(namespacesOf({})).toEqual({ read: [], unseen: null });
  });
});

describe('a hostile host', () => {
  test('names that a process gave itself are safe to show and short', () => {
    const name = 'ng\u001b[31minx)\n(x S 1 0 evil and much longer than the kernel allows';
    const { read } = namespacesOf({ inside: [{ ...nginx, name }] });
    expect(read[0]?.owner).toBe('nginx) (x S 1 0[4711]');
  });

  test('more namespaces than the script reads are not taken', () => {
    const inside = Array.from({ length: 300 }, (_, i): Inside => ({ ...nginx, id: `${i}`, pid: 1000 + i }));
    expect(namespacesOf({ inside }).read).toHaveLength(maxNamespaces);
  });

  test('two containers share what is read once of a cohort', () => {
    const once = (text: string) => {
      const read = readFrames(text);
      return read.ok ? read.frames.once : null;
    };
    const other: Inside = { ...nginx, pid: 5000, id: '77' };
    expect(once(outputWith({ inside: [nginx], settings: hostSettings }))).toBe(
      once(outputWith({ inside: [nginx, other], settings: hostSettings })),
    );
  });

  test('whatever it prints between the marks, a snapshot comes of it', () => {
    const junk = fc.string({
      unit: fc.constantFrom('F', ' ', ':', '\n', 'proc/1/net', '9', 'L', '-', '\u0000', '(', ')'),
    });
    const marks = [
      'namespace 7 proc/1 1',
      'namespace 7 run/netns/x',
      'within 7',
      'again 7',
      'crowded 7 x',
      'beyond -1',
      'named',
    ];
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...marks), junk), { maxLength: 8 }), parts => {
        const lines = parts.map(([mark, text]) => `${mark}\n${text.replaceAll('@', '')}`);
        const { namespaces } = snapshotOf(outputWith({ inside: [nginx], marks: lines }));
        expect(namespaces.state).toBe('ok');
        expect(JSON.stringify(namespaces)).not.toContain('NaN');
      }),
    );
  });
});
