import { describe, expect, it } from 'vitest';
import { type Frame, type Frames, readFrames } from '../../src/collect/frames.ts';
import { counter, setting } from '../../src/model/snapshot.ts';
import { buildSnapshot } from '../../src/snapshot/build.ts';
import { withEarlier } from '../../src/snapshot/earlier.ts';

type Files = Readonly<Record<string, string>>;

const base: Files = {
  'proc/sys/kernel/osrelease': '4.9.0',
  'proc/sys/kernel/random/boot_id': 'aaaa',
  'proc/uptime': '100.00 9.00',
  'proc/net/netstat': 'TcpExt: PAWSPassive ListenDrops\nTcpExt: 10 20',
};

function framesOf(files: Files): Map<string, Frame> {
  return new Map(Object.entries(files).map(([path, text]) => [path, { status: 'ok', text }]));
}

function frames(samples: readonly Files[], more: Partial<Frames> = {}): Frames {
  return {
    once: {
      files: framesOf(samples[0] ?? {}),
      directories: new Set(['proc/sys/net/ipv4']),
      sysctlFiles: [],
      has: new Set(),
      lines: [],
    },
    samples: samples.map(framesOf),
    tables: new Map(),
    missing: new Set(),
    sockets: null,
    bounded: null,
    self: '',
    namespaces: null,
    ...more,
  };
}

const later: Files = {
  ...base,
  'proc/uptime': '102.00 9.00',
  'proc/net/netstat': 'TcpExt: PAWSPassive ListenDrops\nTcpExt: 129 20',
};

describe('the host name', () => {
  it.each([
    ['as the kernel prints it', 'web01.example.com', { state: 'ok', value: 'web01.example.com' }],
    ['none', undefined, { state: 'malformed' }],
    ['absurd', 'x'.repeat(300), { state: 'malformed' }],
  ])('%s; it is no reason to call a visit partial', (_name, hostname, expected) => {
    const files = hostname === undefined ? base : { ...base, 'proc/sys/kernel/hostname': hostname };
    const snapshot = buildSnapshot(frames([files]));
    expect(snapshot.hostname).toMatchObject(expected);
    expect(snapshot.unread).toEqual(buildSnapshot(frames([base])).unread);
  });
});

describe('two samples', () => {
  it('give a rate by the host’s own clock', () => {
    const snapshot = buildSnapshot(frames([base, later]));
    expect(counter(snapshot, 'proc/net/netstat', 'TcpExt.PAWSPassive')).toEqual({
      state: 'ok',
      value: {
        source: 'proc/net/netstat',
        field: 'TcpExt.PAWSPassive',
        value: 129,
        earlier: 10,
        perSecond: 59.5,
        perHourSinceBoot: (129 * 3600) / 102,
      },
    });
  });

  it('are one where the host was rebooted between them', () => {
    const rebooted = { ...later, 'proc/uptime': '3.00 1.00' };
    const snapshot = buildSnapshot(frames([base, rebooted]));
    expect(snapshot.samples).toHaveLength(1);
    expect(snapshot.onlyOneSample).toBe('the host was rebooted between the samples');
  });

  it('give no rate for a counter that went backwards', () => {
    const back = { ...later, 'proc/net/netstat': 'TcpExt: PAWSPassive ListenDrops\nTcpExt: 9 20' };
    const reading = counter(buildSnapshot(frames([base, back])), 'proc/net/netstat', 'TcpExt.PAWSPassive');
    expect(reading).toMatchObject({ state: 'ok', value: { value: 9 } });
    expect(reading.state === 'ok' && 'earlier' in reading.value).toBe(false);
  });

  it('give a difference but no rate where the uptime is unknown', () => {
    const unclocked = ({ 'proc/uptime': _, ...files }: Files): Files => files;
    const reading = counter(
      buildSnapshot(frames([unclocked(base), unclocked(later)])),
      'proc/net/netstat',
      'TcpExt.PAWSPassive',
    );
    expect(reading).toMatchObject({ state: 'ok', value: { value: 129, earlier: 10 } });
    expect(reading.state === 'ok' && 'perSecond' in reading.value).toBe(false);
  });

  it('may come from two visits', () => {
    const snapshot = withEarlier(buildSnapshot(frames([later])), buildSnapshot(frames([base])));
    expect(snapshot.onlyOneSample).toBeNull();
    const otherBoot = { ...base, 'proc/sys/kernel/random/boot_id': 'bbbb' };
    const other = withEarlier(buildSnapshot(frames([later])), buildSnapshot(frames([otherBoot])));
    expect(other.onlyOneSample).toContain('rebooted');
  });
});

describe('what is missing', () => {
  it('is never zero', () => {
    const snapshot = buildSnapshot(frames([base]));
    expect(counter(snapshot, 'proc/net/netstat', 'TcpExt.TCPReqQFullDrop')).toEqual({
      state: 'absent',
      why: 'not-in-this-kernel',
    });
    expect(setting(snapshot, 'net.ipv4.tcp_tw_recycle')).toEqual({ state: 'absent', why: 'not-in-this-kernel' });
    expect(snapshot.onlyOneSample).toBe('no second sample');
  });

  it('means nothing where the directory could not be listed', () => {
    const snapshot = buildSnapshot({ ...frames([base]), once: { ...frames([base]).once, directories: new Set() } });
    expect(setting(snapshot, 'net.ipv4.tcp_tw_recycle')).toEqual({ state: 'absent', why: 'not-collected' });
  });

  it('is named where it exists and could not be read or understood', () => {
    const broken = frames([{ ...base, 'proc/net/snmp': 'Tcp: a b\nTcp: 1' }]);
    (broken.once.files as Map<string, Frame>).set('etc/sysctl.conf', { status: 'denied' });
    expect(buildSnapshot(broken).unread).toMatchObject({
      'etc/sysctl.conf': 'not permitted',
      'proc/net/snmp': 'malformed at line 2: Tcp: 2 names but 1 values',
    });
  });

  it('is said of sockets and tcp_metrics, each for its own reason', () => {
    const { sockets, tcpMetrics } = buildSnapshot(frames([base], { bounded: 200_000, sockets: [] }));
    expect(sockets).toMatchObject({ state: 'absent', detail: expect.stringContaining('200000 sockets') });
    expect(tcpMetrics).toEqual({ state: 'ok', value: [] });
    const denied = buildSnapshot(frames([base], { sockets: ['E RTNETLINK answers: Operation not permitted'] }));
    expect(denied.tcpMetrics).toMatchObject({ state: 'absent', why: 'not-permitted' });
    expect(buildSnapshot(frames([base], { missing: new Set(['awk']) })).sockets).toMatchObject({
      why: 'command-missing',
    });
  });
});

describe('sockets', () => {
  const rows = [
    'S 2 128 0.0.0.0:8080',
    'S 0 4096 *:22',
    'S 0 511 [::]:8080',
    'L 00000000 1F90 00000002',
    'L 00000000000000000000000000000000 1F90 00000000',
    'P 0500080A 1F90 01 30',
    'P 0500080A 1F90 06 10',
    'P 0500080A 0016 01 1',
    'W 0500080A 1F90 12',
    'R 080A 77',
    'R B80D0120 3',
    'T 01 31',
  ];

  it('carry queue, limit and states, without our own SSH connection', () => {
    const own = '10.8.0.5 51000 192.0.2.1 22';
    const { sockets } = buildSnapshot(frames([base], { sockets: rows, self: own }));
    expect(sockets).toMatchObject({
      state: 'ok',
      value: {
        listeners: [
          { address: '0.0.0.0', port: 8080, queued: 2, limit: 128 },
          { address: '::', port: 8080, queued: 0, limit: 511 },
        ],
        peers: [
          {
            address: '10.8.0.5',
            port: 8080,
            connections: 40,
            states: { ESTABLISHED: 30, TIME_WAIT: 10 },
            lowPorts: 12,
          },
        ],
        rest: [
          { prefix: '10.8.0.0/16', connections: 77 },
          { prefix: '2001:db8::/32', connections: 3 },
        ],
      },
    });
  });

  it('of a big-endian host have their addresses the other way round', () => {
    const { sockets } = buildSnapshot(frames([base], { sockets: ['B 1', 'P 0A080005 0050 01 1', 'R 0A08 2'] }));
    expect(sockets).toMatchObject({ value: { peers: [{ address: '10.8.0.5' }], rest: [{ prefix: '10.8.0.0/16' }] } });
  });
});

it('no output, however hostile, makes it throw', () => {
  const header = `synaudit-collector/1 ${'0'.repeat(32)}\n`;
  const mark = `@${'0'.repeat(32)}`;
  const bodies = [
    '',
    `${mark} sockets\nP\n`,
    `${mark} sample 1\n${mark} files\nproc/net/snmp\n${mark} sockets\nL x y z\nQ\n`,
    `${mark} sample 1\n${mark} malformed\n${mark} real\n${mark} files\n`,
    `${mark} files\n${mark} malformed\n${mark} bounded x\n`,
  ];
  for (const body of bodies) {
    const read = readFrames(`${header}${body}${mark} end\n`);
    expect(read.ok, body).toBe(true);
    if (read.ok) expect(buildSnapshot(read.frames).sockets.state).not.toBe('ok');
  }
  expect(readFrames(`${header}${mark} sample 1\n${mark} end\n`)).toMatchObject({ ok: false, why: 'no-sentinel' });
});

it('hosts that print the same share what is made of it', () => {
  const header = `synaudit-collector/1 ${'0'.repeat(32)}\n`;
  const mark = `@${'0'.repeat(32)}`;
  const output = (uptime: number): string =>
    `${header}${mark} sample 1\n${mark} directory proc/sys/net/ipv4\n${mark} files\nproc/uptime:${uptime}.00 1.00\n` +
    `proc/sys/net/ipv4/tcp_tw_recycle:1\n${mark} end\n`;
  const [one, other] = [100, 200].map(uptime => {
    const read = readFrames(output(uptime));
    if (!read.ok) throw new Error(read.why);
    return buildSnapshot(read.frames);
  });
  expect(one?.settings).toBe(other?.settings);
  expect(one?.settings.get('net.ipv4.tcp_tw_recycle')).toEqual({ state: 'ok', value: '1' });
  expect(one?.samples[0].uptimeSeconds).not.toEqual(other?.samples[0].uptimeSeconds);
});
